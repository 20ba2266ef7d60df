// What a thread of a device does in the first and the last layer (formulas: edge_layers.hpp).
#pragma once

#include "jetpinn/kernels/column_sums.hpp"
#include "jetpinn/kernels/edge_layers.hpp"

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

// Item p * width + j: z_cpj of every channel c.
template <class T>
struct InputForwardItem {
  JetTile tile;
  FeatureJets<T> jets;
  const T* weights;
  T* z;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t width = tile.width, p = item / width, j = item % width;
    int e = 0;
    for (int c = 0; c < jets.channels; ++c) {
      T sum = 0;
      for (int i = 0; i < jets.features; ++i) sum += jets.constant[c * jets.features + i] * weights[i * width + j];
      for (; e < jets.varying && jets.channel[e] == c; ++e)
        sum += jets.values[e * jets.stride + p] * weights[jets.feature[e] * width + j];
      z[c * tile.points * width + item] = sum;
    }
  }
};

// To be summed over points: column (c, j) of zbar_cpj, then column (channels + e, j) of x_ep zbar_cpj of every pair e that
// varies.
template <class T>
struct InputReverseTerm {
  JetTile tile;
  FeatureJets<T> jets;
  const T* adjoint;
  KOKKOS_FUNCTION T operator()(std::int64_t p, std::int64_t column) const {
    const std::int64_t row = column / tile.width, j = column % tile.width, e = row - jets.channels;
    const std::int64_t c = e < 0 ? row : jets.channel[e];
    const T bar = adjoint[(c * tile.points + p) * tile.width + j];
    return e < 0 ? bar : jets.values[e * jets.stride + p] * bar;
  }
};

// The sums of runs put together. Item i * width + j: the gradient of W_ij.
template <class T>
struct InputGradientItem {
  JetTile tile;
  FeatureJets<T> jets;
  const T* partial;
  T* weight_gradient;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t i = item / tile.width, j = item % tile.width;
    T sum = 0;
    for (int c = 0; c < jets.channels; ++c) {
      const T x = jets.constant[c * jets.features + i];
      if (x != T(0)) sum += x * of(c, j);
    }
    for (int e = 0; e < jets.varying; ++e)
      if (jets.feature[e] == i) sum += of(jets.channels + e, j);
    weight_gradient[item] += sum;
  }
  KOKKOS_FUNCTION T of(std::int64_t row, std::int64_t j) const {
    const std::int64_t columns = (jets.channels + jets.varying) * tile.width;
    return sum_of_runs(partial, sum_runs(tile.points), columns, row * tile.width + j);
  }
};

// Item (f * channels + c) * points + p: u_fcp.
template <class T>
struct OutputForwardItem {
  JetTile tile;
  int channels;
  const T *weights, *bias, *h;
  T* u;
  std::int64_t stride;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t column = item / tile.points, p = item % tile.points, f = column / channels, c = column % channels;
    const T *row = h + (c * tile.points + p) * tile.width, *v = weights + f * tile.width;
    T sum = 0;
    for (std::int64_t j = 0; j < tile.width; ++j) sum += row[j] * v[j];
    u[column * stride + p] = c == 0 ? sum + bias[f] : sum;
  }
};

// Item (c * points + p) * width + j: hbar_cpj.
template <class T>
struct OutputAdjointItem {
  JetTile tile;
  int channels, fields;
  const T *weights, *ubar;
  std::int64_t stride;
  T* adjoint;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t row = item / tile.width, j = item % tile.width, c = row / tile.points, p = row % tile.points;
    T sum = 0;
    for (int f = 0; f < fields; ++f) sum += ubar[(f * channels + c) * stride + p] * weights[f * tile.width + j];
    adjoint[item] = sum;
  }
};

// To be summed over rows c * points + p: column f * width + j of ubar_fcp h_cpj.
template <class T>
struct OutputWeightTerm {
  JetTile tile;
  int channels;
  const T *h, *ubar;
  std::int64_t stride;
  KOKKOS_FUNCTION T operator()(std::int64_t row, std::int64_t column) const {
    const std::int64_t f = column / tile.width, j = column % tile.width, c = row / tile.points, p = row % tile.points;
    return ubar[(f * channels + c) * stride + p] * h[row * tile.width + j];
  }
};

// To be summed over points: column f of ubar_f0p.
template <class T>
struct OutputBiasTerm {
  int channels;
  const T* ubar;
  std::int64_t stride;
  KOKKOS_FUNCTION T operator()(std::int64_t p, std::int64_t f) const { return ubar[f * channels * stride + p]; }
};

}  // namespace jetpinn
