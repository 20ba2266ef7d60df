#include "jetpinn/train/physics.hpp"

#include "jetpinn/expr/summands.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/parameter_values.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "jetpinn/sampling/stored_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t points_of_a_statement = 4096;
constexpr std::int64_t piece_points = 32 * block_points;  // that are held at once
constexpr std::uint32_t apart = std::uint32_t{3} << 30;  // numbers of no term, nor of its independent points

// As far from one another as `all` rows allow.
RowNumbers some_rows(std::int64_t all, std::int64_t wanted) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(std::min(all, wanted)));
  const auto count = static_cast<std::int64_t>(rows.size());
  for (std::int64_t i = 0; i < count; ++i) rows[static_cast<std::size_t>(i)] = all / count * i + all % count * i / count;
  return std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
}

std::unique_ptr<PointSource> source_of(const Assembly& assembly, std::size_t t, std::size_t number) {
  const Problem& problem = *assembly.problem;
  const Term& term = problem.terms[t];
  if (term.table) {
    const TableRows& rows = assembly.tables[t];
    const RowNumbers looked_at = term.table->streamed     ? some_rows(rows.all, points_of_a_statement)
                                 : rows.held_out->empty() ? rows.trained
                                                          : rows.held_out;
    return std::make_unique<StoredPoints>(stored_rows(problem, term, looked_at), problem.symbols.coordinates);
  }
  const auto wanted = std::max(points_of_a_statement, static_cast<std::int64_t>(term.region.pieces.size()));
  return drawn_points(problem, term,
                      std::make_unique<Sampler>(SamplingMethod::sobol, term.region, problem.graph, wanted,
                                                PointKey{0, static_cast<std::uint32_t>(number) | apart, 0}));
}

void hold(TermPoints& points, const std::vector<GridAxis>& held) {
  for (const GridAxis& axis : held)
    for (std::vector<double>* coordinates : {&points.coordinates, &points.second})
      if (!coordinates->empty())
        std::fill_n(coordinates->begin() + axis.coordinate * points.local_count, points.local_count, axis.first);
}

EngineTerm engine_term(Problem& problem, const std::string& name, std::vector<NodeId> nodes, const TermGroups& groups) {
  EngineTerm term;
  term.name = name;
  term.program = compile_term(problem.graph, nodes, problem.dimensions(), problem.fields(), groups);
  term.graph = &problem.graph;
  term.residuals = std::move(nodes);
  return term;
}

// The size of a residual, 1 where nothing tells it.
double known(double size) { return size > 0 ? size : 1; }

// Residuals in the units in which they are written, from those of an engine.
double written(const Term& term, std::size_t residual, double value) {
  return term.scales.empty() ? value : value * term.scales[residual];
}

// Whether the points of two sets are the same, bit by bit; this rank's share of them is looked at.
bool same_points(const PhysicsPoints& a, std::size_t set_a, const PhysicsPoints& b, std::size_t set_b, RowRange share) {
  for (std::int64_t first = share.begin; first < share.end; first += piece_points) {
    const RowRange piece{first, std::min(first + piece_points, share.end)};
    const TermPoints one = a.make(set_a, piece), other = b.make(set_b, piece);
    if (one.coordinates != other.coordinates || one.second != other.second || one.data != other.data ||
        one.attributes != other.attributes)
      return false;
  }
  return true;
}

}  // namespace

std::vector<NodeId> statement_parts(ExpressionGraph& graph, NodeId residual) {
  std::vector<NodeId> parts;
  for (const Summand& summand : summands_of(graph, residual, Alternatives::entered)) {
    const NodeId part = graph.multiply(graph.constant(std::abs(summand.factor)), summand.node);
    if (!graph.is_constant(part, 0) && std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  if (parts.empty()) parts.push_back(residual);
  return parts;
}

PhysicsPoints::PhysicsPoints(const Assembly& assembly, std::vector<GridAxis> held, const std::vector<std::size_t>& numbers)
    : dimensions_(assembly.problem->dimensions()), held_(std::move(held)) {
  const Problem& problem = *assembly.problem;
  for (std::size_t t = 0; t < problem.terms.size(); ++t)
    sets_.push_back({source_of(assembly, t, numbers.empty() ? t : numbers[t]), problem.terms[t].table.has_value()});
  sets_.push_back({std::make_unique<Sampler>(SamplingMethod::sobol, domain_region(problem.lower, problem.upper),
                                             problem.graph, points_of_a_statement, PointKey{0, apart - 1, 0}),
                   false});
}

RowRange PhysicsPoints::share(std::size_t set, int rank, int ranks) const {
  const RowRange blocks = share_rows((count(set) + block_points - 1) / block_points, rank, ranks);
  return {std::min(blocks.begin * block_points, count(set)), std::min(blocks.end * block_points, count(set))};
}

TermPoints PhysicsPoints::make(std::size_t set, RowRange range) const {
  const PointSource& source = *sets_[set].source;
  TermPoints points = make_room(dimensions_, source.columns(), source.count(),
                                make_point_batch(dimensions_, range.begin, range.count(), source.count()).blocks);
  if (points.local_count > 0) source.fill(points);
  points.weight_columns = 0;
  points.weight.clear();
  if (!sets_[set].table) hold(points, held_);
  return points;
}

double whole_size(const StatementSizes& sizes) {
  double square = 0;
  for (const double size : sizes) square += known(size) * known(size);
  return std::sqrt(square);
}

void StatementSums::add(const StatementSums& more) {
  points += more.points;
  norms += more.norms;
  violations += more.violations;
  largest = std::max(largest, more.largest);
}

StatementSums statement_sums(const double* values, std::int64_t stride, std::int64_t count, const StatementSizes& sizes) {
  StatementSums sums;
  sums.points = static_cast<double>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    double square = 0;
    bool violated = false;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      const double value = values[static_cast<std::int64_t>(k) * stride + i];
      square += value * value;
      violated = violated || !(std::abs(value) <= violation_share * known(sizes[k]));
    }
    sums.violations += violated ? 1 : 0;
    sums.norms += std::sqrt(square);
    sums.largest = std::max(sums.largest, std::sqrt(square));
  }
  return sums;
}

StatementMeasure measure_of(const std::string& name, const StatementSums& sums, const StatementSizes& sizes) {
  StatementMeasure measure;
  measure.name = name;
  measure.points = static_cast<std::int64_t>(sums.points);
  measure.mean = sums.norms / sums.points;
  measure.max = std::isnan(measure.mean) ? measure.mean : sums.largest;  // the largest of what is no number is none
  measure.violations = sums.violations / sums.points;
  measure.size = whole_size(sizes);
  return measure;
}

StatementEvaluator::StatementEvaluator(Communicator& communicator, Assembly& assembly, EngineOptions options,
                                       const std::vector<double>& parameters, const PhysicsPoints& points)
    : communicator_(communicator), assembly_(assembly), parameters_(parameters), points_(points) {
  Problem& problem = *assembly.problem;
  std::vector<EngineTerm> terms;
  communicator.agree("physics", [&] {
    choose_parts();
    for (const Term& term : problem.terms)
      terms.push_back(engine_term(problem, term.name, term.residuals, problem.groups(term)));
    for (const Parts& parts : parts_)
      terms.push_back(parts.set == points.domain() ? engine_term(problem, "domain", parts.nodes, problem.groups())
                                                   : engine_term(problem, problem.terms[parts.set].name, parts.nodes,
                                                                 problem.groups(problem.terms[parts.set])));
  });
  options.reproducibility = Reproducibility::ranks;
  engine_ = make_engine(options, assembly.network, terms);
}

// A residual of several parts is measured by them where its points lie, one of a single part by that all over the domain.
void StatementEvaluator::choose_parts() {
  Problem& problem = *assembly_.problem;
  Parts domain{points_.domain(), {}, {}};
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const Term& term = problem.terms[t];
    Parts own{t, {}, {}};
    for (std::size_t k = 0; k < term.stated.size(); ++k) {
      const std::vector<NodeId> parts = statement_parts(problem.graph, term.stated[k]);
      const bool alone = parts.size() == 1;
      const bool at_points = problem.graph.depends_on_second_site(parts[0]) || problem.graph.depends_on_attributes(parts[0]);
      if (alone && (at_points || reads_data(problem.graph, parts[0]))) continue;
      for (NodeId part : parts) {
        Parts& list = alone ? domain : own;
        list.nodes.push_back(substitute_fields(problem.graph, part, problem.outputs));
        list.owners.emplace_back(t, k);
      }
    }
    if (!own.nodes.empty()) parts_.push_back(std::move(own));
  }
  if (!domain.nodes.empty()) parts_.push_back(std::move(domain));
}

template <class Sum>
std::vector<double> StatementEvaluator::sum_blocks(std::size_t set, std::size_t term, std::size_t rows, std::size_t width,
                                                   const Sum& sum) {
  std::vector<double> values, sums;
  communicator_.agree("physics", [&] {
    const RowRange share = points_.share(set, communicator_.rank(), communicator_.size());
    for (std::int64_t first = share.begin; first < share.end; first += piece_points) {
      const TermPoints points = points_.make(set, {first, std::min(first + piece_points, share.end)});
      const std::int64_t count = points.local_count;
      values.resize(rows * static_cast<std::size_t>(count));
      engine_->residuals(Stream{}, parameters_.data(), static_cast<int>(term), points, values.data());
      for (std::int64_t at = 0; at < count; at += block_points) {
        sums.resize(sums.size() + width);
        sum(values.data() + at, count, std::min(block_points, count - at), &sums[sums.size() - width]);
      }
    }
  });
  return communicator_.gather_rows("physics", sums);
}

// [nodes] of values that are finite numbers; 0: none is.
std::vector<double> StatementEvaluator::root_mean_squares(std::size_t parts) {
  const std::size_t nodes = parts_[parts].nodes.size(), term = assembly_.problem->terms.size() + parts;
  const auto add_squares = [&](const double* values, std::int64_t stride, std::int64_t count, double* sums) {
    for (std::size_t p = 0; p < nodes; ++p)
      for (std::int64_t i = 0; i < count; ++i) {
        const double value = values[static_cast<std::int64_t>(p) * stride + i];
        if (!std::isfinite(value)) continue;
        sums[2 * p] += value * value;
        sums[2 * p + 1] += 1;
      }
  };
  const std::vector<double> blocks = sum_blocks(parts_[parts].set, term, nodes, 2 * nodes, add_squares);
  std::vector<double> totals(2 * nodes), roots(nodes);
  for (std::size_t at = 0; at < blocks.size(); ++at) totals[at % totals.size()] += blocks[at];
  for (std::size_t p = 0; p < nodes; ++p)
    roots[p] = totals[2 * p + 1] > 0 ? std::sqrt(totals[2 * p] / totals[2 * p + 1]) : 0;
  communicator_.broadcast("physics", roots.data(), static_cast<std::int64_t>(nodes * sizeof(double)));
  return roots;
}

std::vector<StatementSizes> StatementEvaluator::sizes() {
  std::vector<StatementSizes> sizes;
  for (const Term& term : assembly_.problem->terms) sizes.emplace_back(term.residuals.size());
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    const std::vector<double> roots = root_mean_squares(k);
    for (std::size_t p = 0; p < roots.size(); ++p) {
      double& size = sizes[parts_[k].owners[p].first][parts_[k].owners[p].second];
      size = std::max(size, roots[p]);
    }
  }
  return sizes;
}

std::vector<StatementMeasure> StatementEvaluator::measures(const std::vector<StatementSizes>& sizes) {
  std::vector<StatementMeasure> list;
  for (std::size_t t = 0; t < sizes.size(); ++t) {
    const Term& term = assembly_.problem->terms[t];
    const std::size_t residuals = sizes[t].size();
    const bool of_mean = term.reduction == Reduction::square_of_mean;
    const std::size_t width = of_mean ? residuals : 4;
    std::vector<double> own;  // [residuals, points of a block]
    const auto sum = [&](const double* values, std::int64_t stride, std::int64_t count, double* sums) {
      own.clear();
      for (std::size_t k = 0; k < residuals; ++k)
        for (std::int64_t i = 0; i < count; ++i)
          own.push_back(written(term, k, values[static_cast<std::int64_t>(k) * stride + i]));
      if (of_mean) {
        for (std::size_t at = 0; at < own.size(); ++at) sums[at / static_cast<std::size_t>(count)] += own[at];
        return;
      }
      const StatementSums of = statement_sums(own.data(), count, count, sizes[t]);
      sums[0] = of.points, sums[1] = of.norms, sums[2] = of.violations, sums[3] = of.largest;
    };
    const std::vector<double> blocks = sum_blocks(t, t, residuals, width, sum);
    StatementSums total;
    if (of_mean) {
      std::vector<double> means(residuals);
      for (std::size_t at = 0; at < blocks.size(); ++at) means[at % residuals] += blocks[at];
      for (double& mean : means) mean /= static_cast<double>(points_.count(t));
      total = statement_sums(means.data(), 1, 1, sizes[t]);
    } else {
      for (std::size_t at = 0; at < blocks.size(); at += width)
        total.add({blocks[at], blocks[at + 1], blocks[at + 2], blocks[at + 3]});
    }
    communicator_.broadcast("physics", &total, sizeof total);
    list.push_back(measure_of(term.name, total, sizes[t]));
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

std::vector<StatementPair> pair_statements(const Problem& a, const Problem& b) {
  std::vector<StatementPair> pairs;
  for (const Term& term : a.terms) {
    const auto found =
        std::find_if(b.terms.begin(), b.terms.end(), [&](const Term& other) { return other.name == term.name; });
    pairs.push_back({static_cast<std::size_t>(found - b.terms.begin()), ""});
  }
  return pairs;
}

void compare_points(Communicator& communicator, const Assembly& a, const PhysicsPoints& points_of_a, const Assembly& b,
                    const PhysicsPoints& points_of_b, std::vector<StatementPair>& pairs) {
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    const std::size_t other = pairs[t].other;
    const Term &one = a.problem->terms[t], &partner = b.problem->terms[other];
    const std::int64_t count = points_of_a.count(t), partner_count = points_of_b.count(other);
    if (one.reduction != partner.reduction) {
      pairs[t].differs = "only one of them squares its mean (reduction)";
    } else if (count != partner_count) {
      pairs[t].differs =
          fmt::format("it is looked at in {} {}, there in {}", count, one.table ? "rows" : "points", partner_count);
    } else {
      double differ = 0;
      communicator.agree("physics", [&] {
        const RowRange share = points_of_a.share(t, communicator.rank(), communicator.size());
        differ = same_points(points_of_a, t, points_of_b, other, share) ? 0 : 1;
      });
      communicator.max("physics", &differ, 1);
      if (differ != 0)
        pairs[t].differs = one.table ? "its rows differ: another table, or others of its rows are held out"
                                     : "its points lie elsewhere (on, in, pair)";
    }
  }
}

}  // namespace jetpinn
