#include "jetpinn/io/hdf5_disk.hpp"

#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn::hdf5 {
namespace {

struct Disk : H5FD_t {
  int descriptor = -1;
  int* failure = nullptr;
  haddr_t allocated = 0, written = 0;  // ends of what the library has room for, and of what it has written
  std::vector<std::pair<haddr_t, std::string>>
      kept;  // what the library says of its own after a failure: it reads that again

  void note(int code) const {
    if (*failure == 0) *failure = code != 0 ? code : EIO;
  }
};

Disk& disk_of(H5FD_t* file) { return *static_cast<Disk*>(file); }
const Disk& disk_of(const H5FD_t* file) { return *static_cast<const Disk*>(file); }

// How far an access came: fewer bytes than asked for, without errno, is the end of a file that is read.
struct Access {
  std::size_t done = 0;
  int code = 0;  // errno
};

// f(bytes done) for a part of `size` bytes, until all are done or one fails.
template <class F>
Access in_parts(std::size_t size, const F& f) {
  Access access;
  while (access.done < size) {
    const ssize_t part = f(access.done);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) access.code = errno;
    if (part <= 0) break;
    access.done += static_cast<std::size_t>(part);
  }
  return access;
}

H5FD_t* open_disk(const char* name, unsigned, hid_t access, haddr_t) {
  auto* disk = new (std::nothrow) Disk{};
  if (!disk) return nullptr;
  disk->failure = *static_cast<int* const*>(H5Pget_driver_info(access));
  disk->descriptor = ::open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (disk->descriptor >= 0) return disk;
  disk->note(errno);
  delete disk;
  return nullptr;
}

herr_t close_disk(H5FD_t* file) {
  Disk& disk = disk_of(file);
  if (::close(disk.descriptor) != 0) disk.note(errno);
  delete &disk;
  return 0;
}

herr_t read_disk(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  const Disk& disk = disk_of(file);
  char* to = static_cast<char*>(buffer);
  const auto [done, code] = in_parts(size, [&](std::size_t from) {
    return ::pread(disk.descriptor, to + from, size - from, static_cast<off_t>(address + from));
  });
  if (code != 0) disk.note(code);
  std::memset(to + done, 0, size - done);  // behind the end of the file, or what could not be read
  for (const auto& [place, bytes] : disk.kept) {
    const haddr_t begin = std::max(place, address), end = std::min(place + bytes.size(), address + size);
    if (begin < end) std::memcpy(to + (begin - address), bytes.data() + (begin - place), end - begin);
  }
  return 0;
}

herr_t write_disk(H5FD_t* file, H5FD_mem_t type, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  Disk& disk = disk_of(file);
  const char* from = static_cast<const char*>(buffer);
  if (*disk.failure == 0) {
    const auto [done, code] = in_parts(size, [&](std::size_t begin) {
      return ::pwrite(disk.descriptor, from + begin, size - begin, static_cast<off_t>(address + begin));
    });
    if (done < size) disk.note(code);
  }
  disk.written = std::max(disk.written, address + size);
  if (*disk.failure == 0 || type == H5FD_MEM_DRAW) return 0;
  try {
    disk.kept.emplace_back(address, std::string(from, size));
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return 0;
}

herr_t truncate_disk(H5FD_t* file, hid_t, hbool_t) {
  Disk& disk = disk_of(file);
  if (disk.allocated == disk.written) return 0;
  if (*disk.failure == 0 && ::ftruncate(disk.descriptor, static_cast<off_t>(disk.allocated)) != 0) disk.note(errno);
  disk.written = disk.allocated;
  return 0;
}

// As the library's own driver of POSIX files lays a file out.
H5FD_class_t make_class() {
  H5FD_class_t made{};
#if H5_VERSION_GE(1, 13, 0)
  made.version = H5FD_CLASS_VERSION;
  made.value = static_cast<H5FD_class_value_t>(512);  // of drivers that are registered nowhere
#endif
  made.name = "jetpinn";
  made.maxaddr = (haddr_t{1} << (8 * sizeof(off_t) - 1)) - 1;
  made.fc_degree = H5F_CLOSE_WEAK;
  made.fapl_size = sizeof(int*);
  made.open = open_disk;
  made.close = close_disk;
  made.query = [](const H5FD_t*, unsigned long* flags) -> herr_t {
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
  };
  made.get_eoa = [](const H5FD_t* file, H5FD_mem_t) { return disk_of(file).allocated; };
  made.set_eoa = [](H5FD_t* file, H5FD_mem_t, haddr_t address) -> herr_t {
    disk_of(file).allocated = address;
    return 0;
  };
  made.get_eof = [](const H5FD_t* file, H5FD_mem_t) { return disk_of(file).written; };
  made.read = read_disk;
  made.write = write_disk;
  made.truncate = truncate_disk;
  constexpr H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), made.fl_map);
  return made;
}

hid_t driver() {
  static const H5FD_class_t made = make_class();
  static const hid_t id = H5FDregister(&made);
  return id;
}

}  // namespace

Handle silent_disk_access(int* failure) {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), close_properties);
  H5Pset_driver(access.get(), driver(), &failure);
  return access;
}

}  // namespace jetpinn::hdf5
