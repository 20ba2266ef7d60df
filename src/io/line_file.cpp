#include "jetpinn/io/line_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace jetpinn {

LineFile::LineFile(std::string path, bool append)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? 0 : O_TRUNC), 0666)) {
  if (descriptor_ < 0) throw Error(Status::usage, "cannot write " + path_ + "; check the permissions of the run folder");
}

LineFile::~LineFile() { ::close(descriptor_); }

void LineFile::add(const std::string& line) const {
  const std::string text = line + "\n";
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  if (end < 0) fail_to_write(path_, errno);
  const int code = code_of_writing(descriptor_, text.data(), static_cast<std::int64_t>(text.size()), end);
  if (code == 0) return;
  // Half a line would be the beginning of the next one. Where it cannot be taken away, who reads skips both.
  [[maybe_unused]] const int cut = ::ftruncate(descriptor_, end);
  fail_to_write(path_, code);
}

}  // namespace jetpinn
