#include "jetpinn/train/scales.hpp"

#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "jetpinn/sampling/stored_points.hpp"
#include "jetpinn/train/monomials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t points_looked_at = 256;  // of a term that is sampled
constexpr std::int64_t rows_looked_at = 4096;   // of a table

// Two digits: a scale is a size, and people read it.
double rounded(double value) { return std::strtod(fmt::format("{:.1e}", value).c_str(), nullptr); }

bool is_scale(double value) { return value > 0 && std::isnormal(value) && std::isnormal(1 / value); }

TermPoints points_of(const Problem& problem, const Term& term, const SamplingOptions& sampling) {
  std::unique_ptr<PointSource> source;
  const auto stored = sampling.stored.find(term.name);
  if (stored != sampling.stored.end())
    source = std::make_unique<StoredPoints>(stored->second, problem.symbols.coordinates);
  else
    source = drawn_points(problem, term,
                          std::make_unique<Sampler>(
                              SamplingMethod::sobol, term.region, problem.graph,
                              std::max(points_looked_at, static_cast<std::int64_t>(term.region.pieces.size())), PointKey{}));
  const std::int64_t count = std::min(source->count(), rows_looked_at);
  TermPoints points = make_room(problem.dimensions(), source->columns(), count,
                                make_point_batch(problem.dimensions(), 0, count, count).blocks);
  source->fill(points);
  return points;
}

struct ScaledResidual {
  std::size_t term = 0;
  std::vector<Monomial> monomials;
};

// The rounds of the header.
class FieldScales {
 public:
  FieldScales(Problem& problem, const std::vector<ScaledResidual>& residuals) : problem_(problem), residuals_(residuals) {}

  void choose() {
    round("asked for by", [&](const ScaledResidual& residual) { ask(residual); });
    for (;;) {
      if (round("balances", [&](const ScaledResidual& residual) { balance(residual, false); })) continue;
      if (round("balances", [&](const ScaledResidual& residual) { balance(residual, true); })) continue;
      break;
    }
    for (Scale& scale : problem_.scales.fields)
      if (scale.value == 0) scale = {1, "nothing tells its size"};
  }

 private:
  struct Proposal {
    double value = 0;
    std::size_t term = 0;
  };

  // Whether some field got its scale.
  template <class Propose>
  bool round(const char* how, const Propose& propose) {
    proposals_.assign(problem_.scales.fields.size(), {});
    for (const ScaledResidual& residual : residuals_) propose(residual);
    bool any = false;
    for (std::size_t f = 0; f < proposals_.size(); ++f) {
      const double value = rounded(proposals_[f].value);
      if (!is_scale(value)) continue;
      problem_.scales.fields[f] = {value, fmt::format("{} '{}'", how, problem_.terms[proposals_[f].term].name)};
      any = true;
    }
    return any;
  }

  void propose(int field, double value, const ScaledResidual& residual) {
    Proposal& proposal = proposals_[static_cast<std::size_t>(field)];
    if (std::isfinite(value) && value > proposal.value) proposal = {value, residual.term};
  }

  bool is_known(int field) const { return problem_.scales.fields[static_cast<std::size_t>(field)].value > 0; }
  double known_size(int field) const { return problem_.scales.fields[static_cast<std::size_t>(field)].value; }

  // Of its unknown fields the one that it holds alone (-1: none, -2: several), its power, and the rest of its size.
  struct Part {
    int field = -1;
    double power = 0, factor = 0;
  };
  Part part_of(const Monomial& monomial) const {
    Part part{-1, 0, monomial.factor};
    for (const auto& [field, power] : monomial.powers) {
      if (is_known(field))
        part.factor *= std::pow(known_size(field), power);
      else
        part = {part.field == -1 ? field : -2, power, part.factor};
    }
    return part;
  }

  void ask(const ScaledResidual& residual) {
    if (problem_.terms[residual.term].equation || residual.monomials.size() != 2) return;
    const bool first = residual.monomials[0].powers.empty();
    const Monomial &value = residual.monomials[first ? 0 : 1], &field = residual.monomials[first ? 1 : 0];
    if (!value.powers.empty() || field.order > 0) return;
    const Part part = part_of(field);
    if (part.field >= 0 && part.power == 1) propose(part.field, value.factor / part.factor, residual);
  }

  // several: also where it has more than one unknown field.
  void balance(const ScaledResidual& residual, bool several) {
    double known = 0;
    int order = -1;
    std::vector<int> unknown;
    for (const Monomial& monomial : residual.monomials) {
      const Part part = part_of(monomial);
      if (part.field == -1) known = std::max(known, part.factor);
      for (const auto& [field, power] : monomial.powers)
        if (!is_known(field)) unknown.push_back(field);
      if (part.field >= 0) order = std::max(order, monomial.order);
    }
    std::sort(unknown.begin(), unknown.end());
    unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
    if (!(known > 0) || (unknown.size() != 1 && !several)) return;
    for (const int field : unknown) {
      double least = INFINITY;
      bool leads = !several;
      for (const Monomial& monomial : residual.monomials) {
        const Part part = part_of(monomial);
        if (part.field != field || !(part.power > 0)) continue;
        leads = leads || monomial.order == order;
        least = std::min(least, std::pow(known / part.factor, 1 / part.power));
      }
      if (leads) propose(field, least, residual);
    }
  }

  Problem& problem_;
  const std::vector<ScaledResidual>& residuals_;
  std::vector<Proposal> proposals_;  // [fields] of a round
};

void choose_coordinates(Problem& problem) {
  for (std::size_t d = 0; d < problem.scales.coordinates.size(); ++d)
    if (Scale& scale = problem.scales.coordinates[d]; scale.value == 0)
      scale = {rounded(0.5 * (problem.upper[d] - problem.lower[d])), "half its domain"};
}

std::vector<double> values_of(const std::vector<Scale>& scales) {
  std::vector<double> values;
  for (const Scale& scale : scales) values.push_back(scale.value);
  return values;
}

// Of the largest summand; 1: it has none that is known.
double residual_scale(const ScaledResidual& residual, const std::vector<double>& fields) {
  double largest = 0;
  for (const Monomial& monomial : residual.monomials)
    if (const double size = size_of(monomial, fields); std::isfinite(size)) largest = std::max(largest, size);
  const double scale = rounded(largest);
  return is_scale(scale) ? scale : 1;
}

// Residuals of scaled fields over their scales.
class ScaledExpressions {
 public:
  explicit ScaledExpressions(Problem& problem) : problem_(problem) {
    for (int f = 0; f < problem.fields(); ++f)
      fields_.push_back(problem.graph.multiply(
          problem.graph.constant(problem.scales.fields[static_cast<std::size_t>(f)].value), problem.graph.field(f)));
  }

  void apply() {
    for (NodeId& output : problem_.outputs) output = in_scaled(output);
    for (Term& term : problem_.terms) scale(term.residuals, term.scales);
    for (Monitor& monitor : problem_.monitors) monitor.value = in_scaled(monitor.value);
    for (Variant& variant : problem_.variants) {
      for (std::size_t t = 0; t < variant.residuals.size(); ++t) scale(variant.residuals[t], problem_.terms[t].scales);
      for (NodeId& monitor : variant.monitors) monitor = in_scaled(monitor);
    }
  }

 private:
  NodeId in_scaled(NodeId node) { return substitute_fields(problem_.graph, node, fields_); }

  void scale(std::vector<NodeId>& residuals, const std::vector<double>& scales) {
    for (std::size_t k = 0; k < residuals.size(); ++k)
      residuals[k] = problem_.graph.divide(in_scaled(residuals[k]), problem_.graph.constant(scales[k]));
  }

  Problem& problem_;
  std::vector<NodeId> fields_;
};

}  // namespace

void scale_problem(Problem& problem, const SamplingOptions& sampling) {
  choose_coordinates(problem);
  const std::vector<double> coordinates = values_of(problem.scales.coordinates);
  ExpressionGraph graph = problem.graph;  // what is measured needs nodes that no term keeps
  std::vector<ScaledResidual> residuals;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    const TermPoints points = points_of(problem, term, sampling);
    for (const NodeId residual : term.residuals)
      residuals.push_back({t, monomials_of(graph, residual, points, coordinates, !term.equation)});
  }
  FieldScales(problem, residuals).choose();

  const std::vector<double> fields = values_of(problem.scales.fields);
  for (const ScaledResidual& residual : residuals) {
    Term& term = problem.terms[residual.term];
    const bool measured = term.table && !term.table->sigmas.empty();
    term.scales.push_back(measured ? 1 : residual_scale(residual, fields));
  }
  ScaledExpressions(problem).apply();
}

std::vector<std::pair<std::string, double>> recorded_scales(const Problem& problem) {
  std::vector<std::pair<std::string, double>> list;
  const Scales& scales = problem.scales;
  if (!scales.on) return list;
  for (std::size_t d = 0; d < scales.coordinates.size(); ++d)
    list.emplace_back(problem.symbols.coordinates[d], scales.coordinates[d].value);
  for (std::size_t f = 0; f < scales.fields.size(); ++f)
    list.emplace_back(problem.symbols.fields[f], scales.fields[f].value);
  for (const TrainedNumber& number : problem.trained)
    if (!number.lower && !number.upper) list.emplace_back(number.name, number.scale);
  return list;
}

std::vector<std::string> scale_sentences(const Problem& problem) {
  std::vector<std::string> sentences;
  const Scales& scales = problem.scales;
  if (!scales.on) return sentences;
  const auto add = [&](const std::string& name, double value, const std::string& reason) {
    sentences.push_back(fmt::format("{} = {:g} ({})", name, value, reason));
  };
  for (std::size_t d = 0; d < scales.coordinates.size(); ++d)
    add(problem.symbols.coordinates[d], scales.coordinates[d].value, scales.coordinates[d].reason);
  for (std::size_t f = 0; f < scales.fields.size(); ++f)
    add(problem.symbols.fields[f], scales.fields[f].value, scales.fields[f].reason);
  for (const TrainedNumber& number : problem.trained)
    if (!number.lower && !number.upper) add(number.name, number.scale, "trained");
  for (const Term& term : problem.terms)
    for (std::size_t k = 0; k < term.scales.size(); ++k)
      sentences.push_back(fmt::format("{}{} over {:g}", term.name, term.scales.size() > 1 ? fmt::format(" [{}]", k + 1) : "",
                                      term.scales[k]));
  return sentences;
}

}  // namespace jetpinn
