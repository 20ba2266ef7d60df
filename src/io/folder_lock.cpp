#include "jetpinn/io/folder_lock.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/profile/host.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace jetpinn {
namespace {

std::string holder_in(int descriptor) {
  char text[256];
  const ssize_t length = ::pread(descriptor, text, sizeof text, 0);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) {
  const std::string path = folder + "/.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0)
    throw Error(Status::usage, "cannot write " + path + ": " + std::strerror(errno) +
                                   "; change the permissions of the run folder or choose " + "another one with --output");
  int result = ::flock(descriptor_, LOCK_EX | LOCK_NB);
  if (result != 0 && errno == EWOULDBLOCK) {   // who only asks whether it is held (below) holds it for a moment
    ::usleep(20000);
    result = ::flock(descriptor_, LOCK_EX | LOCK_NB);
  }
  if (result != 0) {
    if (errno != EWOULDBLOCK) return;
    const std::string holder = holder_in(descriptor_);
    ::close(descriptor_);
    throw Error(Status::usage, "another process trains in the run folder " + folder + " (" + holder +
                                   "); wait for its end, or choose another --output");
  }
  const std::string me = "host " + host_name() + " pid " + std::to_string(process_id());
  // Who holds it, for the message above: a courtesy that may fail.
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, me.data(), me.size(), 0) < 0) return;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FolderLock::is_held(const std::string& folder) {
  const int descriptor = ::open((folder + "/.lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

}  // namespace jetpinn
