#include "jetpinn/train/physics.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/parameter_values.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/sampling/linked_points.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "jetpinn/sampling/stored_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t points_of_a_statement = 4096;
constexpr std::uint32_t apart = std::uint32_t{3} << 30;  // numbers of no term, nor of its independent points

std::unique_ptr<PointSource> source_of(const Assembly& assembly, std::size_t t) {
  const Problem& problem = *assembly.problem;
  const Term& term = problem.terms[t];
  if (term.table) {
    const TableRows& rows = assembly.tables[t];
    return std::make_unique<StoredPoints>(stored_rows(problem, term, rows.held_out->empty() ? rows.trained : rows.held_out),
                                          problem.symbols.coordinates);
  }
  const auto wanted = std::max(points_of_a_statement, static_cast<std::int64_t>(term.region.pieces.size()));
  auto first = std::make_unique<Sampler>(SamplingMethod::sobol, term.region, problem.graph, wanted,
                                         PointKey{0, static_cast<std::uint32_t>(t) | apart, 0});
  if (term.pair.empty()) return first;
  return std::make_unique<LinkedPoints>(std::move(first), term.pair);
}

// A rank's share of a source in whole blocks, so that a point's bits are the same on any number of ranks.
TermPoints share_of(const PointSource& source, int dimensions, int rank, int ranks) {
  const std::int64_t count = source.count();
  const RowRange blocks = share_rows((count + block_points - 1) / block_points, rank, ranks);
  const std::int64_t begin = blocks.begin * block_points, end = std::min(blocks.end * block_points, count);
  TermPoints points = make_room(dimensions, source.columns(), count,
                                make_point_batch(dimensions, begin, std::max<std::int64_t>(end - begin, 0), count).blocks);
  if (points.local_count > 0) source.fill(points);
  points.weight_columns = 0;
  points.weight.clear();
  return points;
}

void hold(TermPoints& points, const std::vector<GridAxis>& held) {
  for (const GridAxis& axis : held)
    for (std::vector<double>* coordinates : {&points.coordinates, &points.second})
      if (!coordinates->empty())
        std::fill_n(coordinates->begin() + axis.coordinate * points.local_count, points.local_count, axis.first);
}

// Residuals of a term, then their parts: what an engine evaluates.
struct Rows {
  std::vector<NodeId> nodes;
  std::vector<std::size_t> residual_of;  // [parts]
  std::vector<bool> alone;               // [residuals] it has one part
};

Rows rows_of(Problem& problem, const Term& term) {
  Rows rows{term.residuals, {}, {}};
  for (std::size_t k = 0; k < term.stated.size(); ++k) {
    const std::vector<NodeId> parts = statement_parts(problem.graph, term.stated[k]);
    rows.alone.push_back(parts.size() == 1);
    if (parts.size() == 1) continue;
    for (NodeId part : parts) {
      rows.nodes.push_back(substitute_fields(problem.graph, part, problem.outputs));
      rows.residual_of.push_back(k);
    }
  }
  return rows;
}

EngineTerm engine_term(Problem& problem, const std::string& name, std::vector<NodeId> nodes, const TermGroups& groups) {
  EngineTerm term;
  term.name = name;
  term.program = compile_term(problem.graph, nodes, problem.dimensions(), problem.fields(), groups);
  term.graph = &problem.graph;
  term.residuals = std::move(nodes);
  return term;
}

double root_mean_square(const std::vector<double>& values, std::size_t row, std::size_t rows) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t at = row; at < values.size(); at += rows)
    if (std::isfinite(values[at])) {
      sum += values[at] * values[at];
      ++count;
    }
  return count > 0 ? std::sqrt(sum / static_cast<double>(count)) : 0;
}

// [points, rows] of all ranks on rank 0, in the order of the points.
std::vector<double> gather_values(Communicator& communicator, Engine& engine, const std::vector<double>& parameters,
                                  int term, std::size_t rows, const TermPoints& points) {
  const auto count = static_cast<std::size_t>(points.local_count);
  std::vector<double> by_row(rows * count), by_point(rows * count);
  communicator.agree("physics", [&] {
    if (count > 0) engine.residuals(Stream{}, parameters.data(), term, points, by_row.data());
  });
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t r = 0; r < rows; ++r) by_point[i * rows + r] = by_row[r * count + i];
  return communicator.gather_rows("physics", by_point);
}

// Of an integral constraint: one point, the means.
void take_means(StatementResiduals& statement) {
  const std::size_t rows = statement.residuals, points = statement.values.size() / rows;
  std::vector<double> means(rows);
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t k = 0; k < rows; ++k) means[k] += statement.values[i * rows + k];
  for (double& mean : means) mean /= static_cast<double>(points);
  statement.of_mean = true;
  statement.values = std::move(means);
}

}  // namespace

std::vector<NodeId> statement_parts(const ExpressionGraph& graph, NodeId residual) {
  std::vector<NodeId> parts;
  const auto visit = [&](const auto& self, NodeId id) -> void {
    const Node& node = graph[id];
    const auto operand = [&](int k) { return node.operand[static_cast<std::size_t>(k)]; };
    if (node.op == Op::add || node.op == op_of("min") || node.op == op_of("max")) {
      for (int k : {0, 1}) self(self, operand(k));
    } else if (node.op == Op::negate || node.op == op_of("abs")) {
      self(self, operand(0));
    } else if (node.op == op_of("where")) {
      for (int k : {1, 2}) self(self, operand(k));
    } else if (!graph.is_constant(id, 0) && std::find(parts.begin(), parts.end(), id) == parts.end()) {
      parts.push_back(id);
    }
  };
  visit(visit, residual);
  if (parts.empty()) parts.push_back(residual);
  return parts;
}

PhysicsPoints make_physics_points(const Assembly& assembly, const std::vector<GridAxis>& held, int rank, int ranks) {
  const Problem& problem = *assembly.problem;
  PhysicsPoints points;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    points.terms.push_back(share_of(*source_of(assembly, t), problem.dimensions(), rank, ranks));
    if (!problem.terms[t].table) hold(points.terms.back(), held);
  }
  const Sampler domain(SamplingMethod::sobol, domain_region(problem.lower, problem.upper), problem.graph,
                       points_of_a_statement, PointKey{0, apart - 1, 0});
  points.domain = share_of(domain, problem.dimensions(), rank, ranks);
  hold(points.domain, held);
  return points;
}

std::vector<StatementResiduals> statement_residuals(Communicator& communicator, Assembly& assembly, EngineOptions options,
                                                    const std::vector<double>& parameters, const PhysicsPoints& points) {
  Problem& problem = *assembly.problem;
  std::vector<Rows> rows;
  std::vector<EngineTerm> terms;
  std::vector<NodeId> over_domain;
  std::vector<std::pair<std::size_t, std::size_t>> owners;  // [over_domain] term and residual
  communicator.agree("physics", [&] {
    for (std::size_t t = 0; t < problem.terms.size(); ++t) {
      const Term& term = problem.terms[t];
      rows.push_back(rows_of(problem, term));
      for (std::size_t k = 0; k < term.stated.size(); ++k) {
        if (!rows[t].alone[k]) continue;
        const NodeId part = statement_parts(problem.graph, term.stated[k])[0];
        if (problem.graph.depends_on_second_site(part) || reads_data(problem.graph, part)) continue;
        over_domain.push_back(substitute_fields(problem.graph, part, problem.outputs));
        owners.emplace_back(t, k);
      }
    }
    for (std::size_t t = 0; t < problem.terms.size(); ++t)
      terms.push_back(engine_term(problem, problem.terms[t].name, rows[t].nodes, problem.groups(problem.terms[t])));
    if (!over_domain.empty()) terms.push_back(engine_term(problem, "domain", over_domain, problem.groups()));
  });
  options.reproducibility = Reproducibility::ranks;
  const std::unique_ptr<Engine> engine = make_engine(options, assembly.network, terms);

  std::vector<StatementResiduals> statements;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    StatementResiduals statement;
    statement.name = term.name;
    statement.residuals = term.residuals.size();
    statement.sizes.assign(statement.residuals, 0.0);
    const std::size_t width = rows[t].nodes.size();
    const std::vector<double> values =
        gather_values(communicator, *engine, parameters, static_cast<int>(t), width, points.terms[t]);
    for (std::size_t p = 0; p < rows[t].residual_of.size(); ++p) {
      double& size = statement.sizes[rows[t].residual_of[p]];
      size = std::max(size, root_mean_square(values, statement.residuals + p, width));
    }
    for (std::size_t i = 0; i < values.size() / width; ++i)
      for (std::size_t k = 0; k < statement.residuals; ++k)
        statement.values.push_back(values[i * width + k] * (term.scales.empty() ? 1 : term.scales[k]));
    if (term.reduction == Reduction::square_of_mean && communicator.root()) take_means(statement);
    statements.push_back(std::move(statement));
  }
  if (over_domain.empty()) return statements;
  const std::vector<double> values = gather_values(communicator, *engine, parameters, static_cast<int>(problem.terms.size()),
                                                   over_domain.size(), points.domain);
  for (std::size_t k = 0; k < owners.size(); ++k)
    statements[owners[k].first].sizes[owners[k].second] = root_mean_square(values, k, over_domain.size());
  return statements;
}

std::vector<StatementMeasure> measure_statements(const std::vector<StatementResiduals>& residuals,
                                                 const std::vector<StatementResiduals>& sizes) {
  std::vector<StatementMeasure> list;
  for (std::size_t t = 0; t < residuals.size(); ++t) {
    const StatementResiduals& of = residuals[t];
    StatementMeasure measure;
    measure.name = of.name;
    measure.points = static_cast<std::int64_t>(of.values.size() / of.residuals);
    std::vector<double> own(of.residuals);
    double square = 0;
    for (std::size_t k = 0; k < of.residuals; ++k) {
      own[k] = sizes[t].sizes[k] > 0 ? sizes[t].sizes[k] : 1;
      square += own[k] * own[k];
    }
    measure.size = std::sqrt(square);
    std::int64_t violations = 0;
    for (std::int64_t i = 0; i < measure.points; ++i) {
      double sum = 0;
      bool violated = false;
      for (std::size_t k = 0; k < of.residuals; ++k) {
        const double value = of.values[static_cast<std::size_t>(i) * of.residuals + k];
        sum += value * value;
        violated = violated || !(std::abs(value) <= violation_share * own[k]);
      }
      violations += violated;
      measure.mean += std::sqrt(sum);
      measure.max = std::isnan(sum) ? sum : std::max(measure.max, std::sqrt(sum));
    }
    measure.mean /= static_cast<double>(measure.points);
    if (std::isnan(measure.mean)) measure.max = measure.mean;  // the largest of what is no number is none
    measure.violations = static_cast<double>(violations) / static_cast<double>(measure.points);
    list.push_back(std::move(measure));
  }
  return list;
}

double physics_change(const StatementMeasure& before, const StatementMeasure& after) {
  return (after.mean - before.mean) / std::max(before.mean, violation_share * before.size);
}

std::string differing_statement(const Problem& a, const Problem& b) {
  const SymbolTable &own = a.symbols, &other = b.symbols;
  if (own.coordinates != other.coordinates || own.fields != other.fields) return "their coordinates or fields differ";
  if (a.lower != b.lower || a.upper != b.upper) return "their domains differ";
  std::set<std::string> names;
  for (const Problem* problem : {&a, &b})
    for (const Term& term : problem->terms) names.insert(term.name);
  for (const std::string& name : names) {
    std::optional<std::string> text[2];
    const Problem* problems[] = {&a, &b};
    for (int p : {0, 1})
      for (const Term& term : problems[p]->terms) {
        if (term.name != name) continue;
        text[p] = term.table ? "at rows of a table " : "";
        for (NodeId residual : term.stated)
          *text[p] += to_text(problems[p]->graph, residual, own.coordinates, own.fields) + ", ";
      }
    for (int p : {0, 1})
      if (!text[p]) return fmt::format("only {} of them has '{}'", p == 0 ? "the second" : "the first", name);
    if (*text[0] != *text[1]) return fmt::format("'{}' differs in them", name);
  }
  return {};
}

}  // namespace jetpinn
