// What the engine is made of, on a card: memory, copies, launches, products, vectors.
#include "jetpinn/runtime/device.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/optim/vector_device.hpp"
#include "jetpinn/runtime/stream_product.hpp"

#include "support/gpu.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

namespace jetpinn {
namespace {

using Space = CudaSpace;

class GpuDevice : public ::testing::Test {
 protected:
  void SetUp() override {
    JETPINN_NEEDS_A_CARD();
    device_ = std::make_unique<Device<Space>>();
  }
  Stream stream() { return device_->stream({}); }
  template <class T>
  DevicePointer<T, Space> put(const std::vector<T>& values) {
    return upload<Space>(stream(), device_->pool, values);
  }
  template <class T>
  std::vector<T> get(DevicePointer<T, Space> from, std::size_t count) {
    std::vector<T> values(count);
    copy(stream(), from, values.data(), static_cast<std::int64_t>(count));
    stream().wait();
    return values;
  }
  std::unique_ptr<Device<Space>> device_;
};

std::vector<double> wave(std::size_t n, double phase) {
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::sin(1.3 * static_cast<double>(i) + phase);
  return x;
}

TEST_F(GpuDevice, ItsMemoryIsZeroAndCanBeFilled) {
  const auto place = device_->pool.allocate<double>(1000);
  EXPECT_EQ(get(place, 1000), std::vector<double>(1000, 0.0));
  fill(stream(), place, 999, 2.5);
  std::vector<double> expected(1000, 2.5);
  expected.back() = 0;
  EXPECT_EQ(get(place, 1000), expected);
}

// Sizes below and beyond what is staged, and more in all than the staging memory holds.
TEST_F(GpuDevice, CopiesComeBackAsTheyWent) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 17, (std::size_t{1} << 17) + 1})
    EXPECT_EQ(get(put(wave(n, 0.1)), n), wave(n, 0.1)) << n;
  const auto place = device_->pool.allocate<double>(100 * 100000);
  for (std::size_t i = 0; i < 100; ++i) {  // each written over as soon as it was given
    const std::vector<double> piece = wave(100000, static_cast<double>(i));
    copy(stream(), piece, place + static_cast<std::int64_t>(i) * 100000);
  }
  for (std::size_t i = 0; i < 100; ++i)
    EXPECT_EQ(get(place + static_cast<std::int64_t>(i) * 100000, 100000), wave(100000, static_cast<double>(i))) << i;
}

// Whole numbers: exact in any order. Rows and widths that no tile of a kernel divides.
template <class T, class Put, class Get>
void compare_products(Stream stream, const Put& put, const Get& get) {
  for (const ProductKind kind : {ProductKind::multiply, ProductKind::add, ProductKind::accumulate})
    for (const std::int64_t k : {1, 8, 50, 128, 300})
      for (const std::int64_t n : {16, 64, 304})
        for (const std::int64_t rows : {1, 37, 5000}) {
          const std::int64_t lda = (k + 15) / 16 * 16;
          const bool accumulate = kind == ProductKind::accumulate;
          const ProductShape shape{kind, k, n, lda, n, n};
          std::vector<T> a, b, c;
          for (std::int64_t i = 0; i < rows * lda; ++i) a.push_back(static_cast<T>(i % 7 - 3));
          for (std::int64_t i = 0; i < (accumulate ? rows : k) * n; ++i) b.push_back(static_cast<T>(i % 5 - 2));
          for (std::int64_t i = 0; i < (accumulate ? k : rows) * n; ++i) c.push_back(static_cast<T>(i % 3));
          const auto a_there = put(a), b_there = put(b), c_there = put(c);
          const StreamProduct<T, Space> product(cuda_backend, shape);
          product(stream, rows, a_there, b_there, c_there);
          (*make_product<T>("libxsmm", shape))(rows, a.data(), b.data(), c.data());
          EXPECT_EQ(get(c_there, c.size()), c) << to_string(kind) << " " << k << "x" << n << " of " << rows << " rows";
        }
}

TEST_F(GpuDevice, ProductsAreTheHosts) {
  const auto to = [&](const auto& values) { return put(values); };
  const auto from = [&](auto place, std::size_t count) { return get(place, count); };
  compare_products<double>(stream(), to, from);
  compare_products<float>(stream(), to, from);
}

TEST(GpuVectors, ReduceAsTheEmulatedDeviceDoes) {
  JETPINN_NEEDS_A_CARD();
  const auto card = make_vector_device("cuda"), emulated = make_vector_device("emulated");
  for (const std::int64_t n : {1, 7, 128, 129, 128 * 128 + 1}) {
    const std::vector<double> x = wave(static_cast<std::size_t>(n), 0.2), y = wave(static_cast<std::size_t>(n), 2.1);
    std::vector<double> results;
    for (VectorDevice* device : {card.get(), emulated.get()}) {
      const DeviceVector x_there = device->take(n), y_there = device->take(n);
      device->upload(x.data(), x_there, n).wait();
      device->upload(y.data(), y_there, n).wait();
      device->combine(2, x_there, -0.5, y_there, y_there, n);
      for (const double result :
           {device->dot(x_there, y_there, n), device->sum_of_magnitudes(y_there, n), device->largest_magnitude(y_there, n)})
        results.push_back(result);
      device->give_back(x_there);
      device->give_back(y_there);
    }
    // The same order of additions; a card may fuse a product with its addition.
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(results[i], results[i + 3], static_cast<double>(n) * 4 * std::numeric_limits<double>::epsilon()) << n;
  }
}

}  // namespace
}  // namespace jetpinn
