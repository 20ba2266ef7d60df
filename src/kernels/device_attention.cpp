#include "jetpinn/kernels/device_attention.hpp"

#include "jetpinn/kernels/attention_items.hpp"
#include "jetpinn/kernels/launch.hpp"

#include <cmath>

namespace jetpinn {
namespace {

template <class T, class Space>
AttentionArrays<T> arrays_of(const DeviceAttention<T, Space>& of) {
  return {{of.pattern, address_of(of.kept)},
          address_of(of.q),
          address_of(of.k),
          address_of(of.v),
          T(1) / std::sqrt(static_cast<T>(of.pattern.width))};
}

}  // namespace

template <class T, class Space>
void sparse_attention_forward(Stream stream, const DeviceAttention<T, Space>& of, DevicePointer<T, Space> out) {
  const AttentionArrays<T> arrays = arrays_of(of);
  const std::int64_t tiles = of.sequences * of.pattern.tiles();
  if (of.pattern.chosen > 0) {
    launch(Space{}, stream, "jetpinn::attention_means_device", tiles * of.pattern.width, AttentionMeanItem<T>{arrays});
    launch(Space{}, stream, "jetpinn::attention_cuts_device", tiles, AttentionCutItem<T>{arrays});
  }
  launch(Space{}, stream, "jetpinn::sparse_attention_forward_device", of.sequences * of.pattern.tokens,
         AttentionForwardItem<T>{arrays, out.address()});
}

template <class T, class Space>
void sparse_attention_reverse(Stream stream, const DeviceAttention<T, Space>& of, DevicePointer<const T, Space> out,
                              const DeviceAttentionAdjoints<T, Space>& adjoints, DevicePointer<T, Space> sums) {
  const AttentionArrays<T> arrays = arrays_of(of);
  const std::int64_t rows = of.sequences * of.pattern.tokens;
  const T* bar = address_of(adjoints.out);
  const AttentionSlopes<T> slopes{arrays, bar, sums.address()};
  launch(Space{}, stream, "jetpinn::attention_sums_device", rows,
         AttentionSumItem<T>{arrays, out.address(), bar, sums.address()});
  launch(Space{}, stream, "jetpinn::attention_queries_device", rows, AttentionQueryItem<T>{slopes, address_of(adjoints.q)});
  launch(Space{}, stream, "jetpinn::attention_keys_device", rows,
         AttentionKeyItem<T>{slopes, address_of(adjoints.k), address_of(adjoints.v)});
}

#define JETPINN_INSTANTIATE_FOR(T, Space)                                                                                   \
  template void sparse_attention_forward<T, Space>(Stream, const DeviceAttention<T, Space>&, DevicePointer<T, Space>);      \
  template void sparse_attention_reverse<T, Space>(Stream, const DeviceAttention<T, Space>&, DevicePointer<const T, Space>, \
                                                   const DeviceAttentionAdjoints<T, Space>&, DevicePointer<T, Space>);
#define JETPINN_INSTANTIATE(Space) JETPINN_INSTANTIATE_FOR(float, Space) JETPINN_INSTANTIATE_FOR(double, Space)
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE
#undef JETPINN_INSTANTIATE_FOR

}  // namespace jetpinn
