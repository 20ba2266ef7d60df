// Columns over points on a device: what feeds the first layer, and numbers from one type to another.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"

#include <cstdint>

namespace jetpinn {

// sine[i] = sin(scale * x[i] + shift), cosine[i] likewise, i < points.
template <class Space>
void sincos_columns(Stream stream, std::int64_t points, DevicePointer<const double, Space> x, double scale, double shift,
                    Pointer<double, Space> sine, Pointer<double, Space> cosine);

// to[i] = scale * x[i] + shift
template <class T, class Space>
void affine_column(Stream stream, std::int64_t points, Pointer<const double, Space> x, double scale, double shift,
                   DevicePointer<T, Space> to);

// sum[i] += factor * a[i] * b[i]; a null column counts as 1.
template <class Space>
void add_product(Stream stream, std::int64_t points, double factor, Pointer<const double, Space> a,
                 Pointer<const double, Space> b, DevicePointer<double, Space> sum);

// to[i] = from[i], i < count.
template <class From, class To, class Space>
void cast(Stream stream, std::int64_t count, DevicePointer<const From, Space> from, DevicePointer<To, Space> to);

}  // namespace jetpinn
