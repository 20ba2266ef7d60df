#include "jetpinn/runtime/product.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <dlfcn.h>
#include <limits>
#include <random>

namespace jetpinn {
namespace {

// Row-major with leading dimensions larger than the extents; what lies beyond the extents must neither be read nor written.
template <class T>
void compare(const std::string& backend, ProductKind kind, std::int64_t rows, std::int64_t k, std::int64_t n) {
  SCOPED_TRACE(backend + " " + to_string(kind) + " rows " + std::to_string(rows) + " " + std::to_string(k) + "x" +
               std::to_string(n));
  const bool multiply = kind != ProductKind::accumulate;
  const ProductShape shape{kind, k, n, k + 3, n + 5, n + 2};
  std::mt19937 generator(3);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const auto make = [&](std::int64_t height, std::int64_t width, std::int64_t ld) {
    std::vector<T> m(static_cast<std::size_t>(height * ld), std::numeric_limits<T>::quiet_NaN());
    for (std::int64_t i = 0; i < height; ++i) {
      for (std::int64_t j = 0; j < width; ++j) m[static_cast<std::size_t>(i * ld + j)] = static_cast<T>(uniform(generator));
    }
    return m;
  };
  const auto a = make(rows, k, shape.lda), b = make(multiply ? k : rows, n, shape.ldb);
  auto c = make(multiply ? rows : k, n, shape.ldc);
  const auto before = c;
  (*make_product<T>(backend, shape))(rows, a.data(), b.data(), c.data());
  const std::int64_t height = multiply ? rows : k, inner = multiply ? k : rows;
  test::Worst worst;
  for (std::int64_t i = 0; i < height; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double exact = kind == ProductKind::multiply ? 0 : before[static_cast<std::size_t>(i * shape.ldc + j)];
      for (std::int64_t l = 0; l < inner; ++l) {
        exact += double(multiply ? a[static_cast<std::size_t>(i * shape.lda + l)]
                                 : a[static_cast<std::size_t>(l * shape.lda + i)]) *
                 b[static_cast<std::size_t>(l * shape.ldb + j)];
      }
      worst.take(std::abs(c[static_cast<std::size_t>(i * shape.ldc + j)] - exact));
    }
    for (std::int64_t j = n; j < shape.ldc; ++j) ASSERT_TRUE(std::isnan(c[static_cast<std::size_t>(i * shape.ldc + j)]));
  }
  EXPECT_LE(worst.value(), static_cast<double>(inner + 1) * std::numeric_limits<T>::epsilon());  // addends are at most 1
}

TEST(Product, EveryBackendMatchesPlainLoopsOnAwkwardSizes) {
  for (const auto& backend : product_backends()) {
    for (auto kind : {ProductKind::multiply, ProductKind::accumulate, ProductKind::add}) {
      for (auto [rows, k, n] : {std::array<std::int64_t, 3>{1, 1, 1}, {63, 63, 63}, {597, 43, 48}, {65, 1, 130}, {3, 129, 1},
                                {200, 257, 300}, {64, 128, 128}}) {
        compare<double>(backend, kind, rows, k, n);
        compare<float>(backend, kind, rows, k, n);
      }
    }
  }
}

TEST(Product, OneObjectServesAnyNumberOfRows) {
  const ProductShape shape{ProductKind::multiply, 8, 16, 8, 16, 16};
  const auto product = make_product<double>("libxsmm", shape);
  const std::vector<double> a(100 * 8, 1.0), b(8 * 16, 2.0);
  for (std::int64_t rows : {100, 1, 64, 37, 100}) {
    std::vector<double> c(static_cast<std::size_t>(rows * 16));
    (*product)(rows, a.data(), b.data(), c.data());
    for (double value : c) ASSERT_EQ(value, 16.0);
  }
}

// libxsmm's archives hold a plain-loop sgemm_ that must not take the place of LibTorch's (cmake/FindLibxsmm.cmake).
TEST(Product, LibtorchKeepsItsOwnBlas) {
  libtorch_algebra("this test");
  for (const char* name : {"sgemm_", "dgemm_", "dpotrf_", "dsyevd_", "dgeqrf_"}) {
    // What the program and the libraries that it is linked with show comes first, for LibTorch too.
    void* first = dlsym(RTLD_DEFAULT, name);
    Dl_info info;
    if (!first) continue;
    ASSERT_NE(dladdr(first, &info), 0);
    EXPECT_NE(std::string(info.dli_fname).find("torch"), std::string::npos) << name << " of " << info.dli_fname;
  }
}

TEST(ProductChoice, SurvivesItsText) {
  const ProductShape shape{ProductKind::accumulate, 32, 48, 32, 48, 48};
  ProductChoice choice;
  choice.set<float>(shape, "libtorch");
  const ProductChoice again(choice.text());
  EXPECT_EQ(again.text(), "fp32 accumulate 32x48 libtorch");
  EXPECT_EQ(again.backend<float>(shape), "libtorch");
  EXPECT_EQ(again.backend<double>(shape), product_backends().front());
}

TEST(ProductChoice, RefusesWhatIsNoChoice) {
  EXPECT_THROW(ProductChoice("fast please"), Error);
  EXPECT_THROW(make_product<double>("mkl", {ProductKind::multiply, 1, 1, 1, 1, 1}), Error);
}

TEST(ProductChoice, OneDisturbedMeasurementDoesNotChangeIt) {
  const std::vector<std::string> names{"first", "second"};
  int calls = 0;
  const auto disturbed_once = [&](const std::string& name) { return calls++ == 0 ? 10.0 : name == "first" ? 100.0 : 50.0; };
  EXPECT_EQ(choose_backend(names, disturbed_once), (std::pair<std::string, double>("first", 100)));
  const auto nearly_equal = [](const std::string& name) { return name == "first" ? 100.0 : 105.0; };
  EXPECT_EQ(choose_backend(names, nearly_equal).first, "first");
  const auto clearly_faster = [](const std::string& name) { return name == "first" ? 100.0 : 200.0; };
  EXPECT_EQ(choose_backend(names, clearly_faster), (std::pair<std::string, double>("second", 200)));
}

TEST(ProductChoice, OnlyWideProductsAreWorthAnotherBackend) {
  const std::vector<std::string> first{product_backends().front()};
  EXPECT_EQ(measured_backends({ProductKind::multiply, 128, 128}), first);
  EXPECT_EQ(measured_backends({ProductKind::multiply, 129, 16}), product_backends());
  EXPECT_EQ(measured_backends({ProductKind::accumulate, 16, 129}), product_backends());
}

TEST(ProductChoice, MeasuresEveryShape) {
  for (const std::int64_t k : {16, 136}) {
    const ProductShape shape{ProductKind::multiply, k, 16, k, 16, 16};
    const ProductChoice choice = choose_products<double>({shape}, 64);
    EXPECT_FALSE(choice.text().empty());
    EXPECT_GT(choice.best_rate, 0);
  }
}

TEST(ProductChoice, HoldsShapesThatNeedNoMeasurement) {
  const ProductChoice choice =
      choose_products<double>({{ProductKind::multiply, 8, 16, 8, 16, 16}, {ProductKind::multiply, 16, 16, 16, 16, 16}}, 64);
  EXPECT_EQ(choice.text(), "fp64 multiply 16x16 libxsmm, fp64 multiply 8x16 libxsmm");
  EXPECT_GT(choice.best_rate, 0);
}

TEST(Pool, GivesAlignedZeroedPiecesAndCountsThem) {
  Pool pool;
  double* a = pool.allocate<double>(1000);
  float* b = pool.allocate<float>(3000000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 64, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b) % 64, 0u);
  EXPECT_EQ(pool.bytes(), 8000 + 12000000);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(a[i], 0);
  a[999] = 1;
  b[2999999] = 1;
  EXPECT_EQ(b[0], 0);
}

}  // namespace
}  // namespace jetpinn
