#include "jetpinn/layer/point_columns.hpp"

#include "jetpinn/kernels/kernel_flop.hpp"

namespace jetpinn {

template <class A>
PointColumns<A>::PointColumns(const TermProgram& program, std::int64_t chunk, Pool& pool, bool along)
    : program_(program),
      chunk_(chunk),
      coefficients_(program.plan.program),
      inputs_(static_cast<std::size_t>(program.dimensions)) {
  const std::int64_t slots = program.plan.program.slots;
  if constexpr (!std::is_same_v<T, double>) cast_ = pool.allocate<T>(program.dimensions * chunk);
  slots_ = pool.allocate<double>(slots * chunk);
  slots_cast_ = pool.allocate<T>(slots * chunk);
  if (coefficients_.per_point()) varying_ = pool.allocate<T>(coefficients_.monomials() * chunk);
  if (!along) return;
  interpreted_.emplace(program.plan.program, false);
  if (interpreted_->per_point()) varying_interpreted_ = pool.allocate<T>(interpreted_->monomials() * chunk);
}

template <class A>
void PointColumns<A>::load(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t points) {
  coordinates_ = coordinates;
  stride_ = stride;
  for (int d = 0; d < program_.dimensions; ++d) {
    const double* x = coordinate(d);
    if constexpr (std::is_same_v<T, double>) {
      inputs_[static_cast<std::size_t>(d)] = {x, 1};
    } else {
      Place<A> column = cast_ + d * chunk_;
      for (std::int64_t i = 0; i < points; ++i) column[i] = static_cast<T>(x[i]);
      inputs_[static_cast<std::size_t>(d)] = {column, 1};
    }
  }
  const int slots = program_.plan.program.slots;
  if (slots == 0) return;
  std::vector<Column<const double>> in;
  std::vector<Column<double>> out;
  for (int d = 0; d < program_.dimensions; ++d) in.push_back({coordinate(d), 1});
  for (int s = 0; s < slots; ++s) out.push_back({slots_ + s * chunk_, 1});
  tape_forward<double>(stream, program_.coefficients, points, in.data(), out.data());
  for (int s = 0; s < slots; ++s) {
    for (std::int64_t i = 0; i < points; ++i) slots_cast_[s * chunk_ + i] = static_cast<T>(slots_[s * chunk_ + i]);
  }
  if (coefficients_.per_point()) coefficients_.fill(points, slots_cast_, chunk_, varying_);
  if (varying_interpreted_) interpreted_->fill(points, slots_cast_, chunk_, varying_interpreted_);
}

template <class A>
ConstPlace<A> PointColumns<A>::coefficients(std::int64_t first) const {
  return coefficients_.per_point() ? varying_ + first * coefficients_.monomials() : coefficients_.constant();
}

template <class A>
ConstPlace<A> PointColumns<A>::interpreted(std::int64_t first) const {
  return varying_interpreted_ ? varying_interpreted_ + first * interpreted_->monomials() : interpreted_->constant();
}

template <class A>
double PointColumns<A>::flop() const {
  return tape_forward_flop<double>(program_.coefficients);
}

template class PointColumns<HostFp32>;
template class PointColumns<HostFp64>;

}  // namespace jetpinn
