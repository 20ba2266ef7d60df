// Bytes as an HDF5 file in memory: a point table is read or refused, without more memory than its size explains.
#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/io/point_table.hpp"

#include "fuzz/expect.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

using namespace jetpinn;

namespace {

// A file without a name on any disk.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    fuzz::expect(descriptor_ >= 0, "no memory file");
    fuzz::expect(write(descriptor_, data, size) == static_cast<ssize_t>(size), "no memory file");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  fuzz::usage_errors_only([&] {
    const PointTable table = read_point_table(file.path(), {"t", "x", "u"});
    fuzz::expect(table.columns.size() == 3, "a column is missing");
    for (const auto& column : table.columns)
      fuzz::expect(column.size() == static_cast<std::size_t>(table.rows()), "lengths differ");
    // Bound of deflate: a byte stands for 1032 at most.
    fuzz::expect(static_cast<std::size_t>(table.rows()) * sizeof(double) <= 1040 * size,
                 "more values than the file can hold");
  });
  // The readers of a network's parameters and of a checkpoint's state.
  fuzz::usage_errors_only([&] {
    const hdf5::InputFile input(file.path());
    for (const std::string& name : input.members()) {
      fuzz::usage_errors_only([&] { input.shape(name); });
      fuzz::usage_errors_only([&] {
        double value = 0;
        input.require(name, hdf5::InputFile::Type::real, 1);
        input.read(name, hdf5::InputFile::Type::real, 0, 1, &value);
      });
    }
  });
  return 0;
}
