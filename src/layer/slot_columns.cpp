#include "jetpinn/layer/slot_columns.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/device_columns.hpp"
#include "jetpinn/kernels/kernel_flop.hpp"
#include "jetpinn/kernels/parameter_items.hpp"

#include <algorithm>
#include <functional>

namespace jetpinn {

namespace {

// Adjoints are asked for of what is trained.
std::vector<bool> wanted_inputs(const TermProgram& program) {
  std::vector<bool> wanted;
  for (const TermInput& input : program.coefficient_inputs) wanted.push_back(input.group == InputGroup::trainable);
  return wanted;
}

}  // namespace

template <class A>
SlotColumns<A>::SlotColumns(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream, bool along)
    : program_(program), chunk_(chunk) {
  const std::int64_t slots = program.plan.program.slots;
  const auto inputs = static_cast<std::int64_t>(program.coefficient_inputs.size());
  slots_ = pool.template allocate<double>(slots * chunk);
  cast_ = pool.template allocate<T>(slots * chunk);
  const auto is_column = [&](const TermInput& input) { return !input.is_number() && input.group != InputGroup::coordinate; };
  const auto& list = program.coefficient_inputs;
  if (std::any_of(list.begin(), list.end(), std::mem_fn(&TermInput::is_number))) numbers_.allocate(pool, inputs);
  if ((program.sites > 1 || !Space::host) && std::any_of(list.begin(), list.end(), is_column))
    paired_ = pool.template allocate<double>(inputs * chunk);
  const bool trains = program.plan.trained();
  if (!Space::host && slots > 0) make_tape(stream, pool, trains ? wanted_inputs(program) : std::vector<bool>());
  if (!trains) return;
  by_trainable_ = pool.template allocate<double>(inputs * chunk);
  if (along) changes_ = pool.template allocate<T>(slots * chunk);
  adjoints_ = pool.template allocate<double>(slots * chunk);
  if constexpr (!Space::host) {
    one_ = upload<Space>(stream, pool, std::vector<double>{1.0});
    sum_ = pool.template allocate<double>(chunk);
  }
  for (const JetMonomial& monomial : program.plan.program.monomials)
    if (trained(monomial.slot)) trained_.push_back(monomial);
}

template <class A>
void SlotColumns<A>::make_tape(Stream stream, PoolOf<A>& pool, const std::vector<bool>& wanted) {
  if constexpr (!Space::host) tape_.emplace(stream, pool, program_.coefficients, chunk_, wanted);
}

template <class A>
void SlotColumns<A>::bind(Stream stream, const TermRange& range, const RunNumbers& numbers,
                          Pointer<const double, Space> coordinates, std::int64_t stride) {
  const std::vector<TermInput>& inputs = program_.coefficient_inputs;
  inputs_.assign(inputs.size(), {});
  input_adjoints_.assign(inputs.size(), {});
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const TermInput& input = inputs[k];
    if (input.group == InputGroup::coordinate) {
      inputs_[k] = {address_of(coordinates + input.index * stride), 1};
    } else if (input.is_number()) {
      inputs_[k] = {address_of(numbers_.there() + static_cast<std::int64_t>(k)), 0};
      if (input.group == InputGroup::trainable && by_trainable_)
        input_adjoints_[k] = {address_of(by_trainable_ + static_cast<std::int64_t>(k) * chunk_), 1};
    } else {
      inputs_[k] = bind_points(stream, k, range);
    }
  }
  if (!numbers_.made()) return;
  numbers_.give_made(stream, static_cast<std::int64_t>(inputs.size()), [list = &inputs, given = &numbers](double* values) {
    for (const TermInput& input : *list) *values++ = input.is_number() ? given->value(input) : 0;
  });
}

template <class A>
Column<const double> SlotColumns<A>::bind_points(Stream stream, std::size_t k, const TermRange& range) {
  TermInput input = program_.coefficient_inputs[k];
  if (!paired_) return {range.column(input, 1), 1};
  const Pointer<double, Space> column = paired_ + static_cast<std::int64_t>(k) * chunk_;
  for (input.site = 0; input.site < program_.sites; ++input.site) {
    const double* from = range.column(input, program_.sites);
    if constexpr (Space::host) std::copy_n(from, range.count, column + input.site * range.count);
    else copy(stream, from, column + input.site * range.count, range.count);
  }
  return {address_of(column), 1};
}

template <class A>
void SlotColumns<A>::load(Stream stream, const TermRange& range, const RunNumbers& numbers,
                          Pointer<const double, Space> coordinates, std::int64_t stride) {
  const int slots = program_.plan.program.slots;
  points_ = program_.sites * range.count;
  bind(stream, range, numbers, coordinates, stride);
  std::vector<Column<double>> out;
  for (int s = 0; s < slots; ++s) out.push_back({address_of(slots_ + s * chunk_), 1});
  if constexpr (Space::host) {
    tape_forward<double>(stream, program_.coefficients, points_, inputs_.data(), out.data());
    for (int s = 0; s < slots; ++s)
      for (std::int64_t i = 0; i < points_; ++i) cast_[s * chunk_ + i] = static_cast<T>(slots_[s * chunk_ + i]);
  } else {
    tape_->forward(stream, points_, inputs_, out);
    for (int s = 0; s < slots; ++s)
      jetpinn::cast<double, T, Space>(stream, points_, slots_ + s * chunk_, cast_ + s * chunk_);
  }
}

template <class A>
void SlotColumns<A>::begin_reverse(Stream stream) {
  if (!trained()) return;
  for (int s = 0; s < program_.plan.program.slots; ++s) {
    if constexpr (Space::host)
      std::fill_n(adjoint(s), points_, 0.0);
    else
      fill(stream, adjoint(s), points_, 0.0);
  }
}

template <class A>
void SlotColumns<A>::reverse_tape(Stream stream, const std::vector<Column<const double>>& cotangents) {
  if constexpr (Space::host)
    tape_reverse<double>(stream, program_.coefficients, points_, inputs_.data(), cotangents.data(), input_adjoints_.data());
  else
    tape_->reverse(stream, points_, inputs_, cotangents, input_adjoints_);
}

// kbar_t = sum over points and slots of slotbar dslot/dk_t
template <class A>
void SlotColumns<A>::add_trainables(Stream stream, Pointer<double, Space> trainables) {
  if (!trained()) return;
  std::vector<Column<const double>> cotangents;
  for (int s = 0; s < program_.plan.program.slots; ++s) cotangents.push_back({address_of(adjoint(s)), 1});
  reverse_tape(stream, cotangents);
  for (std::size_t k = 0; k < input_adjoints_.size(); ++k) {
    if (!input_adjoints_[k].data) continue;
    const Pointer<double, Space> sum = trainables + program_.coefficient_inputs[k].index;
    if constexpr (Space::host) {
      for (std::int64_t i = 0; i < points_; ++i) *sum += input_adjoints_[k].data[i];
    } else {
      sum_columns<double, Space>(stream, "jetpinn::coefficient_sums_device", points_, 1,
                                 ColumnTerm<double>{input_adjoints_[k].data}, sum_, sum);
    }
  }
}

// dslot_s = sum over trainables of dslot_s/dk_t dk_t: the tape's reverse, one slot at a time.
template <class A>
void SlotColumns<A>::load_changes(Stream stream, const std::vector<double>& direction) {
  const int slots = program_.plan.program.slots;
  constexpr double one = 1;
  for (int s = 0; s < slots; ++s) {
    std::vector<Column<const double>> seed(static_cast<std::size_t>(slots));
    seed[static_cast<std::size_t>(s)] = {one_ ? address_of(one_) : &one, 0};
    reverse_tape(stream, seed);
    const Place<A> change = changes_ + s * chunk_;
    if constexpr (Space::host)
      std::fill_n(change, points_, T(0));
    else
      fill(stream, sum_, points_, 0.0);
    for (std::size_t k = 0; k < input_adjoints_.size(); ++k) {
      if (!input_adjoints_[k].data) continue;
      add_change(stream, k, direction[static_cast<std::size_t>(program_.coefficient_inputs[k].index)], change);
    }
    if constexpr (!Space::host) jetpinn::cast<double, T, Space>(stream, points_, sum_, change);
  }
}

template <class A>
void SlotColumns<A>::add_change(Stream stream, std::size_t input, double along, Place<A> change) {
  const double* adjoint = input_adjoints_[input].data;
  if constexpr (Space::host) {
    for (std::int64_t i = 0; i < points_; ++i) change[i] += static_cast<T>(along * adjoint[i]);
  } else {
    add_product<Space>(stream, points_, along, DevicePointer<const double, Space>(adjoint), nullptr, sum_);
  }
}

template <class A>
double SlotColumns<A>::flop() const {
  return tape_forward_flop<double>(program_.coefficients);
}

template <class A>
double SlotColumns<A>::reverse_flop() const {
  if (!trained()) return 0;
  return flop() + tape_reverse_flop<double>(program_.coefficients, wanted_inputs(program_));
}

template class SlotColumns<HostFp32>;
template class SlotColumns<HostFp64>;
#define JETPINN_INSTANTIATE(A) template class SlotColumns<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
