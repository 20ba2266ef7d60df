// A disk that takes its time, for LD_PRELOAD: flushing and writing files below $SLOW_DISK_FOLDER
// take $SLOW_DISK_SECONDS longer.
#include <dlfcn.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

bool is_slow(int file) {
  const char* folder = std::getenv("SLOW_DISK_FOLDER");
  if (!folder) return false;
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = 0;
  return std::strncmp(path, folder, std::strlen(folder)) == 0;
}

void wait_if_slow(int file) {
  const char* text = std::getenv("SLOW_DISK_SECONDS");
  if (!text || !is_slow(file)) return;
  const double seconds = std::strtod(text, nullptr);
  const auto whole = static_cast<std::time_t>(seconds);
  const timespec time{whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  nanosleep(&time, nullptr);
}

// What the name means behind this library.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int file) {
  static const auto next = real<int(int)>("fsync");
  wait_if_slow(file);
  return next(file);
}

int fdatasync(int file) {
  static const auto next = real<int(int)>("fdatasync");
  wait_if_slow(file);
  return next(file);
}

ssize_t write(int file, const void* data, size_t size) {
  static const auto next = real<ssize_t(int, const void*, size_t)>("write");
  wait_if_slow(file);
  return next(file, data, size);
}

ssize_t writev(int file, const iovec* parts, int count) {
  static const auto next = real<ssize_t(int, const iovec*, int)>("writev");
  wait_if_slow(file);
  return next(file, parts, count);
}

ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
  static const auto next = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  wait_if_slow(file);
  return next(file, data, size, offset);
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
  static const auto next = real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  wait_if_slow(file);
  return next(file, data, size, offset);
}

}
