#include "jetpinn/runtime/generated_product.hpp"

#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

template <class T>
class GeneratedProducts : public testing::Test {};
using GeneratedTypes = testing::Types<float, double>;
TYPED_TEST_SUITE(GeneratedProducts, GeneratedTypes);

// Code of one function and of several, outputs without a weight.
TYPED_TEST(GeneratedProducts, AreTheSumsOfTheirRows) {
  using T = TypeParam;
  std::mt19937 generator(4);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const auto number = [&] { return static_cast<double>(static_cast<T>(uniform(generator))); };
  for (const double density : {0.01, 0.6}) {
    SparsePattern pattern{83, 67, {}};
    std::vector<double> kept, whole(static_cast<std::size_t>(pattern.weights()));
    for (std::int64_t place = 0; place < pattern.weights(); ++place) {
      if (std::abs(uniform(generator)) > density) continue;
      pattern.kept.push_back(place);
      kept.push_back(whole[static_cast<std::size_t>(place)] = number());
    }
    const auto product = make_generated_product<T>(pattern, kept.data());
    ASSERT_EQ(static_cast<bool>(product), generates_products());
    if (!product) continue;  // for such a processor libxsmm generates none, and it is refused
    EXPECT_GT(product->bytes().total, 10 * product->bytes().values / sizeof(T));  // instructions of at least 10 bytes
    for (const int packs : {1, 2, 4, 8}) {
      const std::int64_t points = packs * pack_lanes<T>;
      std::vector<T> x(static_cast<std::size_t>(83 * points)), bias(67), y(static_cast<std::size_t>(67 * points));
      for (T& value : x) value = static_cast<T>(number());
      for (T& value : bias) value = static_cast<T>(number());
      (*product)(packs, x.data(), bias.data(), y.data());
      test::Worst worst;
      for (std::int64_t o = 0; o < 67; ++o)
        for (std::int64_t p = 0; p < points; ++p) {
          double exact = bias[static_cast<std::size_t>(o)];
          for (std::int64_t i = 0; i < 83; ++i)
            exact += whole[static_cast<std::size_t>(i * 67 + o)] * x[static_cast<std::size_t>(i * points + p)];
          worst.take(std::abs(y[static_cast<std::size_t>(o * points + p)] - exact));
        }
      EXPECT_LE(worst.value(), 84 * std::numeric_limits<T>::epsilon()) << packs;  // 83 products and a bias, all below 1
    }
  }
}

// More weights of one output than 128 KiB of code hold.
TYPED_TEST(GeneratedProducts, OfLongRowsAreRefused) {
  SparsePattern pattern{4000, 2, {}};
  for (std::int64_t i = 0; i < 4000; ++i) pattern.kept.push_back(2 * i);
  EXPECT_FALSE(make_generated_product<TypeParam>(pattern, std::vector<double>(4000, 0.5).data()));
}

}  // namespace
}  // namespace jetpinn
