// What an engine computes with: a kind of number and the space that it computes in.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/types.hpp"

namespace jetpinn {

// How numbers are held, computed with and summed up over points: three types. A kind is told by its tag, never by a size:
// two of them may hold numbers of one size. Parameters, the state of optimisers and losses are fp64 whatever the kind.
struct Fp64 {
  using Storage = double;
  using Compute = double;
  using Accumulate = double;
  static constexpr Precision precision = Precision::fp64;
};

struct Fp32 {
  using Storage = float;
  using Compute = float;
  using Accumulate = float;   // of a few blocks at most: sums then go over to fp64
  static constexpr Precision precision = Precision::fp32;
};

template <class Number, class SpaceOfNumbers>
struct Arithmetic : Number {
  using Space = SpaceOfNumbers;
};

template <class A>
using Place = Pointer<typename A::Storage, typename A::Space>;
template <class A>
using ConstPlace = Pointer<const typename A::Storage, typename A::Space>;
template <class A>
using SumPlace = Pointer<typename A::Accumulate, typename A::Space>;

using HostFp64 = Arithmetic<Fp64, HostSpace>;
using HostFp32 = Arithmetic<Fp32, HostSpace>;
using EmulatedFp64 = Arithmetic<Fp64, EmulatedSpace>;
using EmulatedFp32 = Arithmetic<Fp32, EmulatedSpace>;

}  // namespace jetpinn
