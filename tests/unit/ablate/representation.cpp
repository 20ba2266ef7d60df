#include "jetpinn/ablate/representation.hpp"

#include "jetpinn/ablate/fourier.hpp"
#include "support/expect_error.hpp"
#include "support/weight_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <type_traits>

namespace jetpinn {
namespace {

using testing::WeightCase;

const Representation& named(const std::string& name) { return *named_representations(name).front(); }

template <class T>
std::vector<T> numbers_of(const Representation& one, const SampleLayers<T>& sample,
                          Decomposition kind = Decomposition::low_rank) {
  LayerSpectra<T> spectra;
  SpectraMaker<T>(kind).make(sample, spectra);
  std::vector<T> out(static_cast<std::size_t>(one.length(sample.shape, sample.count())),
                     std::numeric_limits<T>::quiet_NaN());
  if constexpr (std::is_same_v<T, float>)
    one.fp32(sample, spectra, out.data());
  else
    one.fp64(sample, spectra, out.data());
  return out;
}

// Factors and the matrices that they make are the same network: on every representation, on awkward and on one-layer shapes,
// by factors and by the whole decomposition, and in fp32 to its rounding. Vectors of close singular values are
// ill-determined, so alignment gets the distance between them as a factor.
TEST(Representation, FactorsSayWhatWholeMatricesSay) {
  for (const WeightShape& shape : {WeightShape{1, 3, 9, 12, 5}, WeightShape{1, 1, 20, 6, 4}, WeightShape{1, 4, 33, 17, 4}}) {
    const WeightCase<double> wide(shape);
    const WeightCase<float> narrow(shape);
    for (const Representation& one : representations()) {
      const std::vector<double> of_factors = numbers_of(one, wide.factors()),
                                of_whole = numbers_of(one, wide.whole(), Decomposition::full),
                                of_sketch = numbers_of(one, wide.whole());
      const std::vector<float> in_fp32 = numbers_of(one, narrow.factors());
      ASSERT_EQ(of_factors.size(), static_cast<std::size_t>(one.length(shape, shape.layers))) << one.name;
      if (!one.image) {  // whose last tiles may be empty
        EXPECT_LE(one.length(shape, shape.layers), numbers_per_layer * std::max<std::int64_t>(shape.layers, 2)) << one.name;
      }
      EXPECT_GE(one.flop(shape, shape.layers), 0);
      for (std::size_t i = 0; i < of_factors.size(); ++i) {
        EXPECT_NEAR(of_factors[i], of_whole[i], 1e-9) << one.name << " " << i;
        EXPECT_NEAR(of_factors[i], of_sketch[i], 1e-9) << one.name << " " << i;
        // A bin of the histogram may change by one entry of W.
        const double entry = 2.0 / static_cast<double>(shape.rows * shape.columns);
        EXPECT_NEAR(of_factors[i], static_cast<double>(in_fp32[i]), one.name == std::string("moments") ? entry : 3e-4)
            << one.name << " " << i;
      }
    }
  }
}

TEST(Representation, NormsAreThoseOfRowsAndColumns) {
  WeightCase<double> given({1, 2, 9, 12, 5});
  const std::vector<double> norms = numbers_of(named("norms"), given.factors());
  ASSERT_EQ(norms.size(), 2u * 16);
  double last_group = 0;  // of rows 7 and 8, the eighth of nine rows
  for (std::int64_t i = 7; i < 9; ++i)
    for (std::int64_t j = 0; j < 12; ++j) last_group += given.at(1, i, j) * given.at(1, i, j) / 2;
  EXPECT_NEAR(norms[16 + 7], std::log(std::sqrt(last_group)), 1e-13);
  double first_column = 0;  // 12 columns in 8 groups: the first is column 0 alone
  for (std::int64_t i = 0; i < 9; ++i) first_column += given.at(0, i, 0) * given.at(0, i, 0);
  EXPECT_NEAR(norms[8], std::log(std::sqrt(first_column)), 1e-13);
}

TEST(Representation, MomentsAreThoseOfTheEntries) {
  WeightCase<double> given({1, 1, 9, 12, 5});
  const std::vector<double> moments = numbers_of(named("moments"), given.factors());
  double mean = 0, square = 0, third = 0, fourth = 0, inside = 0;
  const auto n = static_cast<double>(given.weight.size());
  for (const double w : given.weight) mean += w / n;
  for (const double w : given.weight) square += (w - mean) * (w - mean) / n;
  for (const double w : given.weight) third += std::pow((w - mean) / std::sqrt(square), 3) / n;
  for (const double w : given.weight) fourth += std::pow((w - mean) / std::sqrt(square), 4) / n;
  for (const double w : given.weight)
    inside += (w - mean) / std::sqrt(square) >= 0 && (w - mean) / std::sqrt(square) < 0.5 ? 1 / n : 0;
  EXPECT_NEAR(moments[0], mean, 1e-13);
  EXPECT_NEAR(moments[1], std::log(std::sqrt(square)), 1e-12);
  EXPECT_NEAR(moments[2], third, 1e-12);
  EXPECT_NEAR(moments[3], fourth - 3, 1e-12);
  EXPECT_NEAR(moments[4 + 6], inside, 1e-12);
  double all = 0;
  for (std::size_t b = 4; b < 16; ++b) all += moments[b];
  EXPECT_NEAR(all, 1, 1e-12);
}

// Factors that are finite, whose products are not: no number comes out, and nothing is written beside the histogram.
TEST(Representation, MomentsOfWhatOverflowsAreNoNumbers) {
  WeightCase<float> given;
  std::fill(given.a.begin(), given.a.end(), 1e20F);
  for (std::size_t i = 0; i < given.b.size(); ++i) given.b[i] = i % 2 == 0 ? 1e20F : -1e20F;
  EXPECT_FALSE(std::isfinite(numbers_of(named("moments"), given.factors())[0]));
}

TEST(Representation, StableRankAndEntropyOfKnownValues) {
  const std::vector<double> values{2, 1, 1}, weight = testing::matrix_of_values(6, 8, values);
  const std::vector<std::int64_t> chosen{0};
  const SampleLayers<double> sample{{1, 1, 6, 8, 0}, chosen, nullptr, nullptr, weight.data()};
  const std::vector<double> numbers = numbers_of(named("stable_rank"), sample);
  EXPECT_NEAR(numbers[0], 6.0 / 4, 1e-13);
  EXPECT_NEAR(numbers[1], -(4 / 6.0 * std::log(4 / 6.0) + 2 * (1 / 6.0) * std::log(1 / 6.0)), 1e-12);
}

TEST(Representation, AlignmentSeesADirectionInCommon) {
  // Two layers e_1 v_kᵀ + small: the same right vector, left vectors that stand upright on each other.
  std::vector<double> weight(2 * 4 * 5, 0);
  weight[0 * 5 + 2] = 3, weight[1 * 5 + 1] = 0.5;
  weight[20 + 3 * 5 + 2] = 2, weight[20 + 2 * 5 + 4] = 0.5;
  const std::vector<std::int64_t> chosen{0, 1};
  const SampleLayers<double> sample{{1, 2, 4, 5, 0}, chosen, nullptr, nullptr, weight.data()};
  const std::vector<double> numbers = numbers_of(named("alignment"), sample);
  ASSERT_EQ(numbers.size(), 4u);
  EXPECT_NEAR(numbers[0], 0, 1e-14);
  EXPECT_NEAR(numbers[1], 0, 1e-14);
  EXPECT_NEAR(numbers[2], 1, 1e-14);
  EXPECT_NEAR(numbers[3], 1, 1e-14);
}

TEST(Fourier, IsThePlainSum) {
  for (const std::int64_t length : {1, 2, 12, 17, 30}) {
    std::vector<double> x(static_cast<std::size_t>(length));
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = std::sin(static_cast<double>(3 * j * j + 1));
    FourierTransform<double> transform(length);
    const auto& found = transform(x.data());
    for (std::int64_t f = 0; f < length; ++f) {
      std::complex<double> sum = 0;
      for (std::int64_t j = 0; j < length; ++j)
        sum += x[static_cast<std::size_t>(j)] *
               std::polar(1.0, -2 * M_PI * static_cast<double>(f * j) / static_cast<double>(length));
      EXPECT_NEAR(std::abs(found[static_cast<std::size_t>(f)] - sum), 0, 1e-13 * static_cast<double>(length))
          << length << " " << f;
    }
  }
}

// A wave along the rows has its power in one band of the rows and in the lowest of the columns.
TEST(Fourier, AWaveIsInItsBand) {
  constexpr std::int64_t rows = 8, columns = 32;
  std::vector<double> weight(rows * columns);
  for (std::size_t i = 0; i < weight.size(); ++i)
    weight[i] = std::cos(2 * M_PI * 12 * static_cast<double>(i % columns) / columns);
  const std::vector<std::int64_t> chosen{0};
  const std::vector<double> bands =
      numbers_of(named("fourier"), SampleLayers<double>{{1, 1, rows, columns, 0}, chosen, nullptr, nullptr, weight.data()});
  ASSERT_EQ(bands.size(), 8u + 5u);
  for (std::size_t b = 0; b < 8; ++b)
    EXPECT_EQ(bands[b] > -10, b == 6) << b << ": " << bands[b];  // 17 frequencies: 12 and 13
  for (std::size_t b = 9; b < 13; ++b) EXPECT_LT(bands[b], bands[8] - 20);
}

TEST(Representation, TheImageHoldsTilesOfMeans) {
  WeightCase<double> given({1, 3, 9, 12, 5});
  const std::vector<double> image = numbers_of(named("image"), given.factors());
  const PictureShape shape = image_shape(3);
  ASSERT_EQ(image.size(), static_cast<std::size_t>(shape.height * shape.width));
  double mean = 0;  // of rows 2 and 3 (the second of four parts of nine), columns 9 to 11 of the second layer
  for (std::int64_t i = 2; i < 4; ++i)
    for (std::int64_t j = 9; j < 12; ++j) mean += given.at(1, i, j) / 6;
  EXPECT_NEAR(image[static_cast<std::size_t>(1 * shape.width + 4 + 3)], mean, 1e-14);
  EXPECT_EQ(image_shape(128).height * image_shape(128).width, 128 * 16);
}

TEST(Representation, EntriesAreThoseOfTheMatrix) {
  WeightCase<double> given({1, 2, 4, 4, 4});
  EXPECT_EQ(numbers_of(named("flattened"), given.whole()), given.weight);  // sixteen entries: all of them, in their order
}

TEST(Representation, NamesAreChecked) {
  EXPECT_EQ(named_representations("").size(), 9u);
  EXPECT_EQ(named_representations("norms,image,norms").size(), 2u);
  testing::expect_error(Status::usage, {"unknown representation 'momnets'", "did you mean 'moments'"},
                        [] { named_representations("norms,momnets"); });
  for (const char* list : {",", "norms,,image", ",norms", "norms,"})
    testing::expect_error(Status::usage, {list, "a name is missing"}, [&] { named_representations(list); });
}

TEST(ChosenLayers, LieEvenly) {
  EXPECT_EQ(chosen_layers(4, 1), (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(chosen_layers(8, 0.5), (std::vector<std::int64_t>{1, 3, 5, 7}));
  EXPECT_EQ(chosen_layers(9, 0.01), (std::vector<std::int64_t>{4}));
}

}  // namespace
}  // namespace jetpinn
