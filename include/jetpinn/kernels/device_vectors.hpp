// Updates and reductions of flat fp64 vectors on a device: what optimisers are made of.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/adam_factors.hpp"

#include <cstdint>

namespace jetpinn {

template <class Space>
using ConstVectorOn = DevicePointer<const double, Space>;
template <class Space>
using VectorOn = DevicePointer<double, Space>;

// to = a x + b y, each [n]; a null y counts as zeros. `to` may be x or y.
template <class Space>
void combine(Stream stream, std::int64_t n, double a, ConstVectorOn<Space> x, double b, ConstVectorOn<Space> y,
             VectorOn<Space> to);

// One step of Adam, all [n].
template <class Space>
void update_adam(Stream stream, std::int64_t n, const AdamFactors& by, ConstVectorOn<Space> gradient, VectorOn<Space> first,
                 VectorOn<Space> second, VectorOn<Space> parameters);

// What a reduction of n numbers takes as scratch, and leaves its result at the end of.
std::int64_t reduction_scratch(std::int64_t n);

// Reductions in stages: runs of 128 numbers, then runs of those, until one number is left, which stands last in `scratch`
// [reduction_scratch(n)]. The order of additions depends on n alone.
template <class Space>
void dot(Stream stream, std::int64_t n, ConstVectorOn<Space> x, ConstVectorOn<Space> y, VectorOn<Space> scratch);
template <class Space>
void sum_of_magnitudes(Stream stream, std::int64_t n, ConstVectorOn<Space> x, VectorOn<Space> scratch);
template <class Space>
void largest_magnitude(Stream stream, std::int64_t n, ConstVectorOn<Space> x, VectorOn<Space> scratch);
template <class Space>
void count_not_finite(Stream stream, std::int64_t n, ConstVectorOn<Space> x, VectorOn<Space> scratch);

}  // namespace jetpinn
