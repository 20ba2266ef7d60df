// Jets of the network's features over a chunk of points: what of them is the same for all points, and columns for the rest.
#pragma once

#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/layer/jet_place.hpp"
#include "jetpinn/layer/point_columns.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace jetpinn {

template <class A>
class FeatureColumns {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  // For chunks of at most `chunk` points.
  FeatureColumns(const std::vector<Feature>& features, const TermProgram& program, const PointColumns<A>& points,
                 std::int64_t chunk, PoolOf<A>& pool, Stream stream);

  void evaluate(Stream stream, std::int64_t points);  // of those that `points` loaded last
  FeatureJets<T, Space> jets(std::int64_t first) const;     // for points from `first` on

  // Adjoints of the coefficients in the features' jets are added to those of the slots; zbar [channels, points, width] is
  // the adjoint of what weights [features, width] make of the jets. partial: a device's scratch of sums
  // (kernels/device_coefficients.hpp), where reverse_pairs() is not zero.
  void reverse(Stream stream, TileRange tile, std::int64_t width, ConstPlace<A> weights, ConstPlace<A> zbar,
               Pointer<double, Space> partial) const;
  double reverse_pairs() const { return static_cast<double>(trained_.size()); }   // that reverse() looks at

  // In sweeps along a direction: the jets' changes, where coefficients change, of the direction loaded last.
  bool changes() const { return static_cast<bool>(changes_); }
  void evaluate_changes(Stream stream, std::int64_t points);
  FeatureJets<T, Space> jet_changes(std::int64_t first) const { return jets_of(no_constant_, changes_, first); }

  double varying() const { return static_cast<double>(varying_.size()); }  // pairs of channel and feature over points
  double constant_channels() const;  // channels with a feature that does not
  double flop() const;               // per point

 private:
  // sin and cos of scale * x + shift, computed once per chunk for all features and derivatives of them.
  struct Turn {
    int coordinate;
    double scale, shift;
    Pointer<double, Space> sine, cosine;  // [chunk]
  };
  // One summand of a feature's channel: factor * column * slot, where a missing column or slot counts as 1.
  struct VaryingPart {
    double factor;
    Pointer<const double, Space> column;
    int slot;
  };
  struct Varying {
    int channel, feature;
    std::vector<VaryingPart> parts;  // none: the linear feature's value itself
  };

  void plan(PoolOf<A>& pool);
  void plan_pair(int channel, int feature, PoolOf<A>& pool);
  const Turn& turn_of(const Feature& feature, PoolOf<A>& pool);
  void evaluate_change(Stream stream, std::int64_t points, const Varying& pair, Place<A> change);
  void evaluate_pair(Stream stream, std::int64_t points, const Varying& pair, Place<A> column);
  void reverse_here(Stream stream, TileRange tile, std::int64_t width, ConstPlace<A> weights, ConstPlace<A> zbar) const
      requires(Space::host);
  void reverse_there(Stream stream, TileRange tile, std::int64_t width, ConstPlace<A> weights, ConstPlace<A> zbar,
                     Pointer<double, Space> partial) const requires(!Space::host);
  FeatureJets<T, Space> jets_of(ConstPlace<A> constant, ConstPlace<A> columns, std::int64_t first) const;

  const std::vector<Feature> features_;
  const TermProgram& program_;
  const PointColumns<A>& points_;
  const std::int64_t chunk_;
  std::deque<Turn> turns_;
  std::vector<Varying> varying_;
  std::vector<int> varying_channel_, varying_feature_;
  std::vector<int> trained_, trained_channel_, trained_feature_;   // of those, the ones with a trained coefficient
  std::vector<T> constant_;                                        // [channels, features]
  Place<A> columns_ = nullptr, changes_ = nullptr;   // [varying, chunk]
  Place<A> xbar_ = nullptr;                          // [trained, chunk]
  Pointer<double, Space> sum_ = nullptr, slot_ = nullptr;  // [chunk] scratch; the latter of a device's changes
  // The tables above where kernels read them: themselves on a host.
  ConstPlace<A> constant_there_ = nullptr;
  ConstPlace<A> no_constant_ = nullptr;  // [channels, features] zeros
  Pointer<const int, Space> channel_there_ = nullptr, feature_there_ = nullptr;
};

}  // namespace jetpinn
