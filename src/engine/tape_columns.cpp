#include "jetpinn/engine/tape_columns.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/device_columns.hpp"
#include "jetpinn/kernels/parameter_items.hpp"

#include <algorithm>
#include <type_traits>

namespace jetpinn {

template <class A>
TapeColumns<A>::TapeColumns(const TermProgram& program, const FieldColumns<A>& fields, const std::vector<int>& column_of,
                            const RunNumbers& numbers, std::int64_t chunk, PoolOf<A>& pool)
    : program_(program),
      fields_(fields),
      numbers_(numbers),
      chunk_(chunk),
      column_of_(column_of),
      inputs_(program.inputs.size()),
      adjoints_(program.inputs.size()) {
  const auto has = [&](InputGroup group) {
    return std::any_of(program.inputs.begin(), program.inputs.end(),
                       [&](const TermInput& input) { return input.group == group; });
  };
  const auto inputs = static_cast<std::int64_t>(program.inputs.size()), all = inputs * chunk;
  const bool further_columns = has(InputGroup::data) || has(InputGroup::attribute);
  if (!Space::host && further_columns) there_ = pool.template allocate<double>(all);
  if (!std::is_same_v<T, double> && further_columns) cast_ = pool.template allocate<T>(all);
  if (has(InputGroup::trainable) || has(InputGroup::constant)) values_.allocate(pool, inputs);
  if (!has(InputGroup::trainable)) return;
  trainables_ = pool.template allocate<T>(all);
  if constexpr (!Space::host) partial_ = pool.template allocate<double>(sum_runs(chunk));
}

template <class A>
std::int64_t TapeColumns<A>::channel_at(const TermInput& input) const {
  const int field = input.index / program_.channels(), channel = input.index % program_.channels();
  const int column = column_of_[static_cast<std::size_t>(field)] * program_.channels() + channel;
  return column * fields_.stride + input.site * count_;   // a second site lies behind the first
}

template <class A>
void TapeColumns<A>::bind(Stream stream, const TermRange& range, const PointColumns<A>& places) {
  count_ = range.count;
  for (std::size_t k = 0; k < program_.inputs.size(); ++k) {
    const TermInput& input = program_.inputs[k];
    switch (input.group) {
      case InputGroup::channel:
        inputs_[k] = {address_of(fields_.values + channel_at(input)), 1};
        adjoints_[k] = {address_of(fields_.adjoints + channel_at(input)), 1};
        break;
      case InputGroup::trainable:
        adjoints_[k] = {address_of(trainable_at(k)), 1};
        [[fallthrough]];
      case InputGroup::constant:
        inputs_[k] = {address_of(values_.there() + static_cast<std::int64_t>(k)), 0};
        break;
      default:
        bind_points(stream, k, range, places);
    }
  }
  if (!values_.made()) return;
  values_.give_made(stream, static_cast<std::int64_t>(inputs_.size()), [this](T* values) {
    for (std::size_t k = 0; k < program_.inputs.size(); ++k) {
      const TermInput& input = program_.inputs[k];
      values[k] = input.is_number() ? static_cast<T>(numbers_.value(input)) : T(0);
    }
  });
}

template <class A>
void TapeColumns<A>::bind_points(Stream stream, std::size_t k, const TermRange& range, const PointColumns<A>& places) {
  const TermInput& input = program_.inputs[k];
  if (input.group == InputGroup::coordinate) {
    inputs_[k] = {places.inputs()[static_cast<std::size_t>(input.index)].data + input.site * count_, 1};
    return;
  }
  const double* column = range.column(input, program_.sites);
  const std::int64_t at = static_cast<std::int64_t>(k) * chunk_;
  if constexpr (!Space::host) {
    copy(stream, column, there_ + at, count_);
    if constexpr (std::is_same_v<T, double>) {
      inputs_[k] = {address_of(there_ + at), 1};
    } else {
      cast<double, T, Space>(stream, count_, there_ + at, cast_ + at);
      inputs_[k] = {address_of(cast_ + at), 1};
    }
  } else if constexpr (std::is_same_v<T, double>) {
    inputs_[k] = {column, 1};
  } else {
    for (std::int64_t i = 0; i < count_; ++i) cast_[at + i] = static_cast<T>(column[i]);
    inputs_[k] = {cast_ + at, 1};
  }
}

template <class A>
void TapeColumns<A>::add_trainables(Stream stream, Pointer<double, Space> trainables) const {
  for (std::size_t k = 0; k < program_.inputs.size(); ++k) {
    if (program_.inputs[k].group != InputGroup::trainable) continue;
    const Place<A> adjoint = trainable_at(k);
    const Pointer<double, Space> sum = trainables + program_.inputs[k].index;
    if constexpr (Space::host) {
      for (std::int64_t i = 0; i < count_; ++i) *sum += adjoint[i];
    } else {
      sum_columns<double, Space>(stream, "jetpinn::trainable_sums_device", count_, 1, ColumnTerm<T>{adjoint.address()},
                                 partial_, sum);
    }
  }
}

template <class A>
void TapeColumns<A>::add_changes(Stream stream, const std::vector<double>& direction, double* changes) const {
  std::vector<T> mirror, changed;
  for (std::size_t k = 0; k < program_.inputs.size(); ++k) {
    const TermInput& input = program_.inputs[k];
    if (input.group == InputGroup::channel) {
      const T* adjoint = read_back(stream, fields_.adjoints + channel_at(input), count_, mirror);
      const T* tangent = read_back(stream, fields_.tangents + channel_at(input), count_, changed);
      for (std::int64_t i = 0; i < count_; ++i) changes[i] += static_cast<double>(adjoint[i]) * tangent[i];
    } else if (input.group == InputGroup::trainable) {
      const double along = direction[static_cast<std::size_t>(input.index)];
      const T* adjoint = read_back(stream, trainable_at(k), count_, mirror);
      for (std::int64_t i = 0; i < count_; ++i) changes[i] += static_cast<double>(adjoint[i]) * along;
    }
  }
}

template class TapeColumns<HostFp32>;
template class TapeColumns<HostFp64>;
#define JETPINN_INSTANTIATE(A) template class TapeColumns<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
