#include "jetpinn/kernels/device_columns.hpp"

#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using test::worst_difference;

struct ColumnCase {
  test::OnDevice device;
  std::vector<double> x;
  DevicePointer<const double, Space> there;
  explicit ColumnCase(int points = 77) {
    for (int i = 0; i < points; ++i) x.push_back(0.37 * i - 9);
    there = device.put(x);
  }
  auto count() const { return static_cast<std::int64_t>(x.size()); }
};

TEST(DeviceColumns, SineAndCosine) {
  ColumnCase c;
  const auto sine = c.device.room<double>(c.count()), cosine = c.device.room<double>(c.count());
  sincos_columns<Space>(c.device.stream(), c.count(), c.there, 2.5, 0.3, sine, cosine);
  std::vector<double> sines, cosines;
  for (const double x : c.x) sines.push_back(std::sin(2.5 * x + 0.3)), cosines.push_back(std::cos(2.5 * x + 0.3));
  // arguments up to 60, rounded once more than by the library
  EXPECT_LE(worst_difference(c.device.get(sine, c.x.size()), sines), 60);
  EXPECT_LE(worst_difference(c.device.get(cosine, c.x.size()), cosines), 60);
}

template <class T>
void check_affine() {
  ColumnCase c;
  const auto to = c.device.room<T>(c.count());
  affine_column<T, Space>(c.device.stream(), c.count(), c.there, 1.5, -0.25, to);
  std::vector<T> exact;
  for (const double x : c.x) exact.push_back(static_cast<T>(1.5 * x - 0.25));
  EXPECT_LE(worst_difference(c.device.get(to, c.x.size()), exact), 1);
}

TEST(DeviceColumns, ScaledAndShifted) {
  check_affine<double>();
  check_affine<float>();
}

TEST(DeviceColumns, ProductsAreAdded) {
  ColumnCase c;
  const auto sum = c.device.room<double>(c.count());
  add_product<Space>(c.device.stream(), c.count(), 2, c.there, c.there, sum);
  add_product<Space>(c.device.stream(), c.count(), 3, c.there, nullptr, sum);
  add_product<Space>(c.device.stream(), c.count(), 5, nullptr, nullptr, sum);
  std::vector<double> exact;
  for (const double x : c.x) exact.push_back(2 * x * x + 3 * x + 5);
  EXPECT_LE(worst_difference(c.device.get(sum, c.x.size()), exact), 4);
}

TEST(DeviceColumns, Casts) {
  ColumnCase c;
  const auto narrow = c.device.room<float>(c.count());
  const auto wide = c.device.room<double>(c.count());
  cast<double, float, Space>(c.device.stream(), c.count(), c.there, narrow);
  cast<float, double, Space>(c.device.stream(), c.count(), narrow, wide);
  const std::vector<float> exact(c.x.begin(), c.x.end());
  EXPECT_EQ(c.device.get(narrow, c.x.size()), exact);
  EXPECT_EQ(c.device.get(wide, c.x.size()), std::vector<double>(exact.begin(), exact.end()));
}

}  // namespace
}  // namespace jetpinn
