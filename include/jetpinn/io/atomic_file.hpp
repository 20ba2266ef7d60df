// Files that appear whole or not at all: written beside their place, flushed to the disk, renamed.
#pragma once

#include "jetpinn/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace jetpinn {

// The temporary twin of a file. Removed unless committed.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::string& path() const { return path_; }             // where it will be
  const std::string& temporary() const { return temporary_; }   // where to write
  void commit(Status on_failure = Status::storage);             // the temporary file must be closed

 private:
  std::string path_, temporary_;
  bool committed_ = false;
};

// `on_failure` is the status of the Error: usage while a command starts, storage later.
void write_text_file(const std::string& path, const std::string& text, Status on_failure = Status::storage);
std::string read_text_file(const std::string& path);   // Error (usage)
bool is_file(const std::string& path);                 // a regular one, or a link to one
bool is_folder(const std::string& path);               // or a link to one

// What a file holds, at most `most` bytes of it. An error in its middle is not its end: then `code` is errno and the text
// what was read before. 0: all was read.
struct FileText {
  std::string text;
  int code = 0;
};
FileText file_text(const std::string& path, std::size_t most = std::numeric_limits<std::size_t>::max());

// What a user can do about errno `code` of a file that is read, for the end of a message.
std::string way_to_read(int code);

// Throws Error: errno `code` while reading `path`.
[[noreturn]] void fail_to_read(const std::string& path, int code, Status status = Status::usage);

// How long a file is. Throws Error where that cannot be told.
std::int64_t file_bytes(const std::string& path, Status on_failure = Status::storage);

// Adds `text` to the end of a file, on the disk when this returns. What a kill leaves of it is its beginning. Error
// (storage)
void append_text_file(const std::string& path, const std::string& text);

// What a user can do about errno `code` of a file that is written, for the end of a message.
std::string way_to_write(int code);

// Throws Error: errno `code` while writing `path`.
[[noreturn]] void fail_to_write(const std::string& path, int code, Status status = Status::storage);

// Writes all of `data` at `place` of an open file. 0, or errno.
int code_of_writing(int descriptor, const void* data, std::int64_t bytes, std::int64_t place);

// The same; `path` is for messages. Error (storage)
void write_bytes(int descriptor, const std::string& path, const void* data, std::int64_t bytes, std::int64_t place);

// Reads `bytes` at `place` of an open file, all of them; `path` is for messages. Error (storage)
void read_bytes(int descriptor, const std::string& path, void* data, std::int64_t bytes, std::int64_t place);

// Flushes the names in a folder to the disk. Some file systems refuse; what the names stand for is whole all the same.
void flush_folder(const std::string& folder);

// Throws Error when a folder, a device or a pipe is at `path`: renaming a file onto it would fail, or take the device away.
void require_file_place(const std::string& path, Status on_failure = Status::usage);

// Throws Error (usage) when no file can be created in `folder`.
void check_writable(const std::string& folder);

}  // namespace jetpinn
