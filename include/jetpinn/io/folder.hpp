// What a command that is at work does to folders. A disk that is full or a place that may not be written is a failure of
// storage, which the standard library tells by exceptions of its own.
#pragma once

#include <string>

namespace jetpinn {

enum class Links { follow, copy };

// Each throws Error (storage), naming the path that cannot be written.
void make_folder(const std::string& folder);  // with its parents; it may be there
// A file, or a folder with all that is in it; files that are there are replaced.
void copy_all(const std::string& from, const std::string& to, Links links = Links::follow);
void move_file(const std::string& from, const std::string& to);  // or a folder
void remove_folder(const std::string& folder);                   // with all that is in it; it need not be there

// One of the names in a folder; empty: there are none but those of locks, which a command that ended early leaves.
// Error (usage): the folder cannot be read.
std::string name_in(const std::string& folder);

}  // namespace jetpinn
