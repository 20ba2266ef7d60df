// Bytes as a file of points for VTK: its columns are read or refused, without more memory than its size explains.
#include "jetpinn/io/vtk_table.hpp"

#include "fuzz/expect.hpp"

#include <cmath>
#include <string>
#include <vector>

using namespace jetpinn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::usage_errors_only([&] {
    VtkTableReader table({reinterpret_cast<const char*>(data), size}, "a.vtu");
    fuzz::expect(table.rows() > 0, "a table without rows");
    for (const std::string& name : table.names())
      fuzz::usage_errors_only([&] {
        table.check_column(name);
        // Bound of deflate: a byte stands for 1032 at most, and a value has one at least.
        fuzz::expect(static_cast<std::size_t>(table.rows()) <= 1040 * size, "more values than the file can hold");
        double value = 0;
        table.read(name, table.rows() - 1, 1, &value);
        fuzz::expect(std::isfinite(value), "a value that is not finite");
      });
  });
  return 0;
}
