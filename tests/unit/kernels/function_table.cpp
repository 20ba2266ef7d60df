#include "jetpinn/kernels/function_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

using namespace jetpinn;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
// Inside the domain of every row, away from jumps; the first operand of `where` is true.
constexpr double at[] = {0.375, 0.6875, 0.25};

}  // namespace

TEST(FunctionTable, NamesAreNumbers) {
  for (int number = 0; number < function_count; ++number) {
    EXPECT_EQ(function_number(function_table[static_cast<std::size_t>(number)].name), number);
    EXPECT_EQ(function_of(tape_op(number)), number);
  }
  EXPECT_EQ(function_number("bessel"), -1);
  EXPECT_LT(function_of(TapeOp::logical_not), 0);
}

TEST(FunctionTable, ParityHolds) {
  for (int number = 0; number < function_count; ++number) {
    const FunctionInfo& row = function_table[static_cast<std::size_t>(number)];
    const double value = function_value(number, at[0], 0, 0), mirrored = function_value(number, -at[0], 0, 0);
    if (row.parity != Parity::none) {
      EXPECT_EQ(mirrored, row.parity == Parity::odd ? -value : value) << row.name;
    }
    if (row.symmetric) {
      EXPECT_EQ(function_value(number, at[0], at[1], 0), function_value(number, at[1], at[0], 0)) << row.name;
    }
  }
}

// Every adjoint against central differences of fourth order.
TEST(FunctionTable, SlopesAgreeWithFiniteDifferences) {
  const double h = 1e-3;
  for (int number = 0; number < function_count; ++number) {
    const FunctionInfo& row = function_table[static_cast<std::size_t>(number)];
    for (int operand = 0; operand < row.operands; ++operand) {
      const auto value = [&](double step) {
        double moved[] = {at[0], at[1], at[2]};
        moved[operand] += step * h;
        return function_value(number, moved[0], moved[1], moved[2]);
      };
      const double difference = (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * h);
      const bool passes = row.passes >> operand & 1;
      // Truncation h^4 f^(5) / 30 with fifth derivatives up to 4e3 here (log); rounding of f over h.
      const double tolerance = 200 * std::pow(h, 4) + 10 * epsilon / h;
      EXPECT_NEAR(function_slope(number, operand, at[0], at[1], at[2]), passes ? difference : 0, tolerance)
          << row.name << " by operand " << operand;
    }
  }
}

// A diverged value must not turn into a sound one.
TEST(FunctionTable, NotANumberPasses) {
  for (int number = 0; number < function_count; ++number) {
    const FunctionInfo& row = function_table[static_cast<std::size_t>(number)];
    if (row.operands > 2) continue;
    EXPECT_TRUE(std::isnan(function_value(number, NAN, at[1], 0))) << row.name;
    if (row.operands == 2) {
      EXPECT_TRUE(std::isnan(function_value(number, at[0], NAN, 0))) << row.name;
    }
  }
}
