// Jets of the network's features over a chunk of points: what of them is the same for all points, and columns for the rest.
#pragma once

#include "jetpinn/kernels/edge_layers.hpp"
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

  // For chunks of at most `chunk` points.
  FeatureColumns(const std::vector<Feature>& features, const TermProgram& program, const PointColumns<A>& points,
                 std::int64_t chunk, Pool& pool);

  void evaluate(Stream stream, std::int64_t points);  // of those that `points` loaded last
  FeatureJets<T> jets(std::int64_t first) const;      // for points from `first` on

  double varying() const { return static_cast<double>(varying_.size()); }  // pairs of channel and feature over points
  double constant_channels() const;  // channels with a feature that does not
  double flop() const;               // per point

 private:
  // sin and cos of scale * x + shift, computed once per chunk for all features and derivatives of them.
  struct Turn {
    int coordinate;
    double scale, shift;
    double *sine, *cosine;  // [chunk]
  };
  // One summand of a feature's channel: factor * column * slot, where a missing column or slot counts as 1.
  struct VaryingPart {
    double factor;
    const double* column;
    int slot;
  };
  struct Varying {
    int channel, feature;
    std::vector<VaryingPart> parts;  // none: the linear feature's value itself
  };

  void plan(Pool& pool);
  void plan_pair(int channel, int feature, Pool& pool);
  const Turn& turn_of(const Feature& feature, Pool& pool);

  const std::vector<Feature> features_;
  const TermProgram& program_;
  const PointColumns<A>& points_;
  const std::int64_t chunk_;
  std::deque<Turn> turns_;
  std::vector<Varying> varying_;
  std::vector<int> varying_channel_, varying_feature_;
  std::vector<T> constant_;  // [channels, features]
  Place<A> columns_ = nullptr;     // [varying, chunk]
  double* sum_ = nullptr;    // [chunk] scratch
};

}  // namespace jetpinn
