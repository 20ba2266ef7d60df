// The thin ends of a network on jets: from features to the first layer, and from the last hidden layer to the fields.
//
// First layer: z_c = sum_i x_ci W_i, where x_ci, channel c of feature i, is the same for all points for most pairs (a linear
// feature's derivative) and then costs one row instead of a product. Last layer: u_fc = sum_j h_cj v_fj (+ bias for c = 0).
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_jet.hpp"

#include <cstdint>

namespace jetpinn {

// The features' jets of a tile of points.
template <class T, class Space = HostSpace>
struct FeatureJets {
  int features = 0, channels = 0;
  Pointer<const T, Space> constant = nullptr;   // [channels, features] the part that does not vary over points
  int varying = 0;                              // pairs that vary, sorted by channel
  Pointer<const int, Space> channel = nullptr;  // [varying]
  Pointer<const int, Space> feature = nullptr;  // [varying]
  Pointer<const T, Space> values = nullptr;     // values[e * stride + p]
  std::int64_t stride = 0;
};

// z [channels, points, width] from weights [features, width].
template <class T>
void input_forward(Stream stream, JetTile tile, const FeatureJets<T>& jets, const T* weights, T* z);

// weight_gradient [features, width] += sum over channels and points of x_ci zbar_c.
template <class T>
void input_reverse(Stream stream, JetTile tile, const FeatureJets<T>& jets, const T* adjoint, T* weight_gradient);

// u[(f * channels + c) * stride + p] from h [channels, points, width] and weights [fields, width], bias [fields].
template <class T>
void output_forward(Stream stream, JetTile tile, int channels, int fields, const T* weights, const T* bias, const T* h, T* u,
                    std::int64_t stride);

// From ubar (laid out as u): adjoint [channels, points, width] is overwritten, the gradients are added to.
template <class T>
void output_reverse(Stream stream, JetTile tile, int channels, int fields, const T* weights, const T* h, const T* ubar,
                    std::int64_t stride, T* adjoint, T* weight_gradient, T* bias_gradient);

}  // namespace jetpinn
