#include "jetpinn/libtorch/term_residuals.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/factorised.hpp"
#include "jetpinn/layer/term_columns.hpp"
#include "jetpinn/libtorch/layer_twin.hpp"
#include "jetpinn/libtorch/reference_functions.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <map>
#include <utility>

namespace jetpinn {
namespace {

at::Tensor feature_values(const Feature& feature, const Tensors& coordinates) {
  const at::Tensor argument = feature.scale * coordinates[static_cast<std::size_t>(feature.coordinate)] + feature.shift;
  switch (feature.kind) {
    case Feature::Kind::linear: return argument;
    case Feature::Kind::cosine: return at::cos(argument);
    case Feature::Kind::sine: return at::sin(argument);
  }
  throw Error(Status::usage, "the reference engine does not know this feature");
}

// The network over one chunk of points at one site: fields and, on demand, their derivatives. All columns are [count].
class ChunkFields {
 public:
  ChunkFields(const ParameterLeaves& leaves, const ChunkRows& rows, const std::vector<double>& coordinates) {
    for (int d = 0; d < rows.points.dimensions; ++d) coordinates_.push_back(rows.column(coordinates, d).requires_grad_());
    const Network& network = leaves.network();
    Tensors features;
    for (const Feature& feature : network.features) features.push_back(feature_values(feature, coordinates_));
    const auto of_layer = [&](const Layer& layer) {
      const auto first = features.begin() + static_cast<std::ptrdiff_t>(layer.first_feature);
      return layer.inputs.empty() ? Tensors(first, first + static_cast<std::ptrdiff_t>(layer.input_units)) : Tensors();
    };
    Tensors outputs;  // [layers]
    for (const Layer& layer : network.layers) {
      const Tensors own = of_layer(layer);
      TwinInput input{own, {}, {}};
      for (const ParameterBlock& block : layer.blocks) input.blocks.push_back(leaves.of(block));
      if (const ParameterBlock* slope = slope_of(network, layer)) input.slope = &leaves.of(*slope);
      for (int k : layer.inputs) input.inputs.push_back(outputs[static_cast<std::size_t>(k)]);
      outputs.push_back(layer_twin(layer, input));
    }
    for (std::size_t l = 0; l < outputs.size(); ++l) {
      if (network.layers[l].kind != "output") continue;
      const std::vector<int>& fields = network.members[static_cast<std::size_t>(network.layers[l].member)].fields;
      for (std::size_t column = 0; column < fields.size(); ++column)
        derivatives_[{fields[column], Derivative{}}] = outputs[l].select(1, static_cast<std::int64_t>(column));
    }
  }

  at::Tensor coordinate(int d) const { return coordinates_[static_cast<std::size_t>(d)].detach(); }

  // D^a u = d/dx_last of the derivative without its last direction; one call yields all directions, which are kept.
  at::Tensor derivative(int field, const Derivative& wanted) {
    const auto found = derivatives_.find({field, wanted});
    if (found != derivatives_.end()) return found->second;
    Derivative lower = wanted;
    lower.by[static_cast<std::size_t>(--lower.order)] = -1;
    const at::Tensor value = derivative(field, lower);
    const Tensors slopes = gradients({value}, {at::ones_like(value)}, coordinates_, /*create_graph=*/true);
    for (std::size_t d = 0; d < slopes.size(); ++d)
      derivatives_.try_emplace({field, lower.along(static_cast<int>(d))},
                               slopes[d].defined() ? slopes[d] : at::zeros_like(value));
    return derivatives_.at({field, wanted});
  }

 private:
  Tensors coordinates_;
  std::map<std::pair<int, Derivative>, at::Tensor> derivatives_;
};

// What the leaves of a term's expressions are over one chunk.
class ChunkLeaves {
 public:
  ChunkLeaves(const ParameterLeaves& leaves, const ChunkRows& rows, const std::vector<double>& constants, int sites)
      : leaves_(leaves), rows_(rows), constants_(constants), sites_(sites) {
    fields_.emplace_back(leaves, rows, rows.points.coordinates);
    if (sites > 1) fields_.emplace_back(leaves, rows, rows.points.second);
  }
  std::int64_t count() const { return rows_.count; }

  at::Tensor operator()(const Node& leaf) {
    switch (leaf.op) {
      case Op::constant: return scalar(leaf.value);
      case Op::coordinate: return at_site(leaf).coordinate(leaf.index);
      case Op::field: return at_site(leaf).derivative(leaf.index, leaf.derivative);
      case Op::data: return rows_.column(rows_.points.data, leaf.index);
      case Op::attribute:
        return rows_.column(rows_.points.attributes, leaf.site * rows_.points.attribute_columns / sites_ + leaf.index);
      case Op::trainable: return leaves_.trainable(leaf.index);
      case Op::stage_constant: return scalar(constant_at(constants_, leaf.index));
      default: break;
    }
    JETPINN_CHECK(false, "a residual contains no such leaf");
  }

 private:
  ChunkFields& at_site(const Node& leaf) { return fields_.at(static_cast<std::size_t>(leaf.site)); }
  at::Tensor scalar(double value) const { return at::scalar_tensor(value, at::TensorOptions().dtype(rows_.type)); }

  const ParameterLeaves& leaves_;
  const ChunkRows rows_;
  const std::vector<double>& constants_;
  const int sites_;
  std::vector<ChunkFields> fields_;  // [sites]
};

// Of the residuals alone: the program is the jets engine's.
int sites_of(const EngineTerm& term) {
  const auto linked = [&](NodeId id) { return term.graph->depends_on_second_site(id); };
  return std::any_of(term.residuals.begin(), term.residuals.end(), linked) ? 2 : 1;
}

}  // namespace

at::Tensor ChunkRows::column(const std::vector<double>& columns, int index) const {
  const std::int64_t begin = index * points.local_count + first;
  JETPINN_CHECK(begin + count <= static_cast<std::int64_t>(columns.size()), "a term reads a column that its points lack");
  return copy_column(columns.data() + begin, count, type);
}

TermResiduals::TermResiduals(const EngineTerm& term)
    : graph_(*term.graph), residuals_(term.residuals), sites_(sites_of(term)) {
  // Operands are interned before what uses them, so that their numbers are smaller.
  std::vector<char> needed(graph_.size(), 0);
  for (NodeId id : residuals_) needed[static_cast<std::size_t>(id)] = 1;
  for (std::size_t id = needed.size(); id-- > 0;)
    if (needed[id])
      for (NodeId operand : graph_[static_cast<NodeId>(id)].operand)
        if (operand >= 0) {
          JETPINN_CHECK(static_cast<std::size_t>(operand) < id, "expression graph out of order");
          needed[static_cast<std::size_t>(operand)] = 1;
        }
  for (std::size_t id = 0; id < needed.size(); ++id)
    if (needed[id]) order_.push_back(static_cast<NodeId>(id));
}

Tensors TermResiduals::evaluate(const ParameterLeaves& parameters, const ChunkRows& rows,
                                const std::vector<double>& constants) const {
  ChunkLeaves leaves(parameters, rows, constants, sites_);
  std::map<NodeId, at::Tensor> values;
  for (NodeId id : order_) {
    const Node& node = graph_[id];
    const auto operand = [&](std::size_t i) { return node.operand[i] < 0 ? at::Tensor() : values.at(node.operand[i]); };
    const bool fixed_power = node.op == Op::power && graph_.is_constant(node.operand[1]);
    // A power with a constant exponent has a finite slope at base 0, which the general rule
    // (through the logarithm) has not.
    values[id] = fixed_power                   ? at::pow(operand(0), graph_[node.operand[1]].value)
                 : operand_count(node.op) == 0 ? leaves(node)
                                               : reference_operation(node.op, operand(0), operand(1), operand(2));
  }
  Tensors residuals;
  for (NodeId id : residuals_) residuals.push_back(values.at(id).expand({leaves.count()}));
  return residuals;
}

}  // namespace jetpinn
