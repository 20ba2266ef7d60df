#include "jetpinn/io/row_table.hpp"

#include "jetpinn/io/csv_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

using testing::expect_error;

// One table in both formats.
class RowTables : public ::testing::Test {
 protected:
  std::vector<std::string> files(const PointTable& table) const {
    write_point_table(folder_.file("a.h5"), table);
    CsvTableWriter csv(folder_.file("a.csv"), table.names);
    std::vector<double> values;
    for (const auto& column : table.columns) values.insert(values.end(), column.begin(), column.end());
    csv.write(0, table.rows(), values.data(), table.rows());
    csv.finish();
    return {folder_.file("a.h5"), folder_.file("a.csv")};
  }
  const testing::TemporaryFolder folder_;
};

TEST_F(RowTables, BothFormatsHoldTheSameNumbers) {
  PointTable table;
  table.names = {"u", "x"};
  for (int i = 0; i < 2; ++i) table.columns.emplace_back();
  for (int row = 0; row < 100; ++row) {
    table.columns[0].push_back(std::sin(row) / 3);
    table.columns[1].push_back(0.1 * row);
  }
  for (const std::string& path : files(table)) {
    const auto file = open_row_table(path);
    EXPECT_EQ(file->names(), table.names) << path;
    EXPECT_TRUE(file->has("u"));
    EXPECT_FALSE(file->has("v"));
    file->check_column("u"), file->check_column("x");
    EXPECT_EQ(file->rows(), 100);
    EXPECT_FALSE(file->single("u"));
    EXPECT_EQ(file->held_bytes(), is_csv(path) ? 1600 : 0) << path;
    std::vector<double> part(7);
    file->read("u", 20, 7, part.data());
    for (std::size_t i = 0; i < part.size(); ++i) EXPECT_EQ(part[i], table.columns[0][20 + i]) << path;
    expect_error(Status::usage, {path, "'v'"}, [&] { file->check_column("v"); });
  }
}

TEST_F(RowTables, WhatIsNotFiniteIsNamedWithItsRow) {
  PointTable table;
  table.names = {"x"};
  table.columns = {{0, 1, NAN, 3}};
  for (const std::string& path : files(table)) {
    const auto file = open_row_table(path);
    file->check_column("x");
    std::vector<double> part(4);
    file->read("x", 0, 2, part.data());
    expect_error(Status::usage, {path, "'x'", "row 2"}, [&] { file->read("x", 1, 3, part.data()); });
  }
}

TEST_F(RowTables, TextIsRefusedWhereItIsRead) {
  std::ofstream(folder_.file("a.csv")) << "x,note\n1e-400,good\n1,bad\n";
  const auto file = open_row_table(folder_.file("a.csv"));
  file->check_column("x");
  std::vector<double> values(2);
  file->read("x", 0, 2, values.data());
  EXPECT_EQ(values, (std::vector<double>{0, 1}));
  expect_error(Status::usage, {"a.csv, line 2", "'good' in column 'note' is not a number"},
               [&] { file->check_column("note"); });
}

TEST_F(RowTables, WhatCannotBeReadIsRefused) {
  for (const char* name : {"none.csv", "none.h5"})
    expect_error(Status::usage, {name, "no such file"}, [&] { open_row_table(folder_.file(name)); });
  std::ofstream(folder_.file("text.dat")) << "x,u\n1,2\n";
  expect_error(Status::usage, {"text.dat", "not an HDF5 file"}, [&] { open_row_table(folder_.file("text.dat")); });
  std::filesystem::create_directory(folder_.file("folder.csv"));
  expect_error(Status::usage, {"folder.csv", "no regular file"}, [&] { open_row_table(folder_.file("folder.csv")); });
}

}  // namespace
}  // namespace jetpinn
