#include "jetpinn/kernels/jet_mix.hpp"

#include "jetpinn/kernels/pack.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Against y = a f + b x and its adjoints written out element by element.
template <class T>
void compare_mixes(std::int64_t points, std::int64_t units, int channels, bool writes) {
  const std::int64_t width = padded<T>(units), size = channels * points * width;
  std::mt19937 generator(5);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const auto fill = [&](std::int64_t count) {
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& value : values) value = static_cast<T>(uniform(generator));
    return values;
  };
  const std::vector<T> f = fill(size), x = fill(size), ybar = fill(size), xbar = fill(size), share = fill(width);
  std::vector<T> y(f.size()), again(f.size()), adjoint = ybar, x_adjoint = xbar, gradient = share;
  MixSweep<T> sweep;
  sweep.tile = {points, width};
  sweep.channels = channels;
  sweep.a = T(0.3), sweep.b = T(0.7);
  sweep.f = f.data(), sweep.x = x.data(), sweep.y = y.data();
  mix_forward({}, sweep);
  sweep.y = again.data();
  sweep.adjoint = adjoint.data(), sweep.x_adjoint = x_adjoint.data(), sweep.share_gradient = gradient.data();
  sweep.writes = writes;
  mix_reverse({}, sweep);
  EXPECT_EQ(y, again);
  test::Worst worst, worst_share;
  std::vector<double> exact(share.begin(), share.end());
  for (std::size_t i = 0; i < f.size(); ++i) {
    worst.take(std::abs(double(y[i]) - (double(sweep.a) * f[i] + double(sweep.b) * x[i])));
    worst.take(std::abs(double(adjoint[i]) - double(sweep.a) * ybar[i]));
    worst.take(std::abs(double(x_adjoint[i]) - (double(sweep.b) * ybar[i] + (writes ? 0.0 : double(xbar[i])))));
    exact[i % static_cast<std::size_t>(width)] += double(ybar[i]) * (double(f[i]) - double(x[i]));
  }
  for (std::size_t j = 0; j < exact.size(); ++j) worst_share.take(std::abs(gradient[j] - exact[j]));
  EXPECT_LE(worst.value(), 4 * std::numeric_limits<T>::epsilon());   // three roundings of numbers below 2
  EXPECT_LE(worst_share.value(), 4 * static_cast<double>(channels * points) * std::numeric_limits<T>::epsilon());
}

TEST(JetMix, IsWhatItsElementsSay) {
  for (const bool writes : {false, true})
    for (const auto& [points, units] : {std::pair{1, 1}, {7, 19}, {12, 32}}) {
      compare_mixes<double>(points, units, 1, writes);
      compare_mixes<double>(points, units, 5, writes);
      compare_mixes<float>(points, units, 3, writes);
    }
}

TEST(JetMix, LeavesAloneWhatNobodyWants) {
  const std::int64_t width = padded<double>(3);
  std::vector<double> f(static_cast<std::size_t>(width), 1.0), x(f.size(), 2.0), adjoint(f.size(), 3.0);
  MixSweep<double> sweep;
  sweep.tile = {1, width};
  sweep.f = f.data(), sweep.x = x.data(), sweep.adjoint = adjoint.data();
  mix_reverse({}, sweep);
  EXPECT_EQ(adjoint, std::vector<double>(f.size(), 3.0));
}

}  // namespace
}  // namespace jetpinn
