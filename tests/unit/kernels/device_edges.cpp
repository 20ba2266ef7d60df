#include "jetpinn/kernels/device_edges.hpp"

#include "jetpinn/kernels/pack.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using test::worst_difference;

template <class T>
std::vector<T> random_edges(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& v : values) v = static_cast<T>(uniform(generator));
  return values;
}

// Each addend is at most 1, and either side rounds each of them.
constexpr double roundings(double addends) { return 4 * addends; }

template <class T>
void check_input_on_device(std::int64_t points, std::int64_t units, int features, int channels) {
  test::OnDevice device;
  const std::int64_t width = padded<T>(units), stride = points + 3;
  auto constant = random_edges<T>(channels * features, 1);
  for (int i = 0; i < features; ++i) constant[static_cast<std::size_t>(i)] = 0;
  std::vector<int> channel, feature;
  for (int c = 0; c < channels; ++c)
    for (int i = 0; i < features; ++i)
      if (c == 0 || (c + i) % 3 == 0) channel.push_back(c), feature.push_back(i);
  const auto varying = static_cast<int>(channel.size());
  const auto values = random_edges<T>(varying * stride, 2), weights = random_edges<T>(features * width, 3);
  const auto adjoint = random_edges<T>(channels * points * width, 4);
  std::vector<T> z(adjoint.size());
  auto gradient = random_edges<T>(features * width, 5);

  const JetTile tile{points, width};
  const FeatureJets<T, Space> jets{
      features,           channels, device.put(constant), varying, device.put(channel), device.put(feature),
      device.put(values), stride};
  const auto z_there = device.room<T>(channels * points * width), gradient_there = device.put(gradient);
  input_forward<T, Space>(device.stream(), tile, jets, device.put(weights), z_there);
  input_reverse<T, Space>(device.stream(), tile, jets, device.put(adjoint), gradient_there,
                          device.room<T>(input_reverse_scratch(tile, channels, varying)));
  const FeatureJets<T> here{features,       channels,       constant.data(), varying,
                            channel.data(), feature.data(), values.data(),   stride};
  input_forward<T>({}, tile, here, weights.data(), z.data());
  input_reverse<T>({}, tile, here, adjoint.data(), gradient.data());
  EXPECT_LE(worst_difference(device.get(z_there, z.size()), z), roundings(2.0 * features));
  EXPECT_LE(worst_difference(device.get(gradient_there, gradient.size()), gradient),
            roundings(2.0 * channels * static_cast<double>(points)));
}

TEST(DeviceEdges, TheFirstLayerIsTheHosts) {
  check_input_on_device<double>(1, 1, 1, 1);
  check_input_on_device<double>(63, 43, 3, 5);
  check_input_on_device<double>(597, 43, 2, 3);
  check_input_on_device<float>(1, 63, 11, 12);
  check_input_on_device<float>(300, 17, 2, 4);
}

template <class T>
void check_output_on_device(std::int64_t points, std::int64_t units, int channels, int fields) {
  test::OnDevice device;
  const std::int64_t width = padded<T>(units), stride = points + 5;
  const JetTile tile{points, width};
  const auto weights = random_edges<T>(fields * width, 1), bias = random_edges<T>(fields, 2);
  const auto h = random_edges<T>(channels * points * width, 3), ubar = random_edges<T>(fields * channels * stride, 4);
  std::vector<T> u(ubar.size()), adjoint(h.size());
  auto weight_gradient = random_edges<T>(fields * width, 5), bias_gradient = random_edges<T>(fields, 6);
  const auto weights_there = device.put(weights), h_there = device.put(h), u_there = device.put(u),
             adjoint_there = device.put(adjoint), weight_gradient_there = device.put(weight_gradient),
             bias_gradient_there = device.put(bias_gradient);
  output_forward<T, Space>(device.stream(), tile, channels, fields, weights_there, device.put(bias), h_there, u_there,
                           stride);
  output_reverse<T, Space>(device.stream(), tile, channels, fields, weights_there, h_there, device.put(ubar), stride,
                           adjoint_there, weight_gradient_there, bias_gradient_there,
                           device.room<T>(output_reverse_scratch(tile, channels, fields)));
  output_forward<T>({}, tile, channels, fields, weights.data(), bias.data(), h.data(), u.data(), stride);
  output_reverse<T>({}, tile, channels, fields, weights.data(), h.data(), ubar.data(), stride, adjoint.data(),
                    weight_gradient.data(), bias_gradient.data());
  EXPECT_LE(worst_difference(device.get(u_there, u.size()), u), roundings(static_cast<double>(width) + 1));
  EXPECT_LE(worst_difference(device.get(adjoint_there, adjoint.size()), adjoint), roundings(fields));
  EXPECT_LE(worst_difference(device.get(weight_gradient_there, weight_gradient.size()), weight_gradient),
            roundings(channels * static_cast<double>(points)));
  EXPECT_LE(worst_difference(device.get(bias_gradient_there, bias_gradient.size()), bias_gradient),
            roundings(static_cast<double>(points)));
}

TEST(DeviceEdges, TheLastLayerIsTheHosts) {
  check_output_on_device<double>(1, 1, 1, 1);
  check_output_on_device<double>(597, 43, 3, 1);
  check_output_on_device<double>(63, 63, 5, 3);
  check_output_on_device<float>(300, 17, 4, 2);
}

}  // namespace
}  // namespace jetpinn
