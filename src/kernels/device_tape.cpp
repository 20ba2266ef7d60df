#include "jetpinn/kernels/device_tape.hpp"

#include <cstddef>

namespace jetpinn {
namespace {

// first, filled up with empty columns to `count`, then second.
template <class U>
std::vector<Column<U>> table(const std::vector<Column<U>>& first, std::size_t count, const std::vector<Column<U>>& second) {
  std::vector<Column<U>> all = first;
  all.resize(count);
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

}  // namespace

template <class T, class Space>
void DeviceTape<T, Space>::read(Stream stream, const Columns<const T>& inputs, Columns<const T> others) const {
  others.resize(static_cast<std::size_t>(view_.results));
  copy(stream, table(inputs, static_cast<std::size_t>(inputs_), others), read_);
}

template <class T, class Space>
void DeviceTape<T, Space>::write(Stream stream, const Columns<T>& inputs, Columns<T> outputs) const {
  outputs.resize(static_cast<std::size_t>(view_.results));
  copy(stream, table(inputs, static_cast<std::size_t>(inputs_), outputs), written_);
}

template <class T, class Space>
void DeviceTape<T, Space>::forward(Stream stream, std::int64_t points, const Columns<const T>& inputs,
                                   const Columns<T>& outputs) const {
  read(stream, inputs, {});
  write(stream, {}, outputs);
  launch(Space{}, stream, "jetpinn::tape_forward_device", points,
         TapeForwardItem<T>{view_, address_of(read_), address_of(written_ + inputs_)});
}

template <class T, class Space>
void DeviceTape<T, Space>::reverse(Stream stream, std::int64_t points, const Columns<const T>& inputs,
                                   const Columns<const T>& cotangents, const Columns<T>& adjoints) const {
  read(stream, inputs, cotangents);
  write(stream, adjoints, {});
  launch(Space{}, stream, "jetpinn::tape_reverse_device", points,
         TapeReverseItem<T>{view_, inputs_, address_of(read_), address_of(read_ + inputs_), address_of(written_)});
}

template <class T, class Space>
void DeviceTape<T, Space>::residual(Stream stream, std::int64_t points, const Columns<const T>& inputs,
                                    const Columns<const T>& weights, double scale, const Columns<T>& residuals,
                                    const Columns<T>& adjoints, DevicePointer<double, Space> sums,
                                    const Column<const T>& quadrature) const {
  read(stream, inputs, weights);
  write(stream, adjoints, residuals);
  launch(Space{}, stream, "jetpinn::tape_residual_device", points,
         TapeResidualItem<T>{view_, inputs_, scale, address_of(read_), address_of(read_ + inputs_),
                             residuals.empty() ? nullptr : address_of(written_ + inputs_),
                             adjoints.empty() ? nullptr : address_of(written_), quadrature, address_of(squares_)});
  sum_columns<double, Space>(stream, "jetpinn::residual_sums_device", points, 2, SquaresTerm{address_of(squares_)}, partial_,
                             sums);
}

#define JETPINN_INSTANTIATE(Space)         \
  template class DeviceTape<float, Space>; \
  template class DeviceTape<double, Space>;
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
