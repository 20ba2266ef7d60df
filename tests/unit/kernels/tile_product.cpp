#include "jetpinn/kernels/tile_product.hpp"

#include "jetpinn/kernels/sparse_rows.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

struct Shape {
  std::int64_t inputs, outputs;
  double density;
};

// One weight, a whole matrix, no weight in some rows and tiles, more columns than one tile and more rows than a block has.
const Shape shapes[] = {{1, 1, 1},    {3, 5, 0.5},    {43, 7, 0.2},   {63, 130, 0.25},
                        {130, 63, 1}, {597, 43, 0.1}, {300, 9, 0.01}, {21, 300, 0.1}};

class Random {
 public:
  template <class T>
  std::vector<T> values(std::int64_t count) {
    std::vector<T> list(static_cast<std::size_t>(count));
    for (T& value : list) value = static_cast<T>(uniform_(generator_));
    return list;
  }
  SparsePattern pattern(const Shape& shape) {
    SparsePattern pattern{shape.inputs, shape.outputs, {}};
    for (std::int64_t place = 0; place < pattern.weights(); ++place)
      if (place == 0 || std::abs(uniform_(generator_)) < shape.density) pattern.kept.push_back(place);
    return pattern;
  }

 private:
  std::mt19937 generator_{7};
  std::uniform_real_distribution<double> uniform_{-1, 1};
};

// Sums of at most `terms` products of numbers below 1, each rounded once or twice.
template <class T>
double product_tolerance(std::int64_t terms) {
  return 2 * static_cast<double>(terms + 1) * std::numeric_limits<T>::epsilon();
}

template <class T>
class TileProducts : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(TileProducts, Types);

TYPED_TEST(TileProducts, EveryFormatIsTheWholeMatrix) {
  using T = TypeParam;
  Random random;
  for (const Shape& shape : shapes) {
    const SparsePattern pattern = random.pattern(shape);
    std::vector<double> kept = random.values<double>(static_cast<std::int64_t>(pattern.kept.size()));
    for (double& value : kept) value = static_cast<double>(static_cast<T>(value));
    std::vector<double> whole(static_cast<std::size_t>(pattern.weights()));
    expand(pattern, kept.data(), whole.data());
    const std::vector<T> bias = random.values<T>(shape.outputs);
    for (const int packs : {1, 2, 4, 8}) {
      const std::int64_t points = packs * pack_lanes<T>;
      const std::vector<T> x = random.values<T>(shape.inputs * points);
      for (const std::string& format : sparse_formats()) {
        const auto product = make_sparse_product<T>(format, pattern, kept.data());
        std::vector<T> y(static_cast<std::size_t>(shape.outputs * points), std::numeric_limits<T>::quiet_NaN());
        (*product)(packs, x.data(), bias.data(), y.data());
        test::Worst worst;
        for (std::int64_t o = 0; o < shape.outputs; ++o)
          for (std::int64_t p = 0; p < points; ++p) {
            double exact = bias[static_cast<std::size_t>(o)];
            for (std::int64_t i = 0; i < shape.inputs; ++i)
              exact += whole[static_cast<std::size_t>(i * shape.outputs + o)] * x[static_cast<std::size_t>(i * points + p)];
            worst.take(std::abs(y[static_cast<std::size_t>(o * points + p)] - exact));
          }
        EXPECT_LE(worst.value(), product_tolerance<T>(shape.inputs))
            << format << " " << shape.inputs << "x" << shape.outputs;
        EXPECT_GE(product->bytes().total, product->bytes().values);
      }
    }
  }
}

// Rows of any number, padded, in tiles: forward, added, transposed, and the gradient of the weights.
TYPED_TEST(TileProducts, RowsAreTheSumsOfTheirElements) {
  using T = TypeParam;
  Random random;
  for (const Shape& shape : shapes) {
    const SparsePattern pattern = random.pattern(shape);
    const auto kept = static_cast<std::int64_t>(pattern.kept.size());
    const TileRows forward = tile_rows(pattern), backward = tile_rows(pattern, true);
    const std::vector<T> weights = random.values<T>(kept);
    const auto in_order = [&](const TileRows& matrix) {
      std::vector<T> values;
      for (const std::int64_t k : matrix.order) values.push_back(weights[static_cast<std::size_t>(k)]);
      return values;
    };
    std::vector<T> scratch(static_cast<std::size_t>(sparse_scratch<T>(forward)));
    const std::int64_t x_width = padded<T>(shape.inputs), y_width = padded<T>(shape.outputs);
    for (const std::int64_t rows : {1, 63, 200}) {
      const std::vector<T> x = random.values<T>(rows * x_width), adjoint = random.values<T>(rows * y_width);
      std::vector<T> y(static_cast<std::size_t>(rows * y_width), T(1)), twice = y, back(x.size(), T(1));
      std::vector<T> gradient(static_cast<std::size_t>(kept), T(0.5));
      sparse_forward<T>({}, forward, in_order(forward).data(), rows, x.data(), x_width, false, y.data(), y_width,
                        scratch.data());
      sparse_forward<T>({}, forward, in_order(forward).data(), rows, x.data(), x_width, true, twice.data(), y_width,
                        scratch.data());
      sparse_forward<T>({}, backward, in_order(backward).data(), rows, adjoint.data(), y_width, false, back.data(), x_width,
                        scratch.data());
      sparse_gradient<T, T>({}, forward, rows, x.data(), x_width, adjoint.data(), y_width, gradient.data(), scratch.data());
      std::vector<double> exact_y(y.size()), exact_back(back.size()), exact_gradient(gradient.size(), 0.5);
      for (std::int64_t k = 0; k < kept; ++k) {
        const std::int64_t place = pattern.kept[static_cast<std::size_t>(k)], i = place / shape.outputs,
                           o = place % shape.outputs;
        const double w = weights[static_cast<std::size_t>(k)];
        for (std::int64_t r = 0; r < rows; ++r) {
          exact_y[static_cast<std::size_t>(r * y_width + o)] += w * x[static_cast<std::size_t>(r * x_width + i)];
          exact_back[static_cast<std::size_t>(r * x_width + i)] += w * adjoint[static_cast<std::size_t>(r * y_width + o)];
          exact_gradient[static_cast<std::size_t>(k)] += static_cast<double>(x[static_cast<std::size_t>(r * x_width + i)]) *
                                                         adjoint[static_cast<std::size_t>(r * y_width + o)];
        }
      }
      test::Worst worst, worst_back, worst_gradient;
      for (std::size_t at = 0; at < y.size(); ++at) {
        worst.take(std::abs(y[at] - exact_y[at]));
        const bool pads = static_cast<std::int64_t>(at) % y_width >= shape.outputs;
        worst.take(std::abs(twice[at] - (pads ? 0 : exact_y[at] + 1)));
      }
      for (std::size_t at = 0; at < back.size(); ++at) worst_back.take(std::abs(back[at] - exact_back[at]));
      for (std::size_t k = 0; k < gradient.size(); ++k)
        worst_gradient.take(std::abs(gradient[k] - exact_gradient[static_cast<std::size_t>(forward.order[k])]));
      EXPECT_LE(worst.value(), product_tolerance<T>(shape.inputs));
      EXPECT_LE(worst_back.value(), product_tolerance<T>(shape.outputs));
      EXPECT_LE(worst_gradient.value(), product_tolerance<T>(rows));
    }
  }
}

TEST(SparsePattern, IsItsBits) {
  Random random;
  for (const Shape& shape : shapes) {
    const SparsePattern pattern = random.pattern(shape);
    const SparsePattern again = pattern_of(bits_of(pattern), shape.inputs, shape.outputs);
    EXPECT_EQ(again.kept, pattern.kept);
    const std::vector<double> kept = random.values<double>(static_cast<std::int64_t>(pattern.kept.size()));
    std::vector<double> whole(static_cast<std::size_t>(pattern.weights()), 9.0);
    expand(pattern, kept.data(), whole.data());
    EXPECT_EQ(kept_of(pattern, whole.data()), kept);
  }
}

}  // namespace
}  // namespace jetpinn
