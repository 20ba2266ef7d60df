#include "jetpinn/kernels/edge_layers.hpp"

#include "jetpinn/kernels/pack.hpp"

#include <Kokkos_Core.hpp>
#include <string>

namespace jetpinn {
namespace {

template <class F>
void over_columns(const std::string& label, std::int64_t columns, const F& f) {
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, columns), f);
}

}  // namespace

template <class T>
void input_forward(Stream, JetTile tile, const FeatureJets<T>& jets, const T* weights, T* z) {
  static const std::string label = "jetpinn::input_forward";
  over_columns(label, tile.width / pack_lanes<T>, KOKKOS_LAMBDA(std::int64_t column) {
    const std::int64_t at = column * pack_lanes<T>, width = tile.width;
    int e = 0;
    for (int c = 0; c < jets.channels; ++c) {
      Pack<T> base{};
      for (int i = 0; i < jets.features; ++i) base += jets.constant[c * jets.features + i] * load(weights + i * width + at);
      int end = e;
      while (end < jets.varying && jets.channel[end] == c) ++end;
      T* row = z + c * tile.points * width + at;
      for (std::int64_t p = 0; p < tile.points; ++p) {
        Pack<T> sum = base;
        for (int i = e; i < end; ++i) sum += jets.values[i * jets.stride + p] * load(weights + jets.feature[i] * width + at);
        store<T>(row + p * width, sum);
      }
      e = end;
    }
  });
}

template <class T>
void input_reverse(Stream, JetTile tile, const FeatureJets<T>& jets, const T* adjoint, T* weight_gradient) {
  static const std::string label = "jetpinn::input_reverse";
  over_columns(label, tile.width / pack_lanes<T>, KOKKOS_LAMBDA(std::int64_t column) {
    const std::int64_t at = column * pack_lanes<T>, width = tile.width;
    for (int c = 0; c < jets.channels; ++c) {
      bool any = false;
      for (int i = 0; i < jets.features; ++i) any = any || jets.constant[c * jets.features + i] != T(0);
      if (!any) continue;
      Pack<T> sum{};
      const T* row = adjoint + c * tile.points * width + at;
      for (std::int64_t p = 0; p < tile.points; ++p) sum += load(row + p * width);
      for (int i = 0; i < jets.features; ++i) {
        T* to = weight_gradient + i * width + at;
        store<T>(to, load(to) + jets.constant[c * jets.features + i] * sum);
      }
    }
    for (int e = 0; e < jets.varying; ++e) {
      Pack<T> sum{};
      const T* row = adjoint + jets.channel[e] * tile.points * width + at;
      for (std::int64_t p = 0; p < tile.points; ++p) sum += jets.values[e * jets.stride + p] * load(row + p * width);
      T* to = weight_gradient + jets.feature[e] * width + at;
      store<T>(to, load(to) + sum);
    }
  });
}

template <class T>
void output_forward(Stream, JetTile tile, int channels, int fields, const T* weights, const T* bias, const T* h, T* u,
                    std::int64_t stride) {
  static const std::string label = "jetpinn::output_forward";
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, tile.points), KOKKOS_LAMBDA(std::int64_t p) {
    for (int c = 0; c < channels; ++c) {
      const T* row = h + (c * tile.points + p) * tile.width;
      for (int f = 0; f < fields; ++f) {
        Pack<T> sum{};
        for (std::int64_t j = 0; j < tile.width; j += pack_lanes<T>)
          sum += load(row + j) * load(weights + f * tile.width + j);
        u[(f * channels + c) * stride + p] = sum_lanes(sum) + (c == 0 ? bias[f] : T(0));
      }
    }
  });
}

template <class T>
void output_reverse(Stream, JetTile tile, int channels, int fields, const T* weights, const T* h, const T* ubar,
                    std::int64_t stride, T* adjoint, T* weight_gradient, T* bias_gradient) {
  static const std::string label = "jetpinn::output_reverse";
  over_columns(label, tile.width / pack_lanes<T>, KOKKOS_LAMBDA(std::int64_t column) {
    const std::int64_t at = column * pack_lanes<T>, width = tile.width;
    for (int f = 0; f < fields; ++f) {
      const Pack<T> v = load(weights + f * width + at);
      Pack<T> gradient{};
      for (int c = 0; c < channels; ++c) {
        const T* cotangent = ubar + (f * channels + c) * stride;
        const std::int64_t row = c * tile.points * width + at;
        for (std::int64_t p = 0; p < tile.points; ++p) {
          const T q = cotangent[p];
          gradient += q * load(h + row + p * width);
          const Pack<T> before = f == 0 ? Pack<T>{} : load(adjoint + row + p * width);
          store<T>(adjoint + row + p * width, before + q * v);
        }
      }
      T* to = weight_gradient + f * width + at;
      store<T>(to, load(to) + gradient);
    }
  });
  for (int f = 0; f < fields; ++f) {
    T sum = 0;
    for (std::int64_t p = 0; p < tile.points; ++p) sum += ubar[f * channels * stride + p];
    bias_gradient[f] += sum;
  }
}

#define JETPINN_INSTANTIATE(T)                                                                                \
  template void input_forward<T>(Stream, JetTile, const FeatureJets<T>&, const T*, T*);                       \
  template void input_reverse<T>(Stream, JetTile, const FeatureJets<T>&, const T*, T*);                       \
  template void output_forward<T>(Stream, JetTile, int, int, const T*, const T*, const T*, T*, std::int64_t); \
  template void output_reverse<T>(Stream, JetTile, int, int, const T*, const T*, const T*, std::int64_t, T*, T*, T*);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
