// Looks into the network at one point: the first of its parts where a value or a derivative is not finite, and the values of
// all hidden units.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/network/network.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace jetpinn {

// values [units] of one of Network::layers
using LayerValues = std::function<void(int layer, const std::vector<double>& values)>;

class LayerProbe {
 public:
  virtual ~LayerProbe() = default;
  // place [dimensions]. 1 .. parts: the first of Network::parts with a sum (before its activation) that is not finite in
  // some channel; parts + 1: all outputs of the network and all their derivatives that the term needs are finite.
  virtual int first_not_finite(const double* place) = 0;
  // What each layer gives at a place [dimensions], all but the outputs of networks, in the order of the layers.
  virtual void layer_values(const double* place, const LayerValues& visit) = 0;
};

// parameters [network.parameters] are copied. Coefficients that read more than a place and trainables see 0 for data,
// attributes and constants of the stage; linked points both lie at the place. fp32 or fp64 (any other precision is looked at
// in fp64).
std::unique_ptr<LayerProbe> make_layer_probe(const Network& network, const TermProgram& program, Precision precision,
                                             const double* parameters);

}  // namespace jetpinn
