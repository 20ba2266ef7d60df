#include "jetpinn/problem/size_with_unit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

double read(const std::string& text) {
  SymbolTable constants;
  constants.constants = {{"L", 0.5}, {"E", 2e11}};
  return parse_size(text, constants);
}

std::string size_refusal(const std::string& text) {
  try {
    read(text);
  } catch (const ExpressionError& error) {
    return text.substr(error.offset, error.length) + ": " + error.what();
  }
  return "";
}

TEST(SizeWithUnit, UnitsAreThoseOfTheSi) {
  EXPECT_DOUBLE_EQ(read("1 mm"), 1e-3);
  EXPECT_DOUBLE_EQ(read("2 GPa"), 2e9);
  EXPECT_DOUBLE_EQ(read("300K"), 300);
  EXPECT_DOUBLE_EQ(read("5 µm"), 5e-6);
  EXPECT_DOUBLE_EQ(read("3 kg"), 3);
  EXPECT_DOUBLE_EQ(read("1.5e2 min"), 9000);
  EXPECT_DOUBLE_EQ(read("40 W/m^2/K"), 40);
  EXPECT_DOUBLE_EQ(read("2 N*mm"), 2e-3);
  EXPECT_DOUBLE_EQ(read("2 kN mm^-2"), 2e9);
  EXPECT_DOUBLE_EQ(read("7850 kg/m^3"), 7850);
  EXPECT_DOUBLE_EQ(read("1 g/cm^3"), 1000);
}

// "min" is a minute, "cd" a candela, "Pa" a pascal, "T" a tesla, "mT" a thousandth of one.
TEST(SizeWithUnit, NamesOfTheirOwnCountBeforePrefixes) {
  EXPECT_EQ(read("1 min"), 60);
  EXPECT_EQ(read("1 cd"), 1);
  EXPECT_EQ(read("1 Pa"), 1);
  EXPECT_EQ(read("1 mT"), 1e-3);
  EXPECT_EQ(read("1 d"), 86400);
}

TEST(SizeWithUnit, WithoutAUnitItIsAConstantExpression) {
  EXPECT_EQ(read("3"), 3);
  EXPECT_EQ(read("L/2"), 0.25);
  EXPECT_EQ(read("0.5*L"), 0.25);
  EXPECT_EQ(read("1e-3"), 1e-3);
  EXPECT_NEAR(read("2*pi"), 6.283185307179586, 1e-15);
}

TEST(SizeWithUnit, ErrorsPointAtTheUnit) {
  EXPECT_EQ(size_refusal("1 mn").substr(0, 2), "mn");
  EXPECT_NE(size_refusal("1 mn").find("unknown unit 'mn'; did you mean"), std::string::npos) << size_refusal("1 mn");
  EXPECT_NE(size_refusal("2 GPaa").find("did you mean 'GPa'?"), std::string::npos) << size_refusal("2 GPaa");
  EXPECT_NE(size_refusal("1 furlong").find("units are those of the SI"), std::string::npos) << size_refusal("1 furlong");
  EXPECT_NE(size_refusal("20 degC").find("write kelvins"), std::string::npos);
  EXPECT_NE(size_refusal("2 W/(m*K)").find("without parentheses"), std::string::npos);
  EXPECT_NE(size_refusal("2 W/").find("missing"), std::string::npos);
  EXPECT_NE(size_refusal("2 m^x").find("whole number"), std::string::npos);
  EXPECT_NE(size_refusal("2 m^999999999999").find("whole number"), std::string::npos);
  EXPECT_FALSE(size_refusal("nan").empty());
  EXPECT_FALSE(size_refusal("").empty());
}

}  // namespace
}  // namespace jetpinn
