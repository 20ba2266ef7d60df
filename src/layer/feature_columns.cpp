#include "jetpinn/layer/feature_columns.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/coefficient_adjoint.hpp"
#include "jetpinn/kernels/device_coefficients.hpp"
#include "jetpinn/kernels/device_columns.hpp"
#include "jetpinn/kernels/feature_columns.hpp"
#include "jetpinn/kernels/kernel_flop.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <algorithm>

namespace jetpinn {

template <class A>
FeatureColumns<A>::FeatureColumns(const std::vector<Feature>& features, const TermProgram& program,
                                  const PointColumns<A>& points, std::int64_t chunk, PoolOf<A>& pool,
                                  Stream stream)
    : features_(features), program_(program), points_(points), chunk_(chunk) {
  plan(pool);
  columns_ = pool.template allocate<T>(static_cast<std::int64_t>(varying_.size()) * chunk);
  sum_ = pool.template allocate<double>(chunk);
  if constexpr (Space::host) {
    constant_there_ = constant_.data();
    channel_there_ = varying_channel_.data();
    feature_there_ = varying_feature_.data();
  } else {
    constant_there_ = upload<Space>(stream, pool, constant_);
    channel_there_ = upload<Space>(stream, pool, varying_channel_);
    feature_there_ = upload<Space>(stream, pool, varying_feature_);
  }
  if (Space::host && !trained_.empty())
    xbar_ = pool.template allocate<T>(static_cast<std::int64_t>(trained_.size()) * chunk);
  if (!points.slots().changes()) return;
  if (!Space::host) slot_ = pool.template allocate<double>(chunk);
  changes_ = pool.template allocate<T>(static_cast<std::int64_t>(varying_.size()) * chunk);
  no_constant_ = pool.template allocate<T>(static_cast<std::int64_t>(constant_.size()));
}

template <class A>
const typename FeatureColumns<A>::Turn& FeatureColumns<A>::turn_of(const Feature& feature, PoolOf<A>& pool) {
  for (const Turn& turn : turns_) {
    if (turn.coordinate == feature.coordinate && turn.scale == feature.scale && turn.shift == feature.shift) return turn;
  }
  const std::int64_t n = padded<double>(chunk_);
  const auto column = [&] { return pool.template allocate<double>(n); };
  turns_.push_back({feature.coordinate, feature.scale, feature.shift, column(), column()});
  return turns_.back();
}

template <class A>
void FeatureColumns<A>::plan(PoolOf<A>& pool) {
  const auto features = static_cast<int>(features_.size());
  constant_.assign(static_cast<std::size_t>(program_.channels() * features), T(0));
  for (int c = 0; c < program_.channels(); ++c)
    for (int i = 0; i < features; ++i) plan_pair(c, i, pool);
}

// Channel c of feature f(x_k): the sum of its parts that are pure derivatives by x_k; all others vanish.
template <class A>
void FeatureColumns<A>::plan_pair(int c, int i, PoolOf<A>& pool) {
  const Feature& feature = features_[static_cast<std::size_t>(i)];
  const bool linear = feature.kind == Feature::Kind::linear;
  Varying pair{c, i, {}};
  double constant = 0;
  for (const ChannelPart& part : program_.plan.channels[static_cast<std::size_t>(c)].parts) {
    const Derivative& d = part.derivative;
    const bool pure = std::all_of(d.by.begin(), d.by.begin() + d.order, [&](int k) { return k == feature.coordinate; });
    if (!pure || (linear && d.order != 1)) continue;
    if (linear && part.slot < 0) {
      constant += part.coefficient * feature.scale;
    } else if (linear) {
      pair.parts.push_back({part.coefficient * feature.scale, nullptr, part.slot});
    } else {  // cos -> -sin -> -cos -> sin -> cos; a sine is a cosine three steps on
      const int step = (d.order + (feature.kind == Feature::Kind::sine ? 3 : 0)) % 4;
      const Turn& turn = turn_of(feature, pool);
      double factor = part.coefficient * (step == 1 || step == 2 ? -1 : 1);
      for (int k = 0; k < d.order; ++k) factor *= feature.scale;
      pair.parts.push_back({factor, step % 2 == 0 ? turn.cosine : turn.sine, part.slot});
    }
  }
  if (c == 0 || !pair.parts.empty()) {
    varying_.push_back(pair);
    varying_channel_.push_back(c);
    varying_feature_.push_back(i);
  }
  const auto trained = [&](const VaryingPart& part) { return points_.slots().trained(part.slot); };
  if (std::any_of(pair.parts.begin(), pair.parts.end(), trained)) {
    trained_.push_back(static_cast<int>(varying_.size()) - 1);
    trained_channel_.push_back(c);
    trained_feature_.push_back(i);
  }
  constant_[static_cast<std::size_t>(c) * features_.size() + static_cast<std::size_t>(i)] = static_cast<T>(constant);
}

template <class A>
void FeatureColumns<A>::evaluate(Stream stream, std::int64_t n) {
  for (const Turn& turn : turns_)
    sincos_columns(stream, n, points_.coordinate(turn.coordinate), turn.scale, turn.shift, turn.sine, turn.cosine);
  for (std::size_t e = 0; e < varying_.size(); ++e)
    evaluate_pair(stream, n, varying_[e], columns_ + static_cast<std::int64_t>(e) * chunk_);
}

template <class A>
void FeatureColumns<A>::evaluate_pair(Stream stream, std::int64_t n, const Varying& pair, Place<A> column) {
  const Feature& feature = features_[static_cast<std::size_t>(pair.feature)];
  if constexpr (Space::host) {
    if (pair.parts.empty()) {
      const double* x = points_.coordinate(feature.coordinate);
      for (std::int64_t i = 0; i < n; ++i) column[i] = static_cast<T>(feature.scale * x[i] + feature.shift);
      return;
    }
    std::fill_n(sum_, n, 0.0);
    for (const VaryingPart& part : pair.parts) {
      const double* slot = part.slot < 0 ? nullptr : points_.slots().at(part.slot);
      for (std::int64_t i = 0; i < n; ++i)
        sum_[i] += part.factor * (part.column ? part.column[i] : 1.0) * (slot ? slot[i] : 1.0);
    }
    for (std::int64_t i = 0; i < n; ++i) column[i] = static_cast<T>(sum_[i]);
  } else {
    if (pair.parts.empty())
      return affine_column<T, Space>(stream, n, points_.coordinate(feature.coordinate), feature.scale, feature.shift,
                                     column);
    fill(stream, sum_, n, 0.0);
    for (const VaryingPart& part : pair.parts) {
      const auto slot = part.slot < 0 ? Pointer<const double, Space>(nullptr) : points_.slots().at(part.slot);
      add_product<Space>(stream, n, part.factor, part.column, slot, sum_);
    }
    cast<double, T, Space>(stream, n, sum_, column);
  }
}

// dx_e = sum over parts of factor * column * dslot
template <class A>
void FeatureColumns<A>::evaluate_changes(Stream stream, std::int64_t n) {
  for (std::size_t e = 0; e < varying_.size(); ++e)
    evaluate_change(stream, n, varying_[e], changes_ + static_cast<std::int64_t>(e) * chunk_);
}

template <class A>
void FeatureColumns<A>::evaluate_change(Stream stream, std::int64_t n, const Varying& pair, Place<A> change) {
  if constexpr (Space::host)
    std::fill_n(change, n, T(0));
  else
    fill(stream, sum_, n, 0.0);
  for (const VaryingPart& part : pair.parts) {
    if (part.slot < 0) continue;
    const ConstPlace<A> slot = points_.slots().changes() + part.slot * chunk_;
    if constexpr (Space::host) {
      for (std::int64_t i = 0; i < n; ++i)
        change[i] += static_cast<T>(part.factor * (part.column ? part.column[i] : 1.0) * static_cast<double>(slot[i]));
    } else {
      cast<T, double, Space>(stream, n, slot, slot_);
      add_product<Space>(stream, n, part.factor, part.column, slot_, sum_);
    }
  }
  if constexpr (!Space::host) cast<double, T, Space>(stream, n, sum_, change);
}

// slotbar += factor * column * xbar_e, xbar_e = sum over units of w zbar
template <class A>
void FeatureColumns<A>::reverse(Stream stream, TileRange tile, std::int64_t width, ConstPlace<A> weights, ConstPlace<A> zbar,
                                Pointer<double, Space> partial) const {
  if (trained_.empty()) return;
  if constexpr (!Space::host)
    return reverse_there(stream, tile, width, weights, zbar, partial);
  else
    reverse_here(stream, tile, width, weights, zbar);
}

template <class A>
void FeatureColumns<A>::reverse_there(Stream stream, TileRange tile, std::int64_t width, ConstPlace<A> weights,
                                      ConstPlace<A> zbar, Pointer<double, Space> partial) const requires(!Space::host) {
  for (const int pair : trained_) {
    const Varying& of = varying_[static_cast<std::size_t>(pair)];
    feature_reverse<T, Space>(stream, {tile.points, width}, weights + of.feature * width,
                              zbar + of.channel * tile.points * width, partial, sum_);
    for (const VaryingPart& part : of.parts) {
      if (!points_.slots().trained(part.slot)) continue;
      const auto column = part.column ? part.column + tile.first : part.column;
      add_product<Space>(stream, tile.points, part.factor, column, sum_, points_.slots().adjoint(part.slot) + tile.first);
    }
  }
}

template <class A>
void FeatureColumns<A>::reverse_here(Stream stream, TileRange tile, std::int64_t width, ConstPlace<A> weights,
                                     ConstPlace<A> zbar) const requires(Space::host) {
  features_reverse<T>(stream, {tile.points, width}, trained_channel_, trained_feature_, weights, zbar, xbar_, tile.points);
  for (std::size_t k = 0; k < trained_.size(); ++k) {
    ConstPlace<A> xbar = xbar_ + static_cast<std::int64_t>(k) * tile.points;
    for (const VaryingPart& part : varying_[static_cast<std::size_t>(trained_[k])].parts) {
      if (!points_.slots().trained(part.slot)) continue;
      double* slotbar = points_.slots().adjoint(part.slot) + tile.first;
      for (std::int64_t i = 0; i < tile.points; ++i)
        slotbar[i] += part.factor * (part.column ? part.column[tile.first + i] : 1.0) * static_cast<double>(xbar[i]);
    }
  }
}

template <class A>
FeatureJets<typename A::Storage, typename A::Space> FeatureColumns<A>::jets(std::int64_t first) const {
  return jets_of(constant_there_, columns_, first);
}

template <class A>
FeatureJets<typename A::Storage, typename A::Space> FeatureColumns<A>::jets_of(ConstPlace<A> constant,
                                                                               ConstPlace<A> columns,
                                                                               std::int64_t first) const {
  return {static_cast<int>(features_.size()),
          program_.channels(),
          constant,
          static_cast<int>(varying_.size()),
          channel_there_,
          feature_there_,
          columns + first,
          chunk_};
}

template <class A>
double FeatureColumns<A>::constant_channels() const {
  double channels = 0;
  for (auto row = constant_.begin(); row != constant_.end(); row += static_cast<std::ptrdiff_t>(features_.size()))
    channels += std::any_of(row, row + static_cast<std::ptrdiff_t>(features_.size()), [](T value) { return value != T(0); });
  return channels;
}

template <class A>
double FeatureColumns<A>::flop() const {
  double parts = 0;
  for (const Varying& pair : varying_) parts += static_cast<double>(pair.parts.size());
  return static_cast<double>(turns_.size()) * (sincos_flop<T>() + 2) + 3 * parts;
}

template class FeatureColumns<HostFp32>;
template class FeatureColumns<HostFp64>;
#define JETPINN_INSTANTIATE(A) template class FeatureColumns<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
