#include "jetpinn/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

std::string parent_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// 0, or errno.
int flush_to_disk(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags);
  if (descriptor < 0) return errno;
  const int result = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return result;
}

// What whoever reads or writes can do about errno `code`: `last`, where the disk fails, and `other` about all else.
std::string way_out(int code, const std::string& last, const std::string& other) {
  switch (code) {
    case EMFILE:
    case ENFILE:
      return "raise the limit on open files (ulimit -n)";
    case EIO:
    case ENXIO:
    case ESTALE:
      return "check the disk and its file system, or " + last;
    default:
      return other;
  }
}

[[noreturn]] void fail_to(const char* what, const std::string& path, int code, const std::string& way, Status status) {
  throw Error(status, fmt::format("cannot {} {}: {}; {}", what, path, std::strerror(code), way));
}

// Moves `bytes` by calls of part(done), each of which moves some and returns as read() and write() do. 0, or errno; `at_end`
// where nothing moves any more.
template <class Part>
int move_all(std::int64_t bytes, int at_end, const Part& part) {
  for (std::int64_t done = 0; done < bytes;) {
    const ssize_t moved = part(done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return moved < 0 ? errno : at_end;
    done += moved;
  }
  return 0;
}

constexpr int cut_off = -1;  // no errno

}  // namespace

std::string way_to_write(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "free some space or write elsewhere";
    case EFBIG:
      return "raise the limit on the size of files (ulimit -f) or write elsewhere";
    case ENAMETOOLONG:
      return "choose a shorter name";
    default:
      return way_out(code, "write elsewhere", "check that its folder exists and may be written");
  }
}

std::string way_to_read(int code) {
  return way_out(code, "put back a copy", code == EACCES || code == EPERM ? "check its permissions" : "check the path");
}

void fail_to_write(const std::string& path, int code, Status status) {
  fail_to("write", path, code, way_to_write(code), status);
}

void fail_to_read(const std::string& path, int code, Status status) {
  fail_to("read", path, code, way_to_read(code), status);
}

int code_of_writing(int descriptor, const void* data, std::int64_t bytes, std::int64_t place) {
  return move_all(bytes, EIO, [&](std::int64_t done) {
    return ::pwrite(descriptor, static_cast<const char*>(data) + done, static_cast<std::size_t>(bytes - done), place + done);
  });
}

void write_bytes(int descriptor, const std::string& path, const void* data, std::int64_t bytes, std::int64_t place) {
  if (const int code = code_of_writing(descriptor, data, bytes, place)) fail_to_write(path, code);
}

void read_bytes(int descriptor, const std::string& path, void* data, std::int64_t bytes, std::int64_t place) {
  const int code = move_all(bytes, cut_off, [&](std::int64_t done) {
    return ::pread(descriptor, static_cast<char*>(data) + done, static_cast<std::size_t>(bytes - done), place + done);
  });
  if (code != 0)
    throw Error(Status::storage, "cannot read " + path + ": " + (code == cut_off ? "it was cut off" : std::strerror(code)) +
                                     "; check the file and its file system");
}

void require_file_place(const std::string& path, Status on_failure) {
  std::error_code trouble;
  const fs::file_type kind = fs::status(path, trouble).type();
  if (kind == fs::file_type::regular || kind == fs::file_type::not_found || kind == fs::file_type::none) return;
  throw Error(on_failure, "cannot write " + path + ": it is " +
                              (kind == fs::file_type::directory ? "a folder" : "a device or a pipe") + "; name a file");
}

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), temporary_(path_ + ".tmp-" + std::to_string(::getpid())) {}

AtomicFile::~AtomicFile() {
  if (!committed_) std::remove(temporary_.c_str());
}

void AtomicFile::commit(Status on_failure) {
  require_file_place(path_, on_failure);
  if (const int code = flush_to_disk(temporary_, O_RDONLY)) fail_to_write(path_, code, on_failure);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail_to_write(path_, errno, on_failure);
  committed_ = true;
  flush_folder(parent_of(path_));
}

void flush_folder(const std::string& folder) { flush_to_disk(folder, O_RDONLY | O_DIRECTORY); }

void write_text_file(const std::string& path, const std::string& text, Status on_failure) {
  AtomicFile file(path);
  errno = 0;
  std::ofstream out(file.temporary(), std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) fail_to_write(path, errno != 0 ? errno : EIO, on_failure);
  file.commit(on_failure);
}

void append_text_file(const std::string& path, const std::string& text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) fail_to_write(path, errno);
  int code = move_all(static_cast<std::int64_t>(text.size()), EIO, [&](std::int64_t done) {
    return ::write(descriptor, text.data() + done, text.size() - static_cast<std::size_t>(done));
  });
  if (code == 0 && ::fsync(descriptor) != 0) code = errno;
  ::close(descriptor);
  if (code != 0) fail_to_write(path, code);
}

FileText file_text(const std::string& path, std::size_t most) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {{}, errno};
  const std::unique_ptr<const int, void (*)(const int*)> open(&descriptor, [](const int* file) { ::close(*file); });
  constexpr std::size_t piece = std::size_t{1} << 18;
  FileText file;
  struct stat facts {};
  if (::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode))
    file.text.reserve(std::min(most, static_cast<std::size_t>(facts.st_size) + piece));
  for (ssize_t part = 1; part > 0 && file.text.size() < most;) {
    const std::size_t done = file.text.size(), wanted = std::min(piece, most - done);
    file.text.resize(done + wanted);
    do part = ::read(descriptor, file.text.data() + done, wanted);
    while (part < 0 && errno == EINTR);
    if (part < 0) file.code = errno;
    file.text.resize(done + static_cast<std::size_t>(std::max<ssize_t>(part, 0)));
  }
  return file;
}

std::string read_text_file(const std::string& path) {
  FileText file = file_text(path);
  if (file.code == EISDIR) throw Error(Status::usage, path + " is a folder, a file is needed; name the file");
  if (file.code != 0) fail_to_read(path, file.code);
  return std::move(file.text);
}

std::int64_t file_bytes(const std::string& path, Status on_failure) {
  std::error_code trouble;
  const std::uintmax_t bytes = fs::file_size(path, trouble);
  if (trouble) fail_to_read(path, trouble.value(), on_failure);
  return static_cast<std::int64_t>(bytes);
}

bool is_file(const std::string& path) {
  std::error_code trouble;
  return fs::is_regular_file(path, trouble);
}

bool is_folder(const std::string& path) {
  std::error_code trouble;
  return fs::is_directory(path, trouble);
}

void check_writable(const std::string& folder) {
  AtomicFile probe(folder + "/.probe");   // removed again
  const int descriptor = ::open(probe.temporary().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (descriptor < 0)
    throw Error(Status::usage, "cannot write to the folder " + folder + ": " + std::strerror(errno) +
                                   "; change its permissions or choose another folder with --output");
  ::close(descriptor);
}

}  // namespace jetpinn
