#include "jetpinn/io/open_table.hpp"

#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace jetpinn {
namespace {

using testing::expect_error;

enum class Layout { whole, chunks, compressed };

// 1000.5, 1001.5, ... in a type of the file.
void store(const std::string& path, const std::string& name, std::int64_t rows, hid_t type, Layout layout) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < rows; ++i) values.push_back(1000.5 + static_cast<double>(i));
  const hid_t file = std::filesystem::exists(path) ? H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                                                   : H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const auto extent = static_cast<hsize_t>(rows);
  const hsize_t chunk = 300;
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &extent, nullptr);
  if (layout != Layout::whole) H5Pset_chunk(creation, 1, &chunk);
  if (layout == Layout::compressed) H5Pset_deflate(creation, 4);
  const hid_t set = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  EXPECT_GE(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(creation);
  H5Fclose(file);
}

class Open : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::string file_ = folder_.file("set.h5");
};

TEST_F(Open, ReadsAnyRowsOfAnyLayoutAndType) {
  store(file_, "a", 2000, H5T_IEEE_F64LE, Layout::whole);
  store(file_, "b", 2000, H5T_IEEE_F64LE, Layout::chunks);
  store(file_, "c", 2000, H5T_IEEE_F32LE, Layout::whole);
  store(file_, "d", 2000, H5T_IEEE_F32LE, Layout::chunks);
  const OpenTable table(file_, {"a", "b", "c", "d"});
  EXPECT_EQ(table.rows(), 2000);
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_EQ(table.single(c), c >= 2);
    for (const auto& [first, count] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, 2000}, {0, 1}, {299, 2}, {300, 300}, {150, 1700}, {1999, 1}, {7, 0}}) {
      std::vector<double> out(static_cast<std::size_t>(count) + 1, -1);
      table.read(c, first, count, out.data());
      for (std::int64_t i = 0; i < count; ++i)
        ASSERT_EQ(out[static_cast<std::size_t>(i)], 1000.5 + static_cast<double>(first + i)) << c << " " << first;
      EXPECT_EQ(out.back(), -1);
    }
  }
}

TEST_F(Open, ReadsWhatOurOwnWriterWrites) {
  PointTable table;
  table.names = {"x"};
  table.columns.emplace_back();
  for (int i = 0; i < 200000; ++i) table.columns[0].push_back(i * 0.25);
  write_point_table(file_, table);
  const OpenTable open(file_, {"x"});
  std::vector<double> out(200000);
  open.read(0, 0, 200000, out.data());
  EXPECT_EQ(out, table.columns[0]);
}

TEST_F(Open, RefusesWhatDoesNotLieAsInMemory) {
  store(file_, "a", 2000, H5T_IEEE_F64LE, Layout::compressed);
  store(file_, "b", 2000, H5T_IEEE_F64BE, Layout::whole);
  expect_error(Status::usage, {file_, "'a'", "compressed", "h5repack"}, [&] { OpenTable(file_, {"a"}); });
  expect_error(Status::usage, {"'b'", "byte order"}, [&] { OpenTable(file_, {"b"}); });
  expect_error(Status::usage, {"'c'", "not in the file"}, [&] { OpenTable(file_, {"c"}); });
}

TEST_F(Open, NoticesThatTheFileIsWritten) {
  store(file_, "a", 2000, H5T_IEEE_F64LE, Layout::whole);
  const OpenTable table(file_, {"a"});
  EXPECT_FALSE(table.changed());
  std::filesystem::last_write_time(file_, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_TRUE(table.changed());
}

TEST_F(Open, AFileThatIsCutOffIsAFailureOfStorage) {
  store(file_, "a", 200000, H5T_IEEE_F64LE, Layout::whole);
  const OpenTable table(file_, {"a"});
  std::filesystem::resize_file(file_, 100000);
  std::vector<double> out(1000);
  table.read(0, 0, 1000, out.data());
  EXPECT_EQ(out[999], 1999.5);
  expect_error(Status::storage, {file_, "cut off"}, [&] { table.read(0, 150000, 1000, out.data()); });
}

}  // namespace
}  // namespace jetpinn
