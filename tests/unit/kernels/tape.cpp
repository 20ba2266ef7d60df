#include "jetpinn/kernels/tape.hpp"

#include "jetpinn/kernels/function_table.hpp"
#include "reference/tape.hpp"
#include "support/every_operation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace jetpinn;
using test::every_operation;

namespace {

constexpr std::int64_t awkward_sizes[] = {1, 63, 128, 597};

template <class T>
struct Points {
  std::int64_t count;
  std::vector<std::vector<T>> columns;
  Points(std::int64_t count, int inputs, unsigned seed) : count(count) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0.1, 0.9);
    columns.assign(static_cast<std::size_t>(inputs), std::vector<T>(static_cast<std::size_t>(count)));
    for (auto& column : columns) {
      for (T& value : column) value = static_cast<T>(uniform(random));
    }
  }
  std::vector<Column<const T>> refs() const {
    std::vector<Column<const T>> result;
    for (const auto& column : columns) result.push_back({column.data(), 1});
    return result;
  }
  std::vector<double> at(std::int64_t i) const {
    std::vector<double> point;
    for (const auto& column : columns) point.push_back(static_cast<double>(column[static_cast<std::size_t>(i)]));
    return point;
  }
};

// About 40 addends with factors up to 4.5 and condition numbers up to 10.
template <class T>
constexpr double tape_tolerance = 40 * 4.5 * 10 * static_cast<double>(std::numeric_limits<T>::epsilon());

template <class T>
void compare_tape_with_twin(std::int64_t count) {
  const TapeProgram program = every_operation();
  const Points<T> points(count, 3, 5);
  const auto inputs = points.refs();
  const std::size_t n = static_cast<std::size_t>(count);
  std::vector<std::vector<T>> out(3, std::vector<T>(n)), adjoint(3, std::vector<T>(2 * n, T(-5)));
  const Points<T> cotangent_values(count, 3, 9);
  std::vector<Column<T>> outputs, adjoints;
  for (auto& column : out) outputs.push_back({column.data(), 1});
  for (auto& column : adjoint) adjoints.push_back({column.data(), 2});
  adjoints[1].data = nullptr;  // not wanted
  tape_forward<T>({}, program, count, inputs.data(), outputs.data());
  tape_reverse<T>({}, program, count, inputs.data(), cotangent_values.refs().data(), adjoints.data());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    const auto exact = reference::tape_outputs(program, points.at(i));
    for (std::size_t k = 0; k < 3; ++k)
      ASSERT_NEAR(static_cast<double>(out[k][at]), exact[k], tape_tolerance<T>) << "output " << k;
    for (std::size_t j : {0u, 2u}) {
      const auto slopes = reference::tape_derivatives(program, points.at(i), static_cast<int>(j));
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += slopes[k] * static_cast<double>(cotangent_values.columns[k][at]);
      ASSERT_NEAR(static_cast<double>(adjoint[j][2 * at]), sum, 10 * tape_tolerance<T>)
          << "adjoint " << j;                    // slopes up to 10
      EXPECT_EQ(adjoint[j][2 * at + 1], T(-5));  // the gaps of a strided column stay
    }
  }
}

}  // namespace

TEST(Tape, AgreesWithItsTwin) {
  for (std::int64_t count : awkward_sizes) {
    compare_tape_with_twin<double>(count);
    compare_tape_with_twin<float>(count);
  }
}

TEST(Tape, ReverseAgreesWithFiniteDifferences) {
  const TapeProgram program = every_operation();
  Points<double> points(63, 3, 2);
  const auto value = [&](std::size_t j, double step) {  // sum of both outputs with input j moved
    Points<double> moved = points;
    for (double& x : moved.columns[j]) x += step;
    std::vector<double> even(63), odd(63), rest(63);
    const Column<double> outputs[] = {{even.data(), 1}, {odd.data(), 1}, {rest.data(), 1}};
    tape_forward<double>({}, program, 63, moved.refs().data(), outputs);
    for (std::size_t i = 0; i < 63; ++i) even[i] += odd[i];
    return even;
  };
  const std::vector<double> ones(63, 1.0);
  const Column<const double> cotangents[] = {{ones.data(), 1}, {ones.data(), 1}, {ones.data(), 1}};
  for (std::size_t j = 0; j < 3; ++j) {
    std::vector<double> adjoint(63);
    std::vector<Column<double>> adjoints(3);
    adjoints[j] = {adjoint.data(), 1};
    tape_reverse<double>({}, program, 63, points.refs().data(), cotangents, adjoints.data());
    const double h = 1e-5;
    const auto up = value(j, h), down = value(j, -h);
    // Truncation h^2 f'''/6 with third derivatives up to 1e4; 40 rounded addends over h.
    for (std::size_t i = 0; i < 63; ++i)
      EXPECT_NEAR(adjoint[i], (up[i] - down[i]) / (2 * h), 1e4 * h * h + tape_tolerance<double> / h);
  }
}

TEST(Tape, ResidualJoinsForwardSumsAndReverse) {
  const TapeProgram program = every_operation();
  for (std::int64_t count : awkward_sizes) {
    const Points<double> points(count, 3, 3), weights(count, 3, 4);
    const std::size_t n = static_cast<std::size_t>(count);
    std::vector<std::vector<double>> r(3, std::vector<double>(n)), adjoint(r), cotangent(r), expected(r);
    std::vector<Column<double>> residuals, adjoints, wanted;
    std::vector<Column<const double>> cotangents;
    for (std::size_t k = 0; k < 3; ++k) {
      residuals.push_back({r[k].data(), 1});
      adjoints.push_back({adjoint[k].data(), 1});
      wanted.push_back({expected[k].data(), 1});
      cotangents.push_back({cotangent[k].data(), 1});
    }
    auto weight = weights.refs();
    weight[1].data = nullptr;  // weight 1
    const double scale = 0.125;
    double sums[2] = {0, 0};
    tape_residual<double>({}, program, count, points.refs().data(), weight.data(), scale, residuals.data(), adjoints.data(),
                          sums);

    double weighted = 0, unweighted = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double at_point = 0, plain = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        const double w = k == 1 ? 1 : weights.columns[k][i];
        at_point += w * (r[k][i] * r[k][i]);
        plain += r[k][i] * r[k][i];
        cotangent[k][i] = 2 * scale * w * r[k][i];
      }
      weighted += at_point;
      unweighted += plain;
    }
    EXPECT_NEAR(sums[0], weighted, 1e-15 * static_cast<double>(3 * count) * weighted);
    EXPECT_NEAR(sums[1], unweighted, 1e-15 * static_cast<double>(3 * count) * unweighted);
    tape_reverse<double>({}, program, count, points.refs().data(), cotangents.data(), wanted.data());
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_NEAR(adjoint[j][i], expected[j][i], tape_tolerance<double> * (1 + std::abs(expected[j][i])));
    }
    // Sums alone, without residuals and adjoints, are the same bits.
    double alone[2] = {0, 0};
    tape_residual<double>({}, program, count, points.refs().data(), weight.data(), scale, nullptr, nullptr, alone);
    EXPECT_EQ(alone[0], sums[0]);
    EXPECT_EQ(alone[1], sums[1]);

    // How much a point counts is in the weights already; the other sum has it from a column of its own.
    double counted[2] = {0, 0}, expected_count = 0, size = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < 3; ++k) {
        expected_count += weights.columns[2][i] * r[k][i] * r[k][i];
        size += std::abs(weights.columns[2][i]) * r[k][i] * r[k][i];
      }
    tape_residual<double>({}, program, count, points.refs().data(), weight.data(), scale, nullptr, nullptr, counted,
                          weight[2]);
    EXPECT_EQ(counted[0], sums[0]);
    EXPECT_NEAR(counted[1], expected_count, 1e-15 * static_cast<double>(3 * count) * size);
  }
}

// The order of the points is the order of the sum: cutting the points anywhere changes no bit.
TEST(Tape, SumsDoNotDependOnHowPointsAreCut) {
  const TapeProgram program = every_operation();
  const Points<float> points(597, 3, 8);
  double whole[2] = {0, 0}, parts[2] = {0, 0};
  tape_residual<float>({}, program, 597, points.refs().data(), nullptr, 1, nullptr, nullptr, whole);
  std::int64_t first = 0;
  for (std::int64_t count : {1, 200, 127, 269}) {
    std::vector<Column<const float>> inputs = points.refs();
    for (auto& column : inputs) column.data += first;
    tape_residual<float>({}, program, count, inputs.data(), nullptr, 1, nullptr, nullptr, parts);
    first += count;
  }
  EXPECT_EQ(whole[0], parts[0]);
  EXPECT_EQ(whole[1], parts[1]);
}

TEST(Tape, NotANumberReachesTheOutput) {
  std::vector<TapeOp> operations{TapeOp::negate,   TapeOp::square, TapeOp::add,  TapeOp::subtract,
                                 TapeOp::multiply, TapeOp::divide, TapeOp::power};
  for (int number = 0; number < function_count; ++number)
    if (function_table[static_cast<std::size_t>(number)].operands < 3) operations.push_back(tape_op(number));
  for (TapeOp op : operations) {
    for (int side = 0; side < 2; ++side) {
      TapeProgram program;
      program.inputs = 2;
      program.instructions = {{TapeOp::input, 0}, {TapeOp::input, 1}, {op, side, 1 - side}};
      program.outputs = {2};
      const std::vector<double> bad(17, std::nan("")), good(17, 0.5);
      std::vector<double> out(17);
      // One operand of a function is its first.
      const Column<const double> inputs[] = {{(side == 0 ? bad : good).data(), 1}, {(side == 0 ? good : bad).data(), 1}};
      const Column<double> outputs[] = {{out.data(), 1}};
      tape_forward<double>({}, program, 17, inputs, outputs);
      EXPECT_TRUE(std::isnan(out[16])) << "operation " << static_cast<int>(op) << " side " << side;
    }
  }
}

// Outside of the fast functions' range the standard library's take over.
TEST(Tape, LargeArgumentsOfElementaryFunctions) {
  const std::vector<double> x{1e5,   -3e7, 1e300, -745,     -1000,     710,   1e4, 5e-324, 1e-310,
                              2.5e8, 0,    -0.0,  INFINITY, -INFINITY, 1e-20, 700, -700};
  const std::vector<float> y(x.begin(), x.end());
  const auto check = [](const auto& values, TapeOp op, double (*exact)(double)) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    TapeProgram program;
    program.inputs = 1;
    program.instructions = {{TapeOp::input, 0}, {op, 0}};
    program.outputs = {1};
    std::vector<T> out(values.size());
    const Column<const T> inputs[] = {{values.data(), 1}};
    const Column<T> outputs[] = {{out.data(), 1}};
    tape_forward<T>({}, program, static_cast<std::int64_t>(values.size()), inputs, outputs);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T expected = static_cast<T>(exact(static_cast<double>(values[i])));
      if (std::isnan(expected)) EXPECT_TRUE(std::isnan(out[i])) << values[i];
      else if (std::isinf(expected)) EXPECT_EQ(out[i], expected) << values[i];
      else
        EXPECT_NEAR(out[i], expected,
                    4 * std::numeric_limits<T>::epsilon() * std::abs(expected) + std::numeric_limits<T>::min())
            << values[i];
    }
  };
  check(x, tape_op("exp"), std::exp);
  check(y, tape_op("exp"), std::exp);
  check(x, tape_op("sin"), std::sin);
  check(y, tape_op("sin"), std::sin);
  check(x, tape_op("cos"), std::cos);
  check(x, tape_op("log"), std::log);
  check(y, tape_op("log"), std::log);
  check(x, tape_op("tanh"), std::tanh);
  check(y, tape_op("tanh"), std::tanh);
}
