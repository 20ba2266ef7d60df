#include "jetpinn/layer/point_columns.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/device_columns.hpp"

#include <algorithm>
#include <type_traits>

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
      slots_(program, chunk, pool, stream, along),
      inputs_(static_cast<std::size_t>(program.dimensions)) {
  const auto allocate = [&](std::int64_t rows) { return pool.template allocate<T>(rows * chunk); };
  if (program.sites > 1 || !Space::host) places_ = pool.template allocate<double>(program.dimensions * chunk);
  if constexpr (!std::is_same_v<T, double>) cast_ = allocate(program.dimensions);
  if (coefficients_.per_point()) varying_ = allocate(coefficients_.monomials());
  if (!along) return;
  if constexpr (!Space::host) {
    if (slots_.changes() && coefficients_.per_point()) changes_ = allocate(coefficients_.monomials());
    return;
  }
  interpreted_.emplace(program.plan.program, false);
  if (!interpreted_->per_point()) return;
  varying_interpreted_ = allocate(interpreted_->monomials());
  if (slots_.changes()) changes_ = allocate(interpreted_->monomials());
}

template <class A>
void PointColumns<A>::place_coordinates(Stream stream, const TermRange& range) {
  for (int d = 0; d < program_.dimensions; ++d)
    for (int site = 0; site < program_.sites; ++site) {
      const double* from = range.column({InputGroup::coordinate, d, site}, program_.sites);
      const Pointer<double, Space> to = places_ + (d * chunk_ + site * range.count);
      if constexpr (Space::host) std::copy_n(from, range.count, to);
      else copy(stream, from, to, range.count);
    }
  coordinates_ = places_;
  stride_ = chunk_;
}

template <class A>
void PointColumns<A>::load_coordinates(Stream stream, const TermRange& range) {
  points_ = program_.sites * range.count;
  if (places_) {
    place_coordinates(stream, range);
  } else if constexpr (Space::host) {
    coordinates_ = range.points->coordinates.data() + range.first;
    stride_ = range.points->local_count;
  }
  for (int d = 0; d < program_.dimensions; ++d) {
    const Pointer<const double, Space> x = coordinate(d);
    if constexpr (std::is_same_v<T, double>) {
      inputs_[static_cast<std::size_t>(d)] = {address_of(x), 1};
    } else {
      const Place<A> column = cast_ + d * chunk_;
      if constexpr (Space::host) {
        for (std::int64_t i = 0; i < points_; ++i) column[i] = static_cast<T>(x[i]);
      } else {
        cast<double, T, Space>(stream, points_, x, column);
      }
      inputs_[static_cast<std::size_t>(d)] = {address_of(column), 1};
    }
  }
}

template <class A>
void PointColumns<A>::load(Stream stream, const TermRange& range, const RunNumbers& numbers) {
  load_coordinates(stream, range);
  if (program_.plan.program.slots == 0) return;
  slots_.load(stream, range, numbers, coordinates_, stride_);
  if constexpr (Space::host) {
    if (varying_) coefficients_.fill(points_, slots_.cast(), chunk_, varying_);
    if (varying_interpreted_) interpreted_->fill(points_, slots_.cast(), chunk_, varying_interpreted_);
  } else {
    if (varying_) coefficients_.fill(stream, points_, slots_.cast(), chunk_, varying_);
  }
}

template <class A>
void PointColumns<A>::load_changes(Stream stream, const std::vector<double>& direction) {
  if (!slots_.changes()) return;
  slots_.load_changes(stream, direction);
  if (!changes_) return;
  if constexpr (Space::host)
    interpreted_->fill_changes(points_, slots_.changes(), chunk_, changes_);
  else
    coefficients_.fill_changes(stream, points_, slots_.changes(), chunk_, changes_);
}

template <class A>
ConstPlace<A> PointColumns<A>::coefficients(std::int64_t first) const {
  if (!coefficients_.per_point()) return coefficients_.constant();
  return varying_ + first * coefficients_.monomials();
}

template <class A>
ConstPlace<A> PointColumns<A>::interpreted(std::int64_t first) const {
  if (!interpreted_) return coefficients(first);
  if constexpr (Space::host) {
    if (!interpreted_->per_point()) return interpreted_->constant();
  }
  return varying_interpreted_ + first * interpreted_->monomials();
}

template <class A>
std::int64_t PointColumns<A>::interpreted_stride() const {
  if (!interpreted_) return coefficient_stride();
  return interpreted_->per_point() ? interpreted_->monomials() : 0;
}

template <class A>
ConstPlace<A> PointColumns<A>::coefficient_changes(std::int64_t first) const {
  if (!changes_) return nullptr;
  return changes_ + first * interpreted_stride();
}

template class PointColumns<HostFp32>;
template class PointColumns<HostFp64>;
#define JETPINN_INSTANTIATE(A) template class PointColumns<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
