#include "jetpinn/compress/unit_scores.hpp"

#include "jetpinn/engine/layer_probe.hpp"
#include "jetpinn/train/term_points.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace jetpinn {
namespace {

constexpr std::int64_t batches_of_scores = 8;
constexpr std::int64_t rows_of_block = 16;    // points of a block whose rows of the Jacobian are looked at
constexpr std::int64_t places_of_block = 64;  // points of a block at which units are looked at

using UnitNumbers = std::vector<std::vector<double>>;  // [groups][units]

std::size_t at(std::int64_t number) { return static_cast<std::size_t>(number); }

UnitNumbers zeros(const UnitGroups& groups) {
  UnitNumbers numbers;
  for (const UnitGroup& group : groups.groups) numbers.emplace_back(at(group.units), 0.0);
  return numbers;
}

// sum over j of W_uj^2, for a layer with a matrix that reads the unit.
double outgoing_square(const Layer& layer, const std::vector<double>& parameters, std::int64_t unit) {
  double sum = 0;
  for (std::int64_t j = 0; j < layer.units; ++j) {
    const double w = effective_weight(layer, parameters.data(), unit, j);
    sum += w * w;
  }
  return sum;
}

// Squares of what goes into the unit: weights of the matrices that give it, and the bias behind them.
double incoming_square(const Network& network, const UnitGroup& group, const std::vector<double>& parameters,
                       std::int64_t unit) {
  double sum = 0;
  for (const int l : group.layers) {
    const Layer& layer = network.layers[at(l)];
    if (!layer.block("weight")) continue;
    for (std::int64_t i = 0; i < layer.input_units; ++i) {
      const double w = effective_weight(layer, parameters.data(), i, unit);
      sum += w * w;
    }
    if (const ParameterBlock* bias = bias_behind(network, l))
      sum += parameters[at(bias->offset + unit)] * parameters[at(bias->offset + unit)];
  }
  return sum;
}

UnitNumbers by_magnitude(const Network& network, const UnitGroups& groups, const std::vector<double>& parameters) {
  UnitNumbers scores = zeros(groups);
  for (std::size_t g = 0; g < scores.size(); ++g)
    for (std::size_t u = 0; u < scores[g].size(); ++u) {
      const auto unit = static_cast<std::int64_t>(u);
      double outgoing = 0;
      for (const int consumer : groups.groups[g].consumers)
        outgoing += outgoing_square(network.layers[at(consumer)], parameters, unit);
      scores[g][u] = std::sqrt(incoming_square(network, groups.groups[g], parameters, unit) * outgoing);
    }
  return scores;
}

UnitNumbers by_activation(const Network& network, const UnitGroups& groups, const UnitStatistics& statistics,
                          const std::vector<double>& parameters, bool fold) {
  UnitNumbers scores = zeros(groups);
  for (std::size_t g = 0; g < scores.size(); ++g)
    for (std::size_t u = 0; u < scores[g].size(); ++u) {
      double sum = 0;
      for (const int consumer : groups.groups[g].consumers) {
        const Layer& layer = network.layers[at(consumer)];
        const double mean = statistics.mean[at(layer.inputs[0])][u], variance = statistics.variance[at(layer.inputs[0])][u];
        sum += (fold ? variance : variance + mean * mean) * outgoing_square(layer, parameters, static_cast<std::int64_t>(u));
      }
      scores[g][u] = std::sqrt(sum);
    }
  return scores;
}

// row . d_u for every unit; row [parameters]: a row of J, or a gradient.
class Directions {
 public:
  Directions(const Network& network, const UnitGroups& groups, const UnitStatistics& statistics,
             const std::vector<double>& parameters, bool fold)
      : network_(network), groups_(groups), statistics_(statistics), parameters_(parameters), fold_(fold) {}

  void visit(const double* row, const std::function<void(std::size_t, std::size_t, double)>& change) const {
    for (std::size_t g = 0; g < groups_.groups.size(); ++g)
      for (std::int64_t u = 0; u < groups_.groups[g].units; ++u) change(g, at(u), along(row, groups_.groups[g], u));
  }

 private:
  double along(const double* row, const UnitGroup& group, std::int64_t unit) const {
    double sum = 0;
    for (const int consumer : group.consumers) {
      const Layer& layer = network_.layers[at(consumer)];
      const std::int64_t weight = layer.block("weight")->offset + unit * layer.units;
      for (std::int64_t j = 0; j < layer.units; ++j) sum += row[weight + j] * parameters_[at(weight + j)];
      const ParameterBlock* bias = fold_ ? bias_behind(network_, consumer) : nullptr;
      if (!bias) continue;
      double constant = 0;
      for (std::int64_t j = 0; j < layer.units; ++j)
        constant += row[bias->offset + j] * effective_weight(layer, parameters_.data(), unit, j);
      sum -= statistics_.mean[at(layer.inputs[0])][at(unit)] * constant;
    }
    return sum;
  }

  const Network& network_;
  const UnitGroups& groups_;
  const UnitStatistics& statistics_;
  const std::vector<double>& parameters_;
  const bool fold_;
};

// What the score of one mini-batch is made from: the points of a term in it, and how the loss counts them.
struct BatchTerm {
  int number = 0;
  const TermPoints& points;
  bool squared_mean = false;
  std::vector<double> means;  // [residuals] of an integral constraint

  double weight(std::int64_t k, std::int64_t i) const { return points.own_weight_at(k, i); }
};

BatchTerm batch_term(Engine& engine, const Assembly& assembly, std::size_t t, const TermPoints& points,
                     const std::vector<double>& parameters) {
  BatchTerm term{static_cast<int>(t), points, assembly.problem->terms[t].reduction == Reduction::square_of_mean, {}};
  if (!term.squared_mean) return term;
  const auto residuals = static_cast<std::int64_t>(assembly.terms[t].program.residuals());
  std::vector<double> values(at(residuals * points.local_count));
  engine.residuals(Stream{}, parameters.data(), term.number, points, values.data());
  for (std::int64_t k = 0; k < residuals; ++k) {
    double sum = 0;
    for (std::int64_t i = 0; i < points.local_count; ++i)
      sum += values[at(k * points.local_count + i)] * points.quadrature_at(i);
    term.means.push_back(sum / static_cast<double>(points.local_count));
  }
  return term;
}

// gradient += that of the term's loss over the points of the mini-batch.
void add_gradient(Engine& engine, const BatchTerm& term, const std::vector<double>& parameters,
                  std::vector<double>& gradient) {
  const TermPoints& points = term.points;
  const std::int64_t residuals = engine.residuals_of(term.number);
  engine.linearize(Stream{}, parameters.data(), term.number, points, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    std::vector<double> w(at(residuals * range.points));
    chunk.residuals(w.data(), range.points);
    for (std::int64_t k = 0; k < residuals; ++k)
      for (std::int64_t i = 0; i < range.points; ++i) {
        double& value = w[at(k * range.points + i)];
        value = 2 * term.weight(k, range.first + i) * (term.squared_mean ? term.means[at(k)] : value) /
                static_cast<double>(points.local_count);
      }
    chunk.transposed(w.data(), range.points, gradient.data());
  });
}

// visit(row, share): rows of J whose squares the loss grows by, each with its share.
void visit_rows(Engine& engine, const BatchTerm& term, const std::vector<double>& parameters,
                const std::function<void(const double* row, double share)>& visit) {
  const TermPoints& points = term.points;
  const std::int64_t residuals = engine.residuals_of(term.number);
  const auto size = static_cast<std::int64_t>(parameters.size());
  if (term.squared_mean) {  // the mean is one residual
    for (std::int64_t k = 0; k < residuals; ++k) {
      std::vector<double> row(parameters.size());
      engine.linearize(Stream{}, parameters.data(), term.number, points, [&](Linearization& chunk) {
        const PointRange range = chunk.range();
        std::vector<double> w(at(residuals * range.points));
        for (std::int64_t i = 0; i < range.points; ++i)
          w[at(k * range.points + i)] = points.quadrature_at(range.first + i) / static_cast<double>(points.local_count);
        chunk.transposed(w.data(), range.points, row.data());
      });
      visit(row.data(), points.stated_weight_at(k, 0));
    }
    return;
  }
  const std::int64_t step = std::max<std::int64_t>(points.local_count / rows_of_block, 1);
  const std::int64_t looked_at = (points.local_count + step - 1) / step;
  std::vector<double> rows(at(residuals * size));
  engine.linearize(Stream{}, parameters.data(), term.number, points, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    for (std::int64_t i = 0; i < range.points; ++i) {
      if ((range.first + i) % step != 0) continue;
      chunk.rows(i, 1, rows.data(), 1);
      for (std::int64_t k = 0; k < residuals; ++k)
        visit(rows.data() + k * size, term.weight(k, range.first + i) / static_cast<double>(looked_at));
    }
  });
}

UnitNumbers by_sensitivity(Communicator& communicator, const PruneOptions& options, const Assembly& assembly,
                           const UnitGroups& groups, const std::vector<PointSet>& batches, const Directions& directions,
                           const std::vector<double>& parameters) {
  EngineOptions engine_options;
  engine_options.reproducibility = Reproducibility::ranks;
  engine_options.ranks = &communicator;
  const std::unique_ptr<Engine> engine = make_engine(engine_options, assembly.network, assembly.terms);
  std::size_t units = 0;
  for (const UnitGroup& group : groups.groups) units += at(group.units);
  std::vector<double> squares(batches.size() * units);  // [batches, units]; zeros of others do not change what is added
  communicator.agree("unit scores", [&] {
    for (std::size_t b = at(communicator.rank()); b < batches.size(); b += at(communicator.size())) {
      double* own = squares.data() + b * units;
      const auto add_square = [&](const double* row, double share) {
        std::size_t u = 0;
        directions.visit(row, [&](std::size_t, std::size_t, double change) { own[u++] += share * change * change; });
      };
      std::vector<double> gradient(parameters.size());
      for (std::size_t t = 0; t < batches[b].terms.size(); ++t) {
        const BatchTerm term = batch_term(*engine, assembly, t, batches[b].terms[t], parameters);
        options.score == UnitScore::taylor ? add_gradient(*engine, term, parameters, gradient)
                                           : visit_rows(*engine, term, parameters, add_square);
      }
      if (options.score == UnitScore::taylor) add_square(gradient.data(), 1);
    }
  });
  communicator.sum("unit scores", squares.data(), static_cast<std::int64_t>(squares.size()));
  UnitNumbers scores = zeros(groups);
  std::size_t u = 0;
  for (std::vector<double>& group : scores)
    for (double& score : group) {
      for (std::size_t b = 0; b < batches.size(); ++b) score += squares[b * units + u];
      score = std::sqrt(score / static_cast<double>(batches.size()));
      ++u;
    }
  return scores;
}

}  // namespace

std::vector<PointSet> score_batches(Assembly& assembly, int rank) {
  std::vector<std::vector<Block>> all(assembly.terms.size());
  for (const std::vector<std::vector<Block>>& of_rank : assembly.blocks)
    for (std::size_t t = 0; t < all.size(); ++t) all[t].insert(all[t].end(), of_rank[t].begin(), of_rank[t].end());
  std::vector<std::vector<Block>>& own = assembly.blocks[at(rank)];
  const std::vector<std::vector<Block>> kept = own;
  std::vector<PointSet> batches(at(batches_of_scores));
  for (std::int64_t b = 0; b < batches_of_scores; ++b)
    for (std::size_t t = 0; t < all.size(); ++t) {
      std::sort(all[t].begin(), all[t].end(), [](const Block& a, const Block& c) { return a.first < c.first; });
      const auto count = static_cast<std::int64_t>(all[t].size());
      own[t] = {all[t][at(count < batches_of_scores ? b % count : b * count / batches_of_scores)]};
      batches[at(b)].terms.push_back(make_term_points(assembly, t, rank, 0));
    }
  own = kept;
  return batches;
}

UnitStatistics unit_statistics(const Assembly& assembly, const std::vector<PointSet>& batches,
                               const std::vector<double>& parameters) {
  const Network& network = assembly.network;
  UnitStatistics statistics;
  statistics.mean.resize(network.layers.size());
  statistics.variance.resize(network.layers.size());
  const auto probe = make_layer_probe(network, assembly.fields.program, Precision::fp64, parameters.data());
  std::vector<double> place(at(network.dimensions));
  double count = 0;
  // Welford's recurrence: the variance loses no digits where the mean is large.
  const LayerValues take = [&](int layer, const std::vector<double>& values) {
    std::vector<double>&mean = statistics.mean[at(layer)], &variance = statistics.variance[at(layer)];
    mean.resize(values.size());
    variance.resize(values.size());
    for (std::size_t u = 0; u < values.size(); ++u) {
      const double before = values[u] - mean[u];
      mean[u] += before / count;
      variance[u] += before * (values[u] - mean[u]);
    }
  };
  for (const PointSet& batch : batches)
    for (const TermPoints& points : batch.terms) {
      const std::int64_t places = std::min(points.local_count, places_of_block);
      for (std::int64_t p = 0; p < places; ++p) {
        for (int d = 0; d < points.dimensions; ++d) place[at(d)] = points.coordinate(d)[p * points.local_count / places];
        ++count;
        probe->layer_values(place.data(), take);
      }
    }
  for (std::vector<double>& of_layer : statistics.variance)
    for (double& value : of_layer) value /= count;
  return statistics;
}

std::vector<std::vector<double>> unit_scores(Communicator& communicator, const PruneOptions& options,
                                             const Assembly& assembly, const UnitGroups& groups,
                                             const std::vector<PointSet>& batches, const UnitStatistics& statistics,
                                             const std::vector<double>& parameters) {
  if (options.score == UnitScore::magnitude) return by_magnitude(assembly.network, groups, parameters);
  if (options.score == UnitScore::activation)
    return by_activation(assembly.network, groups, statistics, parameters, options.fold);
  const Directions directions(assembly.network, groups, statistics, parameters, options.fold);
  return by_sensitivity(communicator, options, assembly, groups, batches, directions, parameters);
}

}  // namespace jetpinn
