#include "jetpinn/runtime/stream_product.hpp"

#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
const ProductShape shape{ProductKind::multiply, 8, 16, 8, 16, 16};
constexpr std::int64_t rows = 37;

template <class T>
struct ProductCase {
  std::vector<T> a, b, c = std::vector<T>(rows * 16);
  ProductCase() {
    for (int i = 0; i < rows * 8; ++i) a.push_back(static_cast<T>(i % 7 - 3));
    for (int i = 0; i < 8 * 16; ++i) b.push_back(static_cast<T>(i % 5 - 2));
  }
};

template <class T>
void compare_products(const std::string& backend) {
  ProductCase<T> host, there;
  StreamProduct<T, HostSpace>(backend, shape)({}, rows, host.a.data(), host.b.data(), host.c.data());
  test::OnDevice device;
  const auto c = device.room<T>(rows * 16);
  {
    const StreamProduct<T, Space> product(backend, shape);  // may go before its work is done
    product(device.stream(), rows, device.put(there.a), device.put(there.b), c);
  }
  EXPECT_EQ(device.get(c, host.c.size()), host.c) << backend;  // whole numbers: exact in any order
  EXPECT_NE(host.c, there.c);
}

TEST(StreamProduct, ADeviceComputesWhatTheHostDoes) {
  for (const std::string& backend : product_backends()) {
    compare_products<double>(backend);
    compare_products<float>(backend);
  }
}

}  // namespace
}  // namespace jetpinn
