// The sparse attention for devices. Arguments as for the host's kernels (sparse_attention.hpp), and what is kept is laid out
// alike. A thread for every query and every key: written to be right, not yet tuned for a GPU.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/attention_pattern.hpp"

namespace jetpinn {

template <class T, class Space>
struct DeviceAttention {
  AttentionPattern pattern;
  std::int64_t sequences;
  Pointer<const T, Space> q, k, v;
  Pointer<T, Space> kept;
};

template <class T, class Space>
void sparse_attention_forward(Stream stream, const DeviceAttention<T, Space>& of, DevicePointer<T, Space> out);

template <class T, class Space>
struct DeviceAttentionAdjoints {
  Pointer<const T, Space> out;
  Pointer<T, Space> q, k, v;
};

// sums [sequences, tokens]: scratch.
template <class T, class Space>
void sparse_attention_reverse(Stream stream, const DeviceAttention<T, Space>& of, DevicePointer<const T, Space> out,
                              const DeviceAttentionAdjoints<T, Space>& adjoints, DevicePointer<T, Space> sums);

}  // namespace jetpinn
