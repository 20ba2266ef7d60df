#include "jetpinn/infer/parameter_values.hpp"

#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using testing::expect_error;

// Coordinates t and x, parameters Re and k.
SymbolTable symbols() {
  SymbolTable table;
  table.coordinates = {"t", "x", "Re", "k"};
  table.parameters = 2;
  table.constants = {{"base", 10}};
  return table;
}

TEST(ParameterValues, AreAxesOfOneValue) {
  EXPECT_TRUE(parse_parameter_values("", symbols()).empty());
  const std::vector<GridAxis> held = parse_parameter_values("k = pi/2, Re =2*base", symbols());
  ASSERT_EQ(held.size(), 2u);
  EXPECT_EQ(held[0].coordinate, 3);
  EXPECT_EQ(held[0].first, std::acos(-1.0) / 2);
  EXPECT_EQ(held[1].coordinate, 2);
  EXPECT_EQ(held[1].last, 20);
  EXPECT_EQ(held[1].count, 1);
  EXPECT_EQ(*held_value(held, 2), 20);
  EXPECT_EQ(held_value(held, 1), nullptr);
}

TEST(ParameterValues, RefuseWhatCannotBe) {
  const auto refused = [](const std::string& text, const std::vector<std::string>& words) {
    expect_error(Status::usage, words, [&] { parse_parameter_values(text, symbols()); });
  };
  refused("x=0.5", {"--at 'x=0.5'", "'x' is a coordinate"});
  refused("re=20", {"'re' is not a parameter", "did you mean 'Re'?"});
  refused("viscosity=1", {"there is Re, k"});
  refused("Re=20,Re=30", {"'Re' is given twice"});
  refused("Re", {"no '='"});
  refused("=3", {"'' is not a parameter"});
  refused("Re=much", {"'much' is not a number"});
  refused("Re=1e400", {"number"});
  refused("Re=20,,k=1", {"--at", "empty"});
  SymbolTable plain;
  plain.coordinates = {"t", "x"};
  expect_error(Status::usage, {"the problem has no parameters"}, [&] { parse_parameter_values("Re=20", plain); });
}

TEST(ParameterValues, ATableMayLeaveOutWhatIsHeld) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("points.h5");
  write_point_table(path, {{"t", "x", "k"}, {{0, 1}, {0, 1}, {2, 3}}});
  PointTableReader table(path, {});
  EXPECT_NO_THROW(check_inputs(table, symbols(), parse_parameter_values("Re=20", symbols())));
  expect_error(Status::usage, {path, "no column for the parameter 'Re'", "--at Re=VALUE"},
               [&] { check_inputs(table, symbols(), {}); });
  write_point_table(folder.file("bare.h5"), {{"t"}, {{0, 1}}});
  PointTableReader bare(folder.file("bare.h5"), {});
  expect_error(Status::usage, {"bare.h5", "x"},
               [&] { check_inputs(bare, symbols(), parse_parameter_values("Re=20,k=1", symbols())); });
}

}  // namespace
}  // namespace jetpinn
