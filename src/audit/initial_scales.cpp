#include "jetpinn/audit/initial_scales.hpp"

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/expr/summands.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/runtime/product.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/train/values_at_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t most_points = 1000, least_points = 16;
constexpr double most_flop = 1e9;        // of all terms: below a tenth of a second on a core
constexpr std::size_t most_parts = 24;   // of a residual; a sum of more has no single culprit to name

// Derivatives of one field, of one order and with one factor are one part: the summands of a Laplacian.
std::vector<NodeId> parts_of(ExpressionGraph& graph, NodeId residual) {
  std::vector<NodeId> parts;
  std::map<std::tuple<int, int, double>, std::size_t> alike;
  std::vector<NodeId> summands;
  for (const Summand& summand : summands_of(graph, residual, Alternatives::whole))
    summands.push_back(graph.multiply(graph.constant(summand.factor), summand.node));
  for (NodeId summand : summands) {
    const Node node = graph[summand];
    const bool scaled =
        node.op == Op::multiply && (graph.is_constant(node.operand[0]) || graph.is_constant(node.operand[1]));
    const bool first = scaled && graph.is_constant(node.operand[0]);
    const double factor = scaled ? graph[node.operand[first ? 0 : 1]].value : 1;
    const Node inner = scaled ? graph[node.operand[first ? 1 : 0]] : node.op == Op::negate ? graph[node.operand[0]] : node;
    if (inner.op != Op::field) {
      parts.push_back(summand);
      continue;
    }
    const auto [place, fresh] = alike.try_emplace({inner.index, inner.derivative.order, std::abs(factor)}, parts.size());
    if (fresh) parts.push_back(summand);
    else parts[place->second] = graph.add(parts[place->second], summand);
  }
  if (parts.size() < 2 || parts.size() > most_parts) parts.clear();
  return parts;
}

struct Mean {
  double sum = 0;
  std::int64_t count = 0;
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum += value;
    ++count;
  }
  double value() const { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

// Evaluates further terms of the problem at the network that training begins with.
class InitialNetwork {
 public:
  InitialNetwork(const AuditInput& input, InitialScales& scales)
      : input_(input), problem_(*input.assembly.problem), scales_(scales) {
    parameters_ = input.start;
    if (parameters_.empty()) {
      parameters_.resize(static_cast<std::size_t>(input.assembly.network.parameters));
      initialize(input.assembly.network, input.training.seed, parameters_.data());
    }
    plain_ = true;
    for (int f = 0; f < problem_.fields(); ++f) {
      const Node& output = problem_.graph[problem_.outputs[static_cast<std::size_t>(f)]];
      plain_ = plain_ && output.op == Op::field && output.index == f;
    }
  }

  void measure() {
    for (std::size_t t = 0; t < problem_.terms.size(); ++t) add_term(t);
    terms_.push_back(engine_term(problem_.outputs, problem_.groups()));
    EngineOptions options;
    options.product_backend = product_backends().front();   // not measured: a check is quick
    engine_ = make_engine(options, input_.assembly.network, terms_);
    const CostModel cost = cost_model(input_.assembly.network, terms_);
    for (double flop : cost.flop_per_point) flop_ += flop / 3;   // forward alone
    for (std::size_t t = 0; t < problem_.terms.size(); ++t) measure_term(t);
    measure_fields();
  }

 private:
  std::int64_t points_wanted() const {
    return std::clamp(static_cast<std::int64_t>(most_flop / std::max(flop_, 1.0)), least_points, most_points);
  }

  EngineTerm engine_term(const std::vector<NodeId>& residuals, const TermGroups& groups) {
    EngineTerm term;
    term.program = compile_term(scales_.graph, residuals, problem_.dimensions(), problem_.fields(), groups);
    term.graph = &scales_.graph;
    term.residuals = residuals;
    return term;
  }

  // The engine's term has the residuals, then all their parts.
  void add_term(std::size_t t) {
    const Term& term = problem_.terms[t];
    std::vector<NodeId> rows = term.residuals;
    for (std::size_t k = 0; k < term.residuals.size(); ++k) {
      ResidualScale scale;
      scale.term = t;
      scale.residual = k;
      for (NodeId part : parts_of(scales_.graph, term.stated[k])) {
        scale.parts.push_back({part, 0});
        rows.push_back(plain_ ? part : substitute_fields(scales_.graph, part, problem_.outputs));
      }
      scales_.residuals.push_back(std::move(scale));
    }
    terms_.push_back(engine_term(rows, problem_.groups(term)));
  }

  // values [rows * points] of a term at points of a source; returns their number.
  std::int64_t evaluate_term(int term, const PointSource& source, std::vector<double>& values) {
    const std::int64_t count = std::min(source.count(), most_points);
    batch_ = make_room(problem_.dimensions(), source.columns(), count,
                       make_point_batch(problem_.dimensions(), 0, count, count).blocks);
    source.fill(batch_);
    batch_.weight_columns = 0;  // taken from the term
    values.resize(terms_[static_cast<std::size_t>(term)].residuals.size() * static_cast<std::size_t>(count));
    engine_->residuals(Stream{}, parameters_.data(), term, batch_, values.data());
    return count;
  }

  void measure_term(std::size_t t) {
    const Term& term = problem_.terms[t];
    std::vector<double> values;
    const std::int64_t count =
        evaluate_term(static_cast<int>(t), *term_source(input_.assembly, t, 0, points_wanted()), values);
    const auto mean_square = [&](std::size_t row, NodeId weight) {
      ValuesAtPoints weight_at(problem_.graph, weight, batch_);
      Mean weighted, unweighted, mean;
      for (std::int64_t i = 0; i < count; ++i) {
        const double value = values[row * static_cast<std::size_t>(count) + static_cast<std::size_t>(i)];
        unweighted.add(value * value);
        weighted.add(weight_at(i) * batch_.quadrature_at(i) * value * value);
        mean.add(value);
      }
      if (term.reduction == Reduction::mean_of_squares) return std::pair(weighted.value(), unweighted.value());
      const double square = mean.value() * mean.value();
      return std::pair(problem_.graph[weight].value * square, square);
    };
    const std::vector<NodeId>& weights = stage_weights(input_, input_.training.trained_stages().front(), t);
    std::size_t row = term.residuals.size();
    for (ResidualScale& scale : scales_.residuals) {
      if (scale.term != t) continue;
      std::tie(scale.weighted, scale.unweighted) = mean_square(scale.residual, weights[scale.residual]);
      for (PartScale& part : scale.parts) {
        part.mean_square = mean_square(row++, weights[scale.residual]).second;
        if (is_rounding(part)) part.mean_square = 0;
      }
    }
  }

  // A source that vanishes at these points.
  bool is_rounding(const PartScale& part) {
    const ExpressionGraph& graph = scales_.graph;
    if (graph.depends_on_fields(part.part) || graph.depends_on_second_site(part.part) ||
        graph.depends_on_trainables(part.part) || part.mean_square == 0)
      return false;
    return jetpinn::is_rounding(scales_.graph, part.part, batch_);
  }

  void measure_fields() {
    const Sampler sampler(SamplingMethod::sobol, domain_region(problem_.lower, problem_.upper), problem_.graph,
                          points_wanted(), PointKey{});
    std::vector<double> values;
    const std::int64_t count = evaluate_term(static_cast<int>(problem_.terms.size()), sampler, values);
    for (int f = 0; f < problem_.fields(); ++f) {
      FieldScale field{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
      Mean square;
      for (std::int64_t i = 0; i < count; ++i) {
        const double value = values[static_cast<std::size_t>(f * count + i)];
        if (!std::isfinite(value)) continue;
        field.low = std::min(field.low, value);
        field.high = std::max(field.high, value);
        square.add(value * value);
      }
      field.mean_square = square.value();
      scales_.fields.push_back(field);
    }
  }

  const AuditInput& input_;
  const Problem& problem_;
  InitialScales& scales_;
  bool plain_ = true;                // no output transform
  std::vector<double> parameters_;   // [network.parameters]
  std::vector<EngineTerm> terms_;    // those of the problem, then the fields
  std::unique_ptr<Engine> engine_;
  double flop_ = 0;                  // of a point in every term
  TermPoints batch_;
};

}  // namespace

InitialScales initial_scales(const AuditInput& input) {
  InitialScales scales;
  scales.graph = input.assembly.problem->graph;
  InitialNetwork(input, scales).measure();
  return scales;
}

}  // namespace jetpinn
