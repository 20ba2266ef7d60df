#include "jetpinn/bench/bench_predict.hpp"

#include "jetpinn/base/bfloat16.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/sampling/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t rows_at_once = 8192;   // as predict's pieces

// Fields alone, or with every first derivative, as one term.
EngineTerm quantities_term(Problem& problem, bool derivatives) {
  EngineTerm term;
  term.name = derivatives ? "fields and first derivatives" : "fields";
  const auto add = [&](const std::string& text) {
    SourceText place;
    place.text = text;
    place.key = "bench predict";
    term.residuals.push_back(parse_quantity(problem, place).at(0));  // a field is a number
  };
  for (const std::string& field : problem.symbols.fields) {
    add(field);
    for (const std::string& coordinate : problem.symbols.coordinates)
      if (derivatives) add("d(" + field + ", " + coordinate + ")");
  }
  term.graph = &problem.graph;
  term.program = compile_term(problem.graph, term.residuals, problem.dimensions(), problem.fields(), problem.groups());
  return term;
}

// Rows first, first + stride, ... of the grid, `count` of them.
TermPoints grid_points(const Grid& grid, int dimensions, std::int64_t first, std::int64_t count, std::int64_t stride = 1) {
  TermPoints points = make_point_batch(dimensions, first, count, grid.nodes());
  std::vector<double> place(static_cast<std::size_t>(dimensions));
  for (std::int64_t i = 0; i < count; ++i) {
    grid.node(first + i * stride, place.data());
    for (int d = 0; d < dimensions; ++d)
      points.coordinates[static_cast<std::size_t>(d * count + i)] = place[static_cast<std::size_t>(d)];
  }
  return points;
}

struct PredictBench {
  Communicator& communicator;
  const Network& network;
  const double* parameters;
  Reproducibility reproducibility;
  const BenchPredictOptions& options;
  const Grid& grid;
  RowRange rows;   // of this rank
};

std::unique_ptr<Engine> make(const PredictBench& bench, EngineKind kind, Precision precision, const EngineTerm& term) {
  EngineOptions options;
  options.kind = kind;
  options.precision = precision;
  options.reproducibility = bench.reproducibility;
  options.ranks = &bench.communicator;
  return make_engine(options, bench.network, {term});
}

void verify(const PredictBench& bench, Engine& engine, const EngineTerm& term, BenchResult& result) {
  const std::int64_t count = std::min(bench.options.sample, bench.rows.count());
  const std::int64_t quantities = static_cast<std::int64_t>(term.residuals.size());
  const auto reference = make(bench, EngineKind::reference, Precision::fp64, term);
  double difference = 0;
  bench.communicator.agree("verification", [&] {
    if (count == 0) return;
    const TermPoints points =
        grid_points(bench.grid, bench.network.dimensions, bench.rows.begin, count, bench.rows.count() / count);
    std::vector<double> values(static_cast<std::size_t>(quantities * count)), expected(values.size());
    engine.residuals(Stream{}, bench.parameters, 0, points, values.data());
    reference->residuals(Stream{}, bench.parameters, 0, points, expected.data());
    difference = largest_difference(values, expected, quantities);
  });
  bench.communicator.max("verification", &difference, 1);
  const double tolerance = predict_tolerance(bench.network, engine.precision());
  result.figures.emplace_back("difference", difference);
  result.figures.emplace_back("tolerance", tolerance);
  result.verified = difference <= tolerance;
  if (!result.verified)
    result.trouble = fmt::format("it differs from nested autograd by {:.2g} of the largest value, where {:.2g} is allowed",
                                 difference, tolerance);
}

BenchResult measure(const PredictBench& bench, const EngineTerm& term, Precision precision) {
  const auto engine = make(bench, EngineKind::jets, precision, term);
  const std::int64_t quantities = static_cast<std::int64_t>(term.residuals.size());
  std::vector<double> values(static_cast<std::size_t>(quantities * std::min(rows_at_once, bench.rows.count())));
  const auto predict_once = [&] {
    for (std::int64_t first = bench.rows.begin; first < bench.rows.end; first += rows_at_once) {
      const std::int64_t count = std::min(rows_at_once, bench.rows.end - first);
      engine->residuals(Stream{}, bench.parameters, 0, grid_points(bench.grid, bench.network.dimensions, first, count),
                        values.data());
    }
  };
  BenchResult result;
  result.name = term.name;
  result.parameters = {{"precision", to_string(precision)}, {"points", bench.grid.nodes()}, {"quantities", quantities}};
  result.seconds = spread_of(time_repeats(bench.communicator, "bench predict", bench.options.timing, predict_once));

  const double points = static_cast<double>(bench.grid.nodes()), seconds = result.seconds.median;
  // cost_model counts forward once and reverse twice.
  const double flop = cost_model(bench.network, {term}).flop_per_point[0] / 3 * points;
  double rate = engine->product_rate();
  bench.communicator.sum("bench predict", &rate, 1);
  result.figures = {{"points_per_s", points / seconds},
                    {"channels", std::int64_t{term.program.channels()}},
                    {"gflops", flop / seconds * 1e-9}};
  if (rate > 0 && flop > 0) result.figures.emplace_back("product_share", flop / seconds / rate);
  verify(bench, *engine, term, result);
  return result;
}

}  // namespace

double largest_difference(const std::vector<double>& values, const std::vector<double>& reference, std::int64_t quantities) {
  const std::size_t count = values.size() / static_cast<std::size_t>(quantities);
  double largest = 0;
  for (std::size_t first = 0; first < values.size(); first += count) {
    double scale = 0, difference = 0;
    for (std::size_t i = first; i < first + count; ++i) {
      if (!std::isfinite(values[i]) || !std::isfinite(reference[i])) return std::numeric_limits<double>::infinity();
      scale = std::max(scale, std::abs(reference[i]));
      difference = std::max(difference, std::abs(values[i] - reference[i]));
    }
    largest = std::max(largest, difference / (scale > 0 ? scale : 1));
  }
  return largest;
}

double predict_tolerance(const Network& network, Precision precision) {
  // In bf16 sums are exact and what they give is rounded: ten roundings a matrix.
  if (precision == Precision::bf16)
    return 10 * bfloat16_epsilon / 2 * static_cast<double>(blocks_named(network, "weight").size());
  const double epsilon =
      precision == Precision::fp64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
  double summands = 0;
  for (const ParameterBlock* weight : blocks_named(network, "weight"))
    summands += static_cast<double>(weight->pattern ? weight->pattern->inputs : weight->shape.front());
  return 10 * epsilon * summands;
}

BenchReport bench_predict(Communicator& communicator, Problem& problem, const Network& network, const double* parameters,
                          Reproducibility reproducibility, const BenchPredictOptions& options) {
  BenchReport report;
  report.benchmark = "predict";
  report.machine = describe_machine(communicator);
  const Grid grid(problem.lower, problem.upper, options.points);
  const PredictBench bench{communicator,
                           network,
                           parameters,
                           reproducibility,
                           options,
                           grid,
                           share_rows(grid.nodes(), communicator.rank(), communicator.size())};
  for (const bool derivatives : {false, true}) {
    EngineTerm term;
    communicator.agree("bench predict", [&] { term = quantities_term(problem, derivatives); });
    for (const Precision precision : {Precision::fp64, Precision::fp32})
      report.results.push_back(measure(bench, term, precision));
  }
  return report;
}

}  // namespace jetpinn
