// Parameters on their way from a flat buffer to padded rows and back, and exact sums, on a device: against plain loops.
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/kernels/exact_items.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/parameter_items.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using Values = std::vector<double>;

Values numbers(std::size_t count, double phase) {
  Values values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(1.7 * static_cast<double>(i) + phase);
  return values;
}

template <class Functor>
void run_on_device(test::OnDevice& device, std::int64_t extent, const Functor& functor) {
  launch(Space{}, device.stream(), "test", extent, functor);
}

// A matrix of 3 rows and 5 columns, as it lies and transposed, in rows of 8.
TEST(DeviceParameters, RowsAreLoadedAndFlushedWithoutTheirPadding) {
  constexpr std::int64_t rows = 3, columns = 5, width = 8;
  for (const bool transposed : {false, true}) {
    const FlatMatrix matrix{columns, transposed ? 1 : columns, transposed ? rows : 1, width};
    test::OnDevice device;
    const Values flat = numbers(15, 0.3);
    const auto from = device.put(flat);
    const auto to = device.put(std::vector<float>(rows * width, 7));
    run_on_device(device, rows * width, LoadRowsItem<float>{from.address(), matrix, to.address()});
    const std::vector<float> loaded = device.get(to, rows * width);
    const auto gradient = device.put(numbers(15, 2.0));
    const Values before = device.get(gradient, 15);
    run_on_device(device, rows * width, FlushRowsItem<float>{to.address(), matrix, gradient.address()});
    const Values after = device.get(gradient, 15);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < width; ++j) {
        const std::size_t at = transposed ? j * rows + i : i * columns + j;
        EXPECT_EQ(loaded[i * width + j], j < columns ? static_cast<float>(flat[at]) : 7.0f) << i << ", " << j;
        if (j >= columns) continue;
        EXPECT_EQ(after[at], before[at] + static_cast<double>(loaded[i * width + j]));
      }
    EXPECT_EQ(device.get(to, rows * width), std::vector<float>(rows * width, 0)) << "gathered again from zero";
  }
}

TEST(DeviceParameters, KeptWeightsGoToTheirPlacesAndComeBack) {
  test::OnDevice device;
  const std::vector<std::int64_t> places{5, 0, 3};
  const Values own{1.5, -2, 4};
  const auto table = device.put(places);
  const auto whole = device.room<double>(6), gathered = device.put(own);
  run_on_device(device, 3, ScatterItem{device.put(own).address(), table.address(), whole.address()});
  EXPECT_EQ(device.get(whole, 6), (Values{-2, 0, 0, 4, 0, 1.5}));
  run_on_device(device, 3, GatherItem{whole.address(), table.address(), gathered.address()});
  EXPECT_EQ(device.get(gathered, 3), (Values{3, -4, 8}));
}

// W_ij = a V_ij exp(s_j) of 3 rows and 2 units and one number behind them.
TEST(DeviceParameters, FactorsMatchPlainLoops) {
  constexpr std::int64_t products = 6, units = 2, size = 7;
  const Values own = numbers(size, 0.4), scale{0.3, -0.2}, slope{1.4}, bar = numbers(size, 1.1), change = numbers(size, 2.2),
               scale_change{0.6, 0.1}, slope_change{-0.5};
  test::OnDevice device;
  const auto v = device.put(own), s = device.put(scale), a = device.put(slope), factors = device.room<double>(units + 1);
  run_on_device(device, units + 1, FactorItem{s.address(), a.address(), units, factors.address()});
  EXPECT_EQ(device.get(factors, 3), (Values{std::exp(0.3), std::exp(-0.2), 1.4}));
  const auto product = device.room<double>(size), direction = device.room<double>(size);
  run_on_device(device, size, FactorProductItem{v.address(), factors.address(), products, units, product.address()});
  run_on_device(device, size,
                FactorDirectionItem{device.put(change).address(), device.put(scale_change).address(),
                                    device.put(slope_change).address(), v.address(), factors.address(), products, units,
                                    direction.address()});
  const auto gathered = device.put(bar), gradient = device.room<double>(size), scale_gradient = device.room<double>(units);
  run_on_device(device, size,
                FactorGradientItem{gathered.address(), factors.address(), products, units, gradient.address()});
  run_on_device(
      device, units,
      ScaleGradientItem{{gathered.address(), factors.address(), v.address(), units}, products, scale_gradient.address()});

  Values made(size), moved(size), own_bar(size), scale_bar(units);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t j = i % units;
    const double e = std::exp(scale[j]);
    const bool multiplied = i < products;
    made[i] = multiplied ? slope[0] * own[i] * e : own[i];
    moved[i] =
        multiplied ? e * (slope[0] * change[i] + slope_change[0] * own[i] + slope[0] * own[i] * scale_change[j]) : change[i];
    own_bar[i] = multiplied ? slope[0] * e * bar[i] : bar[i];
    if (multiplied) scale_bar[j] += bar[i] * slope[0] * own[i] * e;
  }
  EXPECT_LE(test::worst_difference(device.get(product, size), made), 4);
  EXPECT_LE(test::worst_difference(device.get(direction, size), moved), 8);
  EXPECT_LE(test::worst_difference(device.get(gradient, size), own_bar), 4);
  EXPECT_LE(test::worst_difference(device.get(scale_gradient, units), scale_bar), 12);
}

TEST(DeviceParameters, SharesOfASumAreAlphaAndTheRest) {
  test::OnDevice device;
  const auto shares = device.room<float>(2);
  run_on_device(device, 2, SharesItem<float>{device.put(Values{0.3}).address(), shares.address()});
  EXPECT_EQ(device.get(shares, 2), (std::vector<float>{static_cast<float>(0.3), static_cast<float>(1 - 0.3)}));
  const auto units = device.put(std::vector<float>{1, 2, 4});
  const auto alpha = device.put(Values{10});
  run_on_device(device, 1, ShareGradientItem<float>{units.address(), 3, alpha.address()});
  EXPECT_EQ(device.get(alpha, 1), Values{17});
  EXPECT_EQ(device.get(units, 3), (std::vector<float>{0, 0, 0}));
  const auto y = device.put(Values{1, 1});
  run_on_device(
      device, 2,
      AddScaledByItem<double>{device.put(Values{0.5}).address(), -1, device.put(Values{2, 8}).address(), y.address()});
  EXPECT_EQ(device.get(y, 2), (Values{0, -3}));
}

// Numbers of every size, and what the grid refuses: the same limbs as those of a sum on the host, and so the same bits.
TEST(DeviceParameters, ExactSumsAreThoseOfTheHost) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  const Values first{1.0, -0x1p-104, 0x1.fffffffffffffp54, 0x1p-106, -3.25e7, 0.1, 0x1.8p-105, 1e300, nan},
      second{0x1p-60, 0x1p-104, -0x1.fffffffffffffp54, 0x1p-106, 1.0 / 3, -0.1, -0x1.8p-105, 1, infinite};
  const auto count = static_cast<std::int64_t>(first.size());
  ExactSum here(count, 0), there(count, 0);  // each entry tells of its own overflow
  here.add(0, first.data(), count);
  here.add(0, second.data(), count);

  test::OnDevice device;
  const auto digits = device.room<std::int64_t>((ExactSum::limbs + 1) * count);
  for (const Values& addends : {first, second})
    run_on_device(
        device, count,
        ExactAddItem{device.put(addends).address(), digits.address(), count, (digits + ExactSum::limbs * count).address()});
  there.add_digits(0, count, device.get(digits, static_cast<std::size_t>((ExactSum::limbs + 1) * count)).data());
  EXPECT_EQ(there.exchange(), here.exchange());
  EXPECT_EQ(there.value(5), 0);
  EXPECT_TRUE(std::isnan(there.value(7)));
}

}  // namespace
}  // namespace jetpinn
