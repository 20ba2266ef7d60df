// A layer's parameters from the flat buffer into rows that are padded to whole packs, and their gradients back, in the space
// that the rows are computed in.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/parameter_items.hpp"

#include <algorithm>
#include <cstdint>

namespace jetpinn {

// A matrix [rows, columns] in a flat buffer, element (i, j) at i * row_stride + j * column_stride, and [rows, width] here.
struct RowShape {
  std::int64_t rows = 0, columns = 0, width = 0;
  std::int64_t row_stride = columns, column_stride = 1;
  FlatMatrix flat() const { return {columns, row_stride, column_stride, width}; }
};

// to [rows, width] = from; what pads a row is left alone.
template <class From, class T>
void load_rows(Stream, const From* from, const RowShape& shape, T* to) {
  // In the target's own order: strided reads are cheaper than strided writes.
  for (std::int64_t i = 0; i < shape.rows; ++i)
    for (std::int64_t j = 0; j < shape.columns; ++j)
      to[i * shape.width + j] = static_cast<T>(from[i * shape.row_stride + j * shape.column_stride]);
}
template <class T, class Space>
void load_rows(Stream stream, DevicePointer<const double, Space> from, const RowShape& shape, DevicePointer<T, Space> to) {
  launch(Space{}, stream, "jetpinn::load_rows_device", shape.rows * shape.width,
         LoadRowsItem<T>{from.address(), shape.flat(), to.address()});
}

// to += from [rows, width], which is zero then.
template <class Sum>
void flush_rows(Stream, Sum* from, const RowShape& shape, double* to) {
  for (std::int64_t i = 0; i < shape.rows; ++i)
    for (std::int64_t j = 0; j < shape.columns; ++j)
      to[i * shape.row_stride + j * shape.column_stride] += from[i * shape.width + j];
  std::fill_n(from, shape.rows * shape.width, Sum(0));
}
template <class Sum, class Space>
void flush_rows(Stream stream, DevicePointer<Sum, Space> from, const RowShape& shape, DevicePointer<double, Space> to) {
  launch(Space{}, stream, "jetpinn::flush_rows_device", shape.rows * shape.width,
         FlushRowsItem<Sum>{from.address(), shape.flat(), to.address()});
}

}  // namespace jetpinn
