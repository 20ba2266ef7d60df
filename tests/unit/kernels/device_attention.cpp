#include "jetpinn/kernels/device_attention.hpp"

#include "support/attention_case.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using test::worst_difference;

// Sums of as many terms as there are tokens and of products of rows, each rounded on either side.
double attention_roundings(const AttentionPattern& pattern) {
  return 8 * static_cast<double>(4 * pattern.width + pattern.tokens + 16);
}

template <class T>
void check_attention(const test::AttentionShape& shape) {
  SCOPED_TRACE(std::to_string(shape.tokens) + " tokens of width " + std::to_string(shape.width));
  test::OnDevice device;
  test::AttentionCase<T> host(shape, 2);
  host.forward();
  host.reverse();
  const auto count = static_cast<std::int64_t>(host.q.size());
  const DeviceAttention<T, Space> there{host.pattern,       2,
                                        device.put(host.q), device.put(host.k),
                                        device.put(host.v), device.put(std::vector<T>(host.kept.size(), T(7)))};
  const auto out = device.room<T>(count), q = device.room<T>(count), k = device.room<T>(count), v = device.room<T>(count);
  sparse_attention_forward<T, Space>(device.stream(), there, out);
  sparse_attention_reverse<T, Space>(device.stream(), there, out, {device.put(host.bar), q, k, v},
                                     device.room<T>(2 * host.pattern.tokens));
  std::vector<T> kept = device.get(there.kept, host.kept.size());
  for (std::int64_t n = 0; n < 2; ++n)
    EXPECT_TRUE(attended(AttentionKept<T>{host.pattern, kept.data()}, n, 0, host.pattern.tokens) == host.mask(n));
  const double bound = attention_roundings(host.pattern);
  EXPECT_LE(worst_difference(device.get(out, host.out.size()), host.out), bound);
  EXPECT_LE(worst_difference(device.get(q, host.out.size()), host.q_bar), bound);
  EXPECT_LE(worst_difference(device.get(k, host.out.size()), host.k_bar), bound);
  EXPECT_LE(worst_difference(device.get(v, host.out.size()), host.v_bar), bound);
}

TEST(DeviceAttention, IsTheHosts) {
  for (const test::AttentionShape& shape : test::attention_shapes()) {
    check_attention<float>(shape);
    check_attention<double>(shape);
  }
}

TEST(DeviceAttention, ChoosesTheFirstOfEqualTiles) {
  test::OnDevice device;
  test::AttentionCase<double> host({12 * 32, 3, {0, 0, 0.3}}, 1);
  for (std::size_t i = 0; i < host.k.size(); ++i) host.k[i] = 0, host.q[i] = i % 2 == 0 ? 1 : -1;
  host.forward();
  const DeviceAttention<double, Space> there{
      host.pattern,       1,
      device.put(host.q), device.put(host.k),
      device.put(host.v), device.room<double>(static_cast<std::int64_t>(host.kept.size()))};
  sparse_attention_forward<double, Space>(device.stream(), there, device.room<double>(host.size()));
  std::vector<double> kept = device.get(there.kept, host.kept.size());
  EXPECT_TRUE(attended(AttentionKept<double>{host.pattern, kept.data()}, 0, 0, host.pattern.tokens) == host.mask(0));
}

}  // namespace
}  // namespace jetpinn
