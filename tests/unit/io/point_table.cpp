#include "jetpinn/io/point_table.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

PointTable sample_table(std::int64_t rows) {
  PointTable table;
  table.names = {"t", "x", "u"};
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    table.columns.emplace_back(static_cast<std::size_t>(rows));
    std::iota(table.columns.back().begin(), table.columns.back().end(), 1000.0 * static_cast<double>(c) + 0.1);
  }
  return table;
}

// A dataset as no sound program would write it.
void write_raw(const std::string& path, const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
               const void* data, hid_t layout = H5P_DEFAULT) {
  const bool exists = std::filesystem::exists(path);
  const hid_t file = exists ? H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                            : H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t set = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
  if (data) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  H5Dclose(set);
  H5Sclose(space);
  H5Fclose(file);
}

TEST(PointTable, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  for (std::int64_t rows : {0, 1, 63, 65536, 65537, 200001}) {
    const PointTable table = sample_table(rows);
    write_point_table(folder.file("t.h5"), table, {{"source", "a test"}});
    const PointTable again = read_point_table(folder.file("t.h5"), {"u", "t"});
    EXPECT_EQ(again.rows(), rows);
    EXPECT_EQ(again.column("u"), table.column("u"));
    EXPECT_EQ(again.column("t"), table.column("t"));
  }
}

TEST(PointTable, WriterTakesRowsInAnyOrder) {
  const TemporaryFolder folder;
  const PointTable table = sample_table(10);
  PointTableWriter writer(folder.file("t.h5"), table.names, 10);
  const std::vector<double> late{5.1,    6.1,    7.1,    8.1,    9.1,    1005.1, 1006.1, 1007.1,
                                 1008.1, 1009.1, 2005.1, 2006.1, 2007.1, 2008.1, 2009.1};
  const std::vector<double> early{0.1,    1.1,    2.1,    3.1,    4.1,    1000.1, 1001.1, 1002.1,
                                  1003.1, 1004.1, 2000.1, 2001.1, 2002.1, 2003.1, 2004.1};
  writer.write(5, 5, late.data(), 5);
  writer.write(0, 5, early.data(), 5);
  writer.finish();
  EXPECT_EQ(read_point_table(folder.file("t.h5"), table.names).columns, table.columns);
}

TEST(PointTable, UnfinishedTableLeavesTheOldOneAndNoTemporaryFile) {
  const TemporaryFolder folder;
  write_point_table(folder.file("t.h5"), sample_table(3));
  { PointTableWriter writer(folder.file("t.h5"), {"t"}, 5); }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"t.h5"});
  EXPECT_EQ(read_point_table(folder.file("t.h5"), {"u"}).rows(), 3);
}

TEST(PointTable, SaysWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  expect_error(Status::usage, {"nowhere.h5", "no such file"}, [&] { read_point_table(folder.file("nowhere.h5"), {"t"}); });
  expect_error(Status::usage, {folder.path(), "folder"}, [&] { read_point_table(folder.path(), {"t"}); });
  std::ofstream(folder.file("text.h5")) << "t,x,u\n0,0,0\n";
  expect_error(Status::usage, {"text.h5", "not an HDF5 file"}, [&] { read_point_table(folder.file("text.h5"), {"t"}); });
}

TEST(PointTable, TruncatedFileIsRefusedAtEveryLength) {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  write_point_table(path, sample_table(1000));
  const auto whole = std::filesystem::file_size(path);
  for (double share : {0.99, 0.5, 0.1, 0.01, 0.0}) {
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(share * static_cast<double>(whole)));
    expect_error(Status::usage, {"t.h5"}, [&] { read_point_table(path, {"t", "x", "u"}); });
  }
}

TEST(PointTable, SaysWhatIsWrongWithAColumn) {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  write_point_table(path, sample_table(4));
  expect_error(Status::usage, {"'v'", "not in the file", "t, u, x"}, [&] { read_point_table(path, {"t", "v"}); });

  const std::vector<std::int64_t> whole{1, 2, 3, 4};
  write_raw(path, "count", H5T_NATIVE_INT64, {4}, whole.data());
  expect_error(Status::usage, {"'count'", "integers", "float64"}, [&] { read_point_table(path, {"count"}); });

  const std::vector<double> numbers(6, 1.0);
  write_raw(path, "short", H5T_NATIVE_DOUBLE, {3}, numbers.data());
  expect_error(Status::usage, {"'short'", "3 rows", "'t' has 4"}, [&] { read_point_table(path, {"t", "short"}); });
  write_raw(path, "matrix", H5T_NATIVE_DOUBLE, {2, 3}, numbers.data());
  expect_error(Status::usage, {"'matrix'", "2 dimensions"}, [&] { read_point_table(path, {"matrix"}); });

  const std::vector<double> bad{1, 2, std::numeric_limits<double>::quiet_NaN(), 4};
  write_raw(path, "bad", H5T_NATIVE_DOUBLE, {4}, bad.data());
  expect_error(Status::usage, {"'bad'", "row 2", "finite"}, [&] { read_point_table(path, {"t", "bad"}); });
}

TEST(PointTable, SinglePrecisionIsConverted) {
  const TemporaryFolder folder;
  const std::vector<float> values{0.5f, 1.5f};
  write_raw(folder.file("f.h5"), "u", H5T_NATIVE_FLOAT, {2}, values.data());
  EXPECT_EQ(read_point_table(folder.file("f.h5"), {"u"}).column("u"), (std::vector<double>{0.5, 1.5}));
}

TEST(PointTable, ClaimedSizesTakeNoMemory) {
  const TemporaryFolder folder;
  // A header that promises 2^50 rows and holds none.
  write_raw(folder.file("huge.h5"), "u", H5T_NATIVE_DOUBLE, {hsize_t{1} << 50}, nullptr, [] {
    const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 1024;
    H5Pset_chunk(layout, 1, &chunk);
    return layout;
  }());
  expect_error(Status::usage, {"'u'", "none of its values was ever written", "huge.h5"},
               [&] { read_point_table(folder.file("huge.h5"), {"u"}); });
}

TEST(PointTable, LinksToOtherFilesAreRefused) {
  const TemporaryFolder folder;
  write_point_table(folder.file("other.h5"), sample_table(4));
  write_point_table(folder.file("t.h5"), sample_table(4));
  const hid_t file = H5Fopen(folder.file("t.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_external("other.h5", "/u", file, "v", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", file, "w", H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  expect_error(Status::usage, {"'v'", "another file"}, [&] { read_point_table(folder.file("t.h5"), {"v"}); });
  expect_error(Status::usage, {"'w'"}, [&] { read_point_table(folder.file("t.h5"), {"w"}); });
  expect_error(Status::usage, {"'g'", "not a dataset"}, [&] { read_point_table(folder.file("t.h5"), {"g"}); });
}

TEST(PointTable, FailureToCreateHasTheAskedStatus) {
  expect_error(Status::usage, {"/nowhere/t.h5"}, [] { PointTableWriter("/nowhere/t.h5", {"t"}, 1, {}, Status::usage); });
  expect_error(Status::storage, {"/nowhere/t.h5"}, [] { PointTableWriter("/nowhere/t.h5", {"t"}, 1); });
}

}  // namespace
}  // namespace jetpinn
