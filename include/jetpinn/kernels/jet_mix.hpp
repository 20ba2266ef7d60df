// A sum of two jets, Y = a F + b X, forward and reverse: the same for every channel.
//
// Adjoints: fbar = a ybar in place, xbar += b ybar; for a = alpha, b = 1 - alpha: alphabar += sum over everything of ybar (f
// - x).
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_jet.hpp"

#include <cstdint>

namespace jetpinn {

// Everything one sweep reads and writes; arrays as in JetTile.
template <class T, class Space = HostSpace>
struct MixSweep {
  JetTile tile;
  int channels = 1;
  T a = 1, b = 1;
  Pointer<const T, Space> f = nullptr, x = nullptr;  // reverse: null where neither Y nor the share's gradient is wanted
  Pointer<T, Space> y = nullptr;                     // out: forward; reverse: null or Y again
  Pointer<T, Space> adjoint = nullptr;               // reverse: ybar in, fbar out
  Pointer<T, Space> x_adjoint = nullptr;             // reverse: added to, or overwritten where `writes`; null:
                                                     // nobody wants it
  bool writes = false;
  // Reverse: [width] += sum over channels and points of ybar (f - x); null: nobody wants it.
  Pointer<T, Space> share_gradient = nullptr;
  Pointer<const T, Space> shares = nullptr;  // of a device: [2] where a and b are read instead; null: they are those here
  Pointer<T, Space> partial = nullptr;  // a device's reverse: scratch, [sum_runs(channels * points), width]
};

template <class T>
void mix_forward(Stream stream, const MixSweep<T>& sweep);
template <class T>
void mix_reverse(Stream stream, const MixSweep<T>& sweep);

}  // namespace jetpinn
