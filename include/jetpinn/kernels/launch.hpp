// Kernels and copies of devices: given to the queue of a stream, done in its order. Every device is a set of these
// functions; what computes on it is written once for all.
#pragma once

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/column_sums.hpp"
#include "jetpinn/kernels/cuda_launch.hpp"
#include "jetpinn/kernels/device_queue.hpp"
#include "jetpinn/kernels/fill_item.hpp"

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn {

// items(first, last) for runs that make up 0 to extent, as one kernel of the host; returns when all of them are done. Not a
// template, for Kokkos is the dearest header there is and would be made anew for every functor of every layer.
void run_on_host(const char* label, std::int64_t extent, const std::function<void(std::int64_t, std::int64_t)>& items);

// functor(i) for i < extent. The functor holds addresses of the device and values, nothing of the host's.
template <class Functor>
void launch(EmulatedSpace, Stream stream, const char* label, std::int64_t extent, const Functor& functor) {
  if (extent == 0) return;
  DeviceQueue& queue = queue_of(stream);
  if (queue.on_launch) queue.on_launch(label, extent);
  queue.give([label, extent, functor] {
    run_on_host(label, extent, [&functor](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) functor(i);
    });
  });
}

// What is copied is what is there when the copy runs: the host's side stays, and is left alone, until it did.
template <class T>
void copy(Stream stream, const T* from, DevicePointer<T, EmulatedSpace> to, std::int64_t count) {
  queue_of(stream).copied.to_device += count * static_cast<std::int64_t>(sizeof(T));
  queue_of(stream).give([from, to, count] { std::memcpy(to.address(), from, static_cast<std::size_t>(count) * sizeof(T)); });
}
template <class T>
void copy(Stream stream, DevicePointer<const T, EmulatedSpace> from, T* to, std::int64_t count) {
  queue_of(stream).copied.to_host += count * static_cast<std::int64_t>(sizeof(T));
  queue_of(stream).give([from, to, count] { std::memcpy(to, from.address(), static_cast<std::size_t>(count) * sizeof(T)); });
}
template <class T>
void copy(Stream stream, DevicePointer<T, EmulatedSpace> from, T* to, std::int64_t count) {
  copy(stream, DevicePointer<const T, EmulatedSpace>(from), to, count);
}
// The values go along with the call: for tables and other small things.
template <class T>
void copy(Stream stream, std::vector<T> from, DevicePointer<T, EmulatedSpace> to) {
  queue_of(stream).copied.to_device += static_cast<std::int64_t>(from.size() * sizeof(T));
  queue_of(stream).give([from = std::move(from), to] {
    if (!from.empty()) std::memcpy(to.address(), from.data(), from.size() * sizeof(T));
  });
}
// Values that make(T* values) writes when the stream is given this, and again whenever a graph that recorded it is replayed:
// for what the host changes from step to step. What `make` refers to stays as long as the graph.
template <class T, class Make>
void copy_made(Stream stream, const Make& make, DevicePointer<T, EmulatedSpace> to, std::int64_t count) {
  DeviceQueue& queue = queue_of(stream);
  const auto values = std::make_shared<std::vector<T>>(static_cast<std::size_t>(count));
  queue.copied.to_device += count * static_cast<std::int64_t>(sizeof(T));
  queue.prepare([make, values] { make(values->data()); });
  queue.give([values, to] { std::memcpy(to.address(), values->data(), values->size() * sizeof(T)); });
}

// The same on a CUDA stream.
template <class T>
void copy(Stream stream, const T* from, DevicePointer<T, CudaSpace> to, std::int64_t count) {
  cuda_queue_of(stream).copy_to_device(from, to.address(), count * static_cast<std::int64_t>(sizeof(T)));
}
template <class T>
void copy(Stream stream, DevicePointer<const T, CudaSpace> from, T* to, std::int64_t count) {
  cuda_queue_of(stream).copy_to_host(from.address(), to, count * static_cast<std::int64_t>(sizeof(T)));
}
template <class T>
void copy(Stream stream, DevicePointer<T, CudaSpace> from, T* to, std::int64_t count) {
  copy(stream, DevicePointer<const T, CudaSpace>(from), to, count);
}
template <class T>
void copy(Stream stream, const std::vector<T>& from, DevicePointer<T, CudaSpace> to) {
  cuda_queue_of(stream).copy_values_to_device(from.data(), to.address(), static_cast<std::int64_t>(from.size() * sizeof(T)));
}
template <class T, class Make>
void copy_made(Stream stream, const Make& make, DevicePointer<T, CudaSpace> to, std::int64_t count) {
  cuda_queue_of(stream).copy_made_to_device([make](void* values) { make(static_cast<T*>(values)); }, to.address(),
                                            count * static_cast<std::int64_t>(sizeof(T)));
}

// A table in memory of its own from the device's pool; a pool that plans is told of it and nothing is copied.
template <class Space, class T, class Pool>
DevicePointer<T, Space> upload(Stream stream, Pool& pool, const std::vector<T>& values) {
  const DevicePointer<T, Space> place = pool.template allocate<T>(static_cast<std::int64_t>(values.size()));
  if (!pool.planning()) copy(stream, values, place);
  return place;
}

template <class T, class Space>
void fill(Stream stream, DevicePointer<T, Space> to, std::int64_t count, T value) {
  launch(Space{}, stream, "jetpinn::fill", count, FillItem<T>{to.address(), value});
}

// to[j] += sum over rows of term(row, j), j < columns, in two stages (column_sums.hpp). partial: scratch of
// [sum_runs(rows), columns].
template <class Sum, class Space, class Term>
void sum_columns(Stream stream, const char* label, std::int64_t rows, std::int64_t columns, const Term& term,
                 DevicePointer<Sum, Space> partial, DevicePointer<Sum, Space> to) {
  launch(Space{}, stream, label, sum_runs(rows) * columns,
         PartialSumItem<Sum, Term>{term, rows, columns, partial.address()});
  launch(Space{}, stream, "jetpinn::column_sum", columns,
         ColumnSumItem<Sum>{partial.address(), sum_runs(rows), columns, to.address()});
}

}  // namespace jetpinn
