#include "jetpinn/ablate/weight_generator.hpp"

#include "jetpinn/runtime/small_network.hpp"
#include "support/expect_error.hpp"
#include "support/weight_case.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace jetpinn {
namespace {

std::vector<double> values_of_layer(const WeightShape& shape, std::int64_t sample, std::int64_t layer) {
  const testing::WeightCase<double> given(shape, sample);
  const auto least = static_cast<std::size_t>(shape.smaller());
  std::vector<double> values(least), left(least * static_cast<std::size_t>(shape.rows)),
      right(least * static_cast<std::size_t>(shape.columns));
  full_svd(given.weight.data() + layer * shape.rows * shape.columns, shape.rows, shape.columns, values.data(), left.data(),
           right.data());
  return values;
}

// Whatever the class: the sums of λ_k and of λ_k² do not tell it, so that norms and fourth moments are blind to the
// spectrum.
TEST(WeightGenerator, NormsDoNotTellTheSpectrum) {
  const WeightShape shape{1, 2, 16, 20, 4};
  bool differ = false;
  double first = 0;
  for (std::int64_t sample = 0; sample < 6; ++sample) {
    const std::vector<double> values = values_of_layer(shape, sample, 1);
    double second = 0, fourth = 0;
    for (std::size_t k = 0; k < 3; ++k) second += std::pow(values[k], 2), fourth += std::pow(values[k], 4);
    EXPECT_NEAR(fourth / (second * second), 1.0 / 3 + 1.5 * 0.09, 1e-3);  // the weak fourth part moves it by less
    const double share = values[0] * values[0] / second;
    differ = differ || (sample > 0 && std::abs(share - first) > 0.02);
    first = share;
  }
  EXPECT_TRUE(differ);
}

TEST(WeightGenerator, WholeMatricesAreTheProductOfTheFactors) {
  const WeightShape shape{1, 2, 7, 9, 4};
  WeightShape whole = shape;
  whole.rank = 0;
  const testing::WeightCase<float> given(shape, 3);
  std::vector<float> weight(given.weight.size());
  WeightGenerator(whole, 7).make(3, nullptr, nullptr, weight.data());
  for (std::size_t i = 0; i < weight.size(); ++i) EXPECT_NEAR(weight[i], given.weight[i], 1e-6);
  EXPECT_EQ(WeightGenerator(whole, 7).label(3), WeightGenerator(shape, 7).label(3));
}

TEST(WeightGenerator, ClassesAreEven) {
  const WeightGenerator generator(WeightShape{1, 2, 8, 8, 4}, 0);
  std::array<int, planted_classes> counts{};
  constexpr int samples = 4000;
  for (int s = 0; s < samples; ++s) ++counts[static_cast<std::size_t>(generator.label(s))];
  for (const int count : counts) EXPECT_NEAR(count, samples / 4, 5 * std::sqrt(samples * 0.25 * 0.75));
}

TEST(WeightGenerator, BestAccuracies) {
  EXPECT_DOUBLE_EQ(planted_accuracy(0), 0.25);
  EXPECT_NEAR(planted_accuracy(2), 0.76202, 1e-5);  // (Φ(1) + 2 Φ(1) - 1) / 2
  EXPECT_GT(planted_accuracy(8), 0.9999);
}

TEST(WeightGenerator, RefusesWhatCannotBe) {
  testing::expect_error(Status::usage, {"rank of 3", "--rank"}, [] { WeightGenerator({1, 2, 8, 8, 3}, 0); });
  testing::expect_error(Status::usage, {"2 x 8", "--rows"}, [] { WeightGenerator({1, 2, 2, 8, 0}, 0); });
}

}  // namespace
}  // namespace jetpinn
