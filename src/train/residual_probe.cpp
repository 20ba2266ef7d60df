#include "jetpinn/train/residual_probe.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/product.hpp"
#include "jetpinn/sampling/linked_points.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

std::vector<NodeId> field_leaves(const ExpressionGraph& graph, const std::vector<NodeId>& roots) {
  std::vector<NodeId> leaves;
  for (NodeId id : reachable(graph, roots))
    if (graph[id].op == Op::field) leaves.push_back(id);
  return leaves;
}

}  // namespace

ResidualProbe::ResidualProbe(const Assembly& assembly, std::size_t term, Precision precision,
                             const std::vector<double>& parameters)
    : assembly_(assembly),
      problem_(*assembly.problem),
      term_(problem_.terms[term]),
      number_(term),
      precision_(precision == Precision::fp64 ? Precision::fp64 : Precision::fp32),
      parameters_(parameters) {
  ExpressionGraph& graph = assembly.problem->graph;
  fields_ = field_leaves(graph, term_.stated);
  for (NodeId field : fields_) fields_raw_.push_back(substitute_fields(graph, field, problem_.outputs));
  raw_.name = term_.name;
  raw_.residuals = field_leaves(graph, fields_raw_);
  raw_.program = compile_term(graph, raw_.residuals, problem_.dimensions(), problem_.fields(), problem_.groups(term_));
  raw_.graph = &graph;
  EngineOptions options;
  options.precision = precision_;
  options.product_backend = product_backends().front();   // measuring would communicate
  options.chunk = 16;
  engine_ = make_engine(options, assembly.network, {raw_});
}

void ResidualProbe::look(const double* place) {
  TermPoints point;
  point.dimensions = problem_.dimensions();
  point.global_count = point.local_count = 1;
  point.blocks = {{0, 1}};
  point.coordinates.assign(place, place + point.dimensions);
  second_ = second_coordinates(point, term_.pair);
  if (!term_.pair.empty()) point.second = second_;
  std::vector<double> values(raw_.residuals.size());
  engine_->residuals(Stream{}, parameters_.data(), 0, point, values.data());
  value_.clear();
  for (std::size_t k = 0; k < values.size(); ++k) value_[raw_.residuals[k]] = values[k];
}

template <class Find>
std::optional<FaultText> ResidualProbe::explain_first(const double* place, const double* data, const double* attributes,
                                                      const Find& find) const {
  const ExpressionGraph& graph = problem_.graph;
  const auto raw_value = [&](NodeId id) { return value_.at(id); };
  const double* trainables = parameters_.data() + assembly_.network.layer_parameters();
  const int columns = problem_.groups(term_).attributes;  // of a site
  const auto values = [&](const std::vector<NodeId>& leaves, const auto& value_of_leaf) {
    return LeafValue([this, &graph, &leaves, value_of_leaf, place, data, attributes, columns, trainables](const Node& leaf) {
      if (leaf.op == Op::coordinate)
        return leaf.site == 0 ? place[leaf.index] : second_[static_cast<std::size_t>(leaf.index)];
      if (leaf.op == Op::data) return data[leaf.index];
      if (leaf.op == Op::attribute) return attributes[leaf.site * columns + leaf.index];
      if (leaf.op == Op::trainable) return trainables[leaf.index];
      const auto at = std::find_if(leaves.begin(), leaves.end(), [&](NodeId id) {
        return graph[id].index == leaf.index && graph[id].derivative == leaf.derivative && graph[id].site == leaf.site;
      });
      JETPINN_CHECK(at != leaves.end(), "a place gives no value to " + std::to_string(static_cast<int>(leaf.op)));
      return value_of_leaf(*at);
    });
  };
  const LeafValue raw = values(raw_.residuals, raw_value);
  const LeafValue stated = values(fields_, [&](NodeId id) {
    return evaluate(
        graph, fields_raw_[static_cast<std::size_t>(std::find(fields_.begin(), fields_.end(), id) - fields_.begin())], raw);
  });
  const auto text = [&](const Fault& fault) {
    return explain(graph, fault, problem_.symbols.coordinates, problem_.symbols.fields);
  };
  for (NodeId root : term_.stated) {
    const std::optional<Fault> fault = find(root, stated);
    if (fault && fault->kind != Fault::leaf) return text(*fault);
    if (fault && graph[fault->node].op == Op::constant) return text(*fault);
  }
  for (std::size_t k = 0; k < fields_.size(); ++k) {
    if (fields_raw_[k] == fields_[k]) continue;
    const std::optional<Fault> fault = find(fields_raw_[k], raw);
    if (!fault || fault->kind == Fault::leaf) continue;
    FaultText inside = text(*fault);
    const std::string name = problem_.symbols.fields[static_cast<std::size_t>(graph[fields_[k]].index)];
    inside.says += ", in network.output." + name + ", where " + name + " is the raw output";
    return inside;
  }
  return {};
}

std::optional<FaultText> ResidualProbe::value(const double* place, const double* data, const double* attributes) {
  look(place);
  const auto in = [this](bool fp32) {
    return [this, fp32](NodeId root, const LeafValue& value_of) { return find_fault(problem_.graph, root, value_of, fp32); };
  };
  std::optional<FaultText> found = explain_first(place, data, attributes, in(false));
  if (!found && precision_ == Precision::fp32) found = explain_first(place, data, attributes, in(true));
  return found;
}

std::optional<FaultText> ResidualProbe::derivative(const double* place, const double* data, const double* attributes) {
  look(place);
  return explain_first(place, data, attributes, [this](NodeId root, const LeafValue& value_of) {
    return find_slope_fault(problem_.graph, root, value_of);
  });
}

int ResidualProbe::first_layer(const double* place) {
  const int sound = static_cast<int>(assembly_.network.parts.size()) + 1;
  const auto look_into = [&](std::unique_ptr<LayerProbe>& probe, const TermProgram& program) {
    if (!probe) probe = make_layer_probe(assembly_.network, program, precision_, parameters_.data());
    return probe->first_not_finite(place);
  };
  const int layer = look_into(layers_, raw_.program);
  const bool planned = std::none_of(term_.residuals.begin(), term_.residuals.end(), [&](NodeId residual) {
    return reads_data(problem_.graph, residual) || problem_.graph.depends_on_attributes(residual);
  });
  return layer < sound || !planned ? layer : look_into(planned_layers_, assembly_.terms[number_].program);
}

}  // namespace jetpinn
