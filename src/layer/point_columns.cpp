#include "jetpinn/layer/point_columns.hpp"

#include "jetpinn/kernels/device_columns.hpp"
#include "jetpinn/kernels/kernel_flop.hpp"

namespace jetpinn {
namespace {

template <class A>
auto make_coefficients(const TermProgram& program, PoolOf<A>& pool, Stream stream) {
  using T = typename A::Storage;
  using Space = typename A::Space;
  if constexpr (Space::host) return JetCoefficients<T>(program.plan.program);
  else return DeviceJetProgram<T, Space>(stream, pool, program.plan.program);
}

}  // namespace

template <class A>
PointColumns<A>::PointColumns(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream, bool along)
    : program_(program),
      chunk_(chunk),
      coefficients_(make_coefficients<A>(program, pool, stream)),
      inputs_(static_cast<std::size_t>(program.dimensions)),
      there_(program, chunk, pool, stream) {
  const std::int64_t slots = program.plan.program.slots;
  if constexpr (!std::is_same_v<T, double>) cast_ = pool.template allocate<T>(program.dimensions * chunk);
  slots_ = pool.template allocate<double>(slots * chunk);
  slots_cast_ = pool.template allocate<T>(slots * chunk);
  if (coefficients_.per_point()) varying_ = pool.template allocate<T>(coefficients_.monomials() * chunk);
  if (!along || !Space::host) return;
  interpreted_.emplace(program.plan.program, false);
  if (interpreted_->per_point())
    varying_interpreted_ = pool.template allocate<T>(interpreted_->monomials() * chunk);
}

template <class A>
void PointColumns<A>::load(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t points) {
  if constexpr (Space::host) {
    coordinates_ = coordinates;
    stride_ = stride;
  } else {
    coordinates_ = there_.coordinates;
    stride_ = chunk_;
    for (int d = 0; d < program_.dimensions; ++d)
      copy(stream, coordinates + d * stride, there_.coordinates + d * chunk_, points);
  }
  for (int d = 0; d < program_.dimensions; ++d) {
    const Pointer<const double, Space> x = coordinate(d);
    if constexpr (std::is_same_v<T, double>) {
      inputs_[static_cast<std::size_t>(d)] = {address_of(x), 1};
    } else {
      const Place<A> column = cast_ + d * chunk_;
      if constexpr (Space::host) {
        for (std::int64_t i = 0; i < points; ++i) column[i] = static_cast<T>(x[i]);
      } else {
        cast<double, T, Space>(stream, points, x, column);
      }
      inputs_[static_cast<std::size_t>(d)] = {address_of(column), 1};
    }
  }
  if (program_.plan.program.slots > 0) fill_slots(stream, points);
}

template <class A>
void PointColumns<A>::fill_slots(Stream stream, std::int64_t points) {
  const int slots = program_.plan.program.slots;
  std::vector<Column<const double>> in;
  std::vector<Column<double>> out;
  for (int d = 0; d < program_.dimensions; ++d) in.push_back({address_of(coordinate(d)), 1});
  for (int s = 0; s < slots; ++s) out.push_back({address_of(slots_ + s * chunk_), 1});
  if constexpr (Space::host) {
    tape_forward<double>(stream, program_.coefficients, points, in.data(), out.data());
    for (int s = 0; s < slots; ++s) {
      for (std::int64_t i = 0; i < points; ++i) slots_cast_[s * chunk_ + i] = static_cast<T>(slots_[s * chunk_ + i]);
    }
    if (coefficients_.per_point()) coefficients_.fill(points, slots_cast_, chunk_, varying_);
    if (varying_interpreted_) interpreted_->fill(points, slots_cast_, chunk_, varying_interpreted_);
  } else {
    there_.slots.forward(stream, points, in, out);
    for (int s = 0; s < slots; ++s)
      cast<double, T, Space>(stream, points, slots_ + s * chunk_, slots_cast_ + s * chunk_);
    if (coefficients_.per_point()) coefficients_.fill(stream, points, slots_cast_, chunk_, varying_);
  }
}

template <class A>
ConstPlace<A> PointColumns<A>::coefficients(std::int64_t first) const {
  if (!coefficients_.per_point()) return coefficients_.constant();
  return varying_ + first * coefficients_.monomials();
}

template <class A>
ConstPlace<A> PointColumns<A>::interpreted(std::int64_t first) const {
  if (!interpreted_) return coefficients(first);
  if (!interpreted_->per_point()) return ConstPlace<A>(interpreted_->constant());
  return varying_interpreted_ + first * interpreted_->monomials();
}

template <class A>
std::int64_t PointColumns<A>::interpreted_stride() const {
  if (!interpreted_) return coefficient_stride();
  return interpreted_->per_point() ? interpreted_->monomials() : 0;
}

template <class A>
double PointColumns<A>::flop() const {
  return tape_forward_flop<double>(program_.coefficients);
}

template class PointColumns<HostFp32>;
template class PointColumns<HostFp64>;
template class PointColumns<EmulatedFp32>;
template class PointColumns<EmulatedFp64>;

}  // namespace jetpinn
