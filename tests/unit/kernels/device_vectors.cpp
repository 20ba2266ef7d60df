#include "jetpinn/kernels/device_vectors.hpp"

#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using test::worst_difference;

std::vector<double> wave(std::int64_t n, double phase) {
  std::vector<double> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(1.3 * static_cast<double>(i) + phase);
  return x;
}

// Less than a run, whole runs, one more than a run of runs.
const std::int64_t vector_sizes[] = {1, 7, 128, 129, 597, 128 * 128, 128 * 128 + 1};

struct VectorCase {
  test::OnDevice device;
  std::int64_t n;
  std::vector<double> x, y;
  VectorOn<Space> x_there, y_there, scratch;
  explicit VectorCase(std::int64_t size)
      : n(size),
        x(wave(n, 0.2)),
        y(wave(n, 2.1)),
        x_there(device.put(x)),
        y_there(device.put(y)),
        scratch(device.room<double>(reduction_scratch(n))) {}
  double reduced() { return device.get(scratch + (reduction_scratch(n) - 1), 1)[0]; }
};

TEST(DeviceVectors, CombinesTwoVectors) {
  for (const std::int64_t n : vector_sizes) {
    VectorCase c(n);
    const auto to = c.device.room<double>(n);
    combine<Space>(c.device.stream(), n, 2.5, c.x_there, -0.5, c.y_there, to);
    combine<Space>(c.device.stream(), n, 3, c.x_there, 0, nullptr, c.x_there);
    std::vector<double> sums, tripled;
    for (std::size_t i = 0; i < c.x.size(); ++i) sums.push_back(2.5 * c.x[i] - 0.5 * c.y[i]), tripled.push_back(3 * c.x[i]);
    EXPECT_LE(worst_difference(c.device.get(to, c.x.size()), sums), 4);
    EXPECT_EQ(c.device.get(c.x_there, c.x.size()), tripled);
  }
}

TEST(DeviceVectors, ReducesAsPlainLoopsDo) {
  for (const std::int64_t n : vector_sizes) {
    VectorCase c(n);
    c.x.back() = -1.5;  // the largest is the last of the last run
    c.x_there = c.device.put(c.x);
    long double products = 0, magnitudes = 0;
    double size = 0;
    for (std::size_t i = 0; i < c.x.size(); ++i) {
      products += static_cast<long double>(c.x[i]) * c.y[i];
      magnitudes += std::fabs(c.x[i]);
      size += std::fabs(c.x[i] * c.y[i]);
    }
    const double roundings = 3 * 128 * 0x1p-53;  // three stages of at most 128 additions
    dot<Space>(c.device.stream(), n, c.x_there, c.y_there, c.scratch);
    EXPECT_NEAR(c.reduced(), static_cast<double>(products), roundings * size);
    sum_of_magnitudes<Space>(c.device.stream(), n, c.x_there, c.scratch);
    EXPECT_NEAR(c.reduced(), static_cast<double>(magnitudes), roundings * static_cast<double>(magnitudes));
    largest_magnitude<Space>(c.device.stream(), n, c.x_there, c.scratch);
    EXPECT_EQ(c.reduced(), 1.5);
  }
}

// Optimisers ask a sum whether a vector is finite; the host's largest magnitude takes no notice of what is not a number.
TEST(DeviceVectors, SumsTellOfWhatIsNotFinite) {
  VectorCase c(300);
  c.x[200] = std::numeric_limits<double>::quiet_NaN();
  c.x_there = c.device.put(c.x);
  dot<Space>(c.device.stream(), c.n, c.x_there, c.x_there, c.scratch);
  EXPECT_TRUE(std::isnan(c.reduced()));
  largest_magnitude<Space>(c.device.stream(), c.n, c.x_there, c.scratch);
  EXPECT_LE(c.reduced(), 1);
}

TEST(DeviceVectors, NothingSumsUpToZero) {
  VectorCase c(1);
  dot<Space>(c.device.stream(), 1, c.x_there, c.x_there, c.scratch);
  EXPECT_GT(c.reduced(), 0);
  dot<Space>(c.device.stream(), 0, c.x_there, c.x_there, c.scratch);
  EXPECT_EQ(c.reduced(), 0);
}

TEST(DeviceVectors, StepsAsAdamDoes) {
  VectorCase c(300);
  const std::vector<double> gradient = wave(300, 0.7);
  std::vector<double> first = wave(300, 1.1), second(300), parameters = wave(300, 3);
  for (std::size_t i = 0; i < second.size(); ++i) second[i] = 0.01 * static_cast<double>(i);
  AdamFactors by;
  by.clip = 0.5, by.b1 = 0.9, by.b2 = 0.99, by.rate = 0.1, by.second_correction = 3, by.epsilon = 1e-3;
  const auto m = c.device.put(first), v = c.device.put(second), p = c.device.put(parameters);
  update_adam<Space>(c.device.stream(), 300, by, c.device.put(gradient), m, v, p);
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double g = 0.5 * gradient[i];
    first[i] = 0.9 * first[i] + 0.1 * g;
    second[i] = 0.99 * second[i] + 0.01 * g * g;
    parameters[i] -= 0.1 * first[i] / (std::sqrt(3 * second[i]) + 1e-3);
  }
  EXPECT_LE(worst_difference(c.device.get(m, 300), first), 4);
  EXPECT_LE(worst_difference(c.device.get(v, 300), second), 4);
  EXPECT_LE(worst_difference(c.device.get(p, 300), parameters), 16);  // a quotient of up to 40
}

}  // namespace
}  // namespace jetpinn
