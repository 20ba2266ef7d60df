// The first and the last layer for devices. Arguments as for the host's kernels (edge_layers.hpp); partial is scratch of as
// many values as the function beside each says.
#pragma once

#include "jetpinn/kernels/column_sums.hpp"
#include "jetpinn/kernels/edge_layers.hpp"

#include <algorithm>

namespace jetpinn {

template <class T, class Space>
void input_forward(Stream stream, JetTile tile, const FeatureJets<T, Space>& jets, Pointer<const T, Space> weights,
                   DevicePointer<T, Space> z);

constexpr std::int64_t input_reverse_scratch(JetTile tile, int channels, int varying) {
  return sum_runs(tile.points) * (channels + varying) * tile.width;
}
template <class T, class Space>
void input_reverse(Stream stream, JetTile tile, const FeatureJets<T, Space>& jets, Pointer<const T, Space> adjoint,
                   DevicePointer<T, Space> weight_gradient, Pointer<T, Space> partial);

template <class T, class Space>
void output_forward(Stream stream, JetTile tile, int channels, int fields, Pointer<const T, Space> weights,
                    Pointer<const T, Space> bias, Pointer<const T, Space> h, DevicePointer<T, Space> u, std::int64_t stride);

constexpr std::int64_t output_reverse_scratch(JetTile tile, int channels, int fields) {
  return std::max(sum_runs(channels * tile.points) * tile.width, sum_runs(tile.points)) * fields;
}
template <class T, class Space>
void output_reverse(Stream stream, JetTile tile, int channels, int fields, Pointer<const T, Space> weights,
                    Pointer<const T, Space> h, Pointer<const T, Space> ubar, std::int64_t stride,
                    DevicePointer<T, Space> adjoint, Pointer<T, Space> weight_gradient, Pointer<T, Space> bias_gradient,
                    Pointer<T, Space> partial);

}  // namespace jetpinn
