#include "jetpinn/io/vtk_table.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/row_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/vtk_cloud.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::VtkCloud;
using testing::VtkStyle;

// Points on the unit circle; every value tells its array and its row.
struct Circle {
  std::vector<double> places, normals, u;

  explicit Circle(int rows) {
    for (int row = 0; row < rows; ++row) {
      const double angle = 0.1 + 0.618 * row;
      for (auto* vector : {&places, &normals}) vector->insert(vector->end(), {std::cos(angle), std::sin(angle), 0});
      u.push_back(row / 3.0);
    }
  }
  std::vector<VtkCloud::Array> arrays() const { return {{"Normals", 3, normals}, {"u", 1, u}, {"v", 2, first(2)}}; }
  std::vector<double> first(std::size_t components) const {
    return {places.begin(), places.begin() + static_cast<std::ptrdiff_t>(components * u.size())};
  }
};

std::vector<double> column_of(VtkTableReader& table, const std::string& name) {
  table.check_column(name);
  std::vector<double> values(static_cast<std::size_t>(table.rows()));
  table.read(name, 0, table.rows(), values.data());
  return values;
}

std::vector<VtkStyle> all_styles() {
  std::vector<VtkStyle> styles;
  for (const char* format : {"ascii", "binary", "appended"})
    for (const char* encoding : {"raw", "base64"})
      for (int bits = 0; bits < 16; ++bits) {
        if (std::string(format) != "appended" && std::string(encoding) == "raw") continue;
        VtkStyle style{format, encoding, (bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0, (bits & 8) > 0};
        style.kind = bits % 3 == 0 ? "PolyData" : "UnstructuredGrid";
        styles.push_back(style);
      }
  return styles;
}

TEST(VtkTable, EveryEncodingHoldsTheSameNumbers) {
  for (const int rows : {1, 2, 333})
    for (const VtkStyle& style : all_styles()) {
      const Circle circle(rows);
      VtkTableReader table(VtkCloud(style).text(circle.places, circle.arrays()), "a.vtu");
      ASSERT_EQ(table.rows(), rows);
      const bool single = style.single;
      EXPECT_EQ(table.single("x"), single);
      const auto stored = [&](double value) {
        return single && style.format != "ascii" ? static_cast<double>(static_cast<float>(value)) : value;
      };
      const std::vector<double> x = column_of(table, "x"), y = column_of(table, "y"), n = column_of(table, "n_y"),
                                u = column_of(table, "u"), v = column_of(table, "v_y");
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_EQ(x[i], stored(circle.places[3 * i])) << style.format << style.encoding << style.zlib << style.wide;
        ASSERT_EQ(y[i], stored(circle.places[3 * i + 1]));
        ASSERT_EQ(n[i], stored(circle.normals[3 * i + 1]));
        ASSERT_EQ(u[i], stored(circle.u[i]));
        ASSERT_EQ(v[i], stored(circle.places[2 * i + 1]));
      }
    }
}

TEST(VtkTable, NamesOfColumns) {
  const Circle circle(3);
  std::vector<VtkCloud::Array> arrays = circle.arrays();
  arrays.push_back({"tensor", 4, std::vector<double>(12, 1)});
  VtkTableReader table(VtkCloud({}).text(circle.places, arrays), "a.vtu");
  EXPECT_EQ(table.names(),
            (std::vector<std::string>{"u", "x", "y", "z", "n_x", "n_y", "n_z", "Normals_x", "Normals_y", "Normals_z", "v_x",
                                      "v_y", "tensor_0", "tensor_1", "tensor_2", "tensor_3"}));
  EXPECT_FALSE(table.has("w"));
  expect_error(Status::usage, {"a.vtu", "no column 'w'"}, [&] { table.check_column("w"); });
  EXPECT_GT(table.held_bytes(), 0);
}

// As jetpinn's own clouds have them: coordinates are arrays, whichever axes show them.
TEST(VtkTable, AnArrayOfThatNameComesBeforeAPartOfOne) {
  const Circle circle(3);
  VtkTableReader table(
      VtkCloud({}).text(circle.places, {{"Normals", 3, circle.normals}, {"y", 1, {7, 8, 9}}, {"n_x", 1, {4, 5, 6}}}),
      "a.vtp");
  EXPECT_EQ(column_of(table, "y"), (std::vector<double>{7, 8, 9}));
  EXPECT_EQ(column_of(table, "n_x"), (std::vector<double>{4, 5, 6}));
  EXPECT_EQ(column_of(table, "x")[0], circle.places[0]);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(VtkTable, NormalsHaveTheNameThatTheFileGives) {
  const Circle circle(3);
  const std::string text = VtkCloud({}).text(circle.places, {{"outward", 3, circle.normals}, {"Normals", 3, circle.places}});
  VtkTableReader named(replaced(text, "<PointData>", "<PointData Normals=\"outward\">"), "a.vtu");
  EXPECT_EQ(column_of(named, "n_x")[1], circle.normals[3]);
  EXPECT_EQ(named.names()[3], "n_x");
  VtkTableReader none(VtkCloud({}).text(circle.places, {{"outward", 3, circle.normals}}), "a.vtu");
  EXPECT_FALSE(none.has("n_x"));
}

TEST(VtkTable, PiecesFollowOneAnother) {
  const Circle circle(3);
  std::string text = VtkCloud({}).text(circle.places, circle.arrays());
  const std::size_t begin = text.find("    <Piece"), end = text.find("    </Piece>\n") + 13;
  const std::string piece = text.substr(begin, end - begin);
  VtkTableReader table(std::string(text).insert(end, piece), "a.vtu");
  EXPECT_EQ(table.rows(), 6);
  EXPECT_EQ(column_of(table, "u"), (std::vector<double>{0, 1 / 3.0, 2 / 3.0, 0, 1 / 3.0, 2 / 3.0}));
  VtkTableReader other(std::string(text).insert(end, replaced(piece, "\"u\"", "\"w\"")), "a.vtu");
  EXPECT_EQ(column_of(other, "x").size(), 6U);
  expect_error(Status::usage, {"piece 2 has no array 'u'"}, [&] { other.check_column("u"); });
}

void expect_refused(const std::string& text, const std::vector<std::string>& words) {
  expect_error(Status::usage, words, [&] {
    VtkTableReader table(text, "a.vtu");
    for (const std::string& column : table.names()) column_of(table, column);
  });
}

TEST(VtkTable, WhatIsNoFileOfPointsIsRefused) {
  const Circle circle(3);
  const std::string text = VtkCloud({}).text(circle.places, circle.arrays());
  expect_refused("", {"a.vtu", "does not begin with <VTKFile>"});
  expect_refused("# vtk DataFile Version 3.0\nASCII", {"it is no XML file", "line 1"});
  expect_refused(replaced(replaced(text, "type=\"UnstructuredGrid\"", "type=\"ImageData\""), "x", "x"),
                 {"it holds 'ImageData'", ".vtu or .vtp"});
  expect_refused(replaced(text, "LittleEndian", "BigEndian"), {"order of other machines", "ParaView"});
  expect_refused(replaced(text, "NumberOfPoints=\"3\"", "NumberOfPoints=\"0\""), {"holds no points"});
  expect_refused(replaced(text, "NumberOfPoints=\"3\"", "NumberOfPoints=\"-3\""), {"'-3'", "whole number"});
  expect_refused(replaced(text, "NumberOfPoints=\"3\"", "NumberOfPoints=\"4\""), {"array 'u'", "3 numbers", "take 4"});
  expect_refused(replaced(text, "NumberOfPoints=\"3\"", "NumberOfPoints=\"2000\""), {"array 'u'", "characters"});
  expect_refused(replaced(text, "NumberOfPoints=\"3\"", "NumberOfPoints=\"200000000000\""),
                 {"array 'u'", "names 200000000000 points", "cannot hold so many"});
  expect_refused(replaced(text, "UInt64", "UInt16"), {"header_type"});
  expect_refused(replaced(text, "</Piece>", "</Peace>"), {"closes <Piece>"});
  expect_refused("<!DOCTYPE a [<!ENTITY b \"c\">]>" + text, {"document types"});
  expect_refused(replaced(text, "Float64", "Float128"), {});
  expect_refused(replaced(text, "<PointData>", "<PointData a=\"1\" a=\"2\">"), {"'a' stands twice"});
  expect_refused(replaced(text, "<Points>", "<Pointes>"), {"<Pointes>"});
  expect_refused(replaced(text, "0.33333333333333331", "0.3x"), {"array 'u'", "'0.3x' is no number"});
  expect_refused(replaced(text, "0.33333333333333331", "nan"), {"column 'u': row 1 is not a finite number"});
}

// Every beginning of a file, in every way it may be written, is refused or says nothing else than the whole.
TEST(VtkTable, FilesThatAreCutOffAreRefused) {
  const Circle circle(40);
  for (const VtkStyle& style : all_styles()) {
    const std::string text = VtkCloud(style).text(circle.places, circle.arrays());
    for (std::size_t size = 0; size + 12 < text.size(); size += 97) expect_refused(text.substr(0, size), {"a.vtu"});
  }
}

TEST(VtkTable, CountsThatLieTakeNoMemory) {
  const Circle circle(40);
  for (VtkStyle style : all_styles()) {
    if (style.format == "ascii") continue;
    const std::string text = VtkCloud(style).text(circle.places, circle.arrays());
    expect_refused(replaced(text, "NumberOfPoints=\"40\"", "NumberOfPoints=\"100000000000000\""), {"a.vtu", "array"});
    if (style.format != "appended") continue;
    expect_refused(replaced(text, "offset=\"0\"", "offset=\"99999999\""), {});
    if (style.encoding != "raw") continue;
    std::string broken = text;
    const std::size_t first = broken.find('_', broken.find("<AppendedData")) + 1;
    for (std::size_t k = 0; k < 4; ++k) broken[first + k] = '\xff';
    VtkTableReader table(broken, "a.vtu");
    expect_error(Status::usage, {"array 'Normals'"}, [&] { table.check_column("n_x"); });
  }
}

// A few bytes of zlib hold thousands of numbers, and each piece may name the same ones.
TEST(VtkTable, PiecesThatShareBytesTakeNoMoreThanTheFileExplains) {
  const std::vector<double> zeros(3 * 1'000'000);
  VtkStyle style{"appended"};
  style.zlib = true;
  std::string text = VtkCloud(style).text(zeros, {});
  const std::size_t begin = text.find("    <Piece"), end = text.find("    </Piece>\n") + 13;
  const std::string piece = text.substr(begin, end - begin);
  std::string many;
  for (int k = 1; k < 2000; ++k) many += piece;
  VtkTableReader table(text.insert(end, many), "a.vtu");
  EXPECT_EQ(table.rows(), 2'000'000'000);
  expect_error(Status::usage, {"array 'Points'", "cannot hold so many"}, [&] { table.check_column("x"); });
}

TEST(VtkTable, OtherCompressorsSayWhatToDo) {
  const Circle circle(40);
  VtkStyle style{"appended"};
  style.zlib = true;
  const std::string text = VtkCloud(style).text(circle.places, circle.arrays());
  expect_refused(replaced(text, "vtkZLibDataCompressor", "vtkLZ4DataCompressor"),
                 {"compressed by 'vtkLZ4DataCompressor'", "ZLib or without compression"});
}

TEST(VtkTable, TheEndingChooses) {
  const testing::TemporaryFolder folder;
  const Circle circle(3);
  write_text_file(folder.file("a.vtu"), VtkCloud({}).text(circle.places, circle.arrays()));
  const std::unique_ptr<RowTable> table = open_row_table(folder.file("a.vtu"));
  table->check_column("x");
  EXPECT_EQ(table->rows(), 3);
  EXPECT_TRUE(is_vtk("b.VTP"));
  EXPECT_TRUE(is_vtk("b.vti"));
  EXPECT_FALSE(is_vtk("b.h5"));
  expect_error(Status::usage, {"no such file"}, [&] { open_row_table(folder.file("b.vtu")); });
}

}  // namespace
}  // namespace jetpinn
