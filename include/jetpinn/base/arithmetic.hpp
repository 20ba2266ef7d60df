// What an engine computes with: a kind of number and the space that it computes in.
#pragma once

#include "jetpinn/base/bfloat16.hpp"
#include "jetpinn/base/space.hpp"
#include "jetpinn/base/types.hpp"

namespace jetpinn {

// How rows of jets are kept, computed with and summed up over points: three types. A kind is told by its tag, never by a
// size: two of them may hold numbers of one size. Columns: the kind of all that is no row of jets (coordinates,
// coefficients, fields, residuals). Parameters, the state of optimisers and losses are fp64 whatever the kind.
struct Fp64 {
  using Columns = Fp64;
  using Storage = double;
  using Compute = double;
  using Accumulate = double;
  static constexpr Precision precision = Precision::fp64;
};

struct Fp32 {
  using Columns = Fp32;
  using Storage = float;
  using Compute = float;
  using Accumulate = float;   // of a few blocks at most: sums then go over to fp64
  static constexpr Precision precision = Precision::fp32;
};

// Rows are kept in bf16. Matrices multiply them as integers that share exponents (runtime/bf16_kernels.hpp); activations
// take them to fp32 and back.
struct Bf16 {
  using Columns = Fp32;
  using Storage = BFloat16;
  using Compute = float;
  using Accumulate = float;
  static constexpr Precision precision = Precision::bf16;
};

template <class Number, class SpaceOfNumbers>
struct Arithmetic : Number {
  using Space = SpaceOfNumbers;
};

template <class A>
using ColumnArithmetic = Arithmetic<typename A::Columns, typename A::Space>;

template <class A>
using Place = Pointer<typename A::Storage, typename A::Space>;
template <class A>
using ConstPlace = Pointer<const typename A::Storage, typename A::Space>;
template <class A>
using SumPlace = Pointer<typename A::Accumulate, typename A::Space>;

using HostFp64 = Arithmetic<Fp64, HostSpace>;
using HostFp32 = Arithmetic<Fp32, HostSpace>;
using HostBf16 = Arithmetic<Bf16, HostSpace>;
using EmulatedFp64 = Arithmetic<Fp64, EmulatedSpace>;
using EmulatedFp32 = Arithmetic<Fp32, EmulatedSpace>;

}  // namespace jetpinn
