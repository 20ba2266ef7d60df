// Looks into a term's residuals at one point: the part of the expression where a value stops being finite.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/engine/layer_probe.hpp"
#include "jetpinn/expr/fault.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace jetpinn {

class ResidualProbe {
 public:
  // Nothing is communicated. parameters: [network.parameters], must outlive the probe. precision: the engine's.
  ResidualProbe(const Assembly& assembly, std::size_t term, Precision precision, const std::vector<double>& parameters);

  // place: [dimensions], where some residual is not finite, data and attributes: [columns] of that point. Empty: the network
  // is to blame, not the expression.
  std::optional<FaultText> value(const double* place, const double* data, const double* attributes = nullptr);
  // The same where all residuals are finite and their derivatives by the network's outputs are not.
  std::optional<FaultText> derivative(const double* place, const double* data, const double* attributes = nullptr);
  // As LayerProbe says; where the network itself is sound, of the sums that the term's plan folds coefficients into,
  // where no column of data or attributes is among them.
  int first_layer(const double* place);

 private:
  void look(const double* place);   // fills the values of the leaves
  // `find` over the residuals as stated, then over the output transforms below them.
  template <class Find>
  std::optional<FaultText> explain_first(const double* place, const double* data, const double* attributes,
                                         const Find& find) const;

  const Assembly& assembly_;
  const Problem& problem_;
  const Term& term_;
  const std::size_t number_;
  const Precision precision_;
  const std::vector<double>& parameters_;
  std::vector<NodeId> fields_;          // fields and derivatives of fields in the residuals as stated
  std::vector<NodeId> fields_raw_;      // the same in raw outputs
  EngineTerm raw_;                      // its residuals: the raw outputs and derivatives that all of them stand on
  std::unique_ptr<Engine> engine_;      // of raw_
  std::unique_ptr<LayerProbe> layers_, planned_layers_;   // of raw_, and of the term as it is planned; made when asked for
  std::map<NodeId, double> value_;      // of raw_'s residuals at the last place
  std::vector<double> second_;          // [dimensions] the point that is linked with the last place, or that place
};

}  // namespace jetpinn
