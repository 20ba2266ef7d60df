// A line in a table that says what wrote it, so that the same command may write it anew, and nothing else is written over.
#pragma once

#include <optional>
#include <string>

namespace jetpinn {

// The mark of an HDF5 file: the text attribute `kind` of its root. Nothing: it has none, or the file cannot be read.
std::optional<std::string> table_mark(const std::string& path, const std::string& kind);

// Throws Error (usage) where a file is at `path` whose mark of this kind is another one, or that has none.
void require_own_table(const std::string& path, const std::string& kind, const std::string& mark);

}  // namespace jetpinn
