#include "jetpinn/io/vtk_file.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace jetpinn {
namespace {

TEST(VtkFile, ArraysLieWhereTheirElementsSay) {
  const testing::TemporaryFolder folder;
  VtkArrays arrays;
  EXPECT_EQ(arrays.add("a < b", VtkArrays::Type::real, 2, 3),
            R"(<DataArray type="Float64" Name="a &lt; b" NumberOfComponents="3" format="appended" offset="0"/>)");
  EXPECT_NE(arrays.add("n", VtkArrays::Type::integer, 1)
                .find(R"(type="Int64" Name="n" NumberOfComponents="1" format="appended" offset="56")"),
            std::string::npos);
  const std::string path = folder.file("a.vti");
  VtkFile file(path, "<VTKFile>\n", arrays);
  const std::int64_t n = 77;
  file.write(arrays, 1, 0, 1, &n);
  file.release();
  const double values[6] = {1, 2, 3, 4, 5, 6};
  file.write(arrays, 0, 4, 2, values + 4);   // pieces in any order
  file.write(arrays, 0, 0, 4, values);
  file.finish();
  const std::string text = read_text_file(path);
  const std::size_t base = text.find('_') + 1;
  EXPECT_EQ(text.substr(0, base), "<VTKFile>\n  <AppendedData encoding=\"raw\">\n   _");
  std::int64_t length = 0, number = 0;
  std::memcpy(&length, text.data() + base, 8);
  EXPECT_EQ(length, 48);
  EXPECT_EQ(std::memcmp(text.data() + base + 8, values, 48), 0);
  std::memcpy(&length, text.data() + base + 56, 8);
  std::memcpy(&number, text.data() + base + 64, 8);
  EXPECT_EQ(length, 8);
  EXPECT_EQ(number, 77);
  EXPECT_EQ(text.substr(base + 72), "\n  </AppendedData>\n</VTKFile>\n");
  testing::expect_error(Status::storage, {"/nowhere/a.vti"}, [&] { VtkFile("/nowhere/a.vti", "", arrays); });
}

}  // namespace
}  // namespace jetpinn
