#include "jetpinn/bench/bench_batches.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/sampling/grid.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>

namespace jetpinn {
namespace {

constexpr double shortest_sample_s = 50e-6;
constexpr int fewest_samples = 3;

// An even grid over the domain.
TermPoints batch_of(const Problem& problem, std::int64_t count) {
  const auto dimensions = static_cast<int>(problem.lower.size());
  const Grid grid(problem.lower, problem.upper, count);
  TermPoints points = make_point_batch(dimensions, 0, count, count);
  std::vector<double> place(static_cast<std::size_t>(dimensions));
  for (std::int64_t i = 0; i < count; ++i) {
    grid.node(i, place.data());
    for (int d = 0; d < dimensions; ++d)
      points.coordinates[static_cast<std::size_t>(d * count + i)] = place[static_cast<std::size_t>(d)];
  }
  return points;
}

struct Runner {
  const BatchCandidate& candidate;
  std::unique_ptr<Engine> engine;
  std::vector<double> values;
  std::vector<double> samples;
  std::int64_t times = 1;  // predictions in a sample

  double sample(const TermPoints& points) {
    const double begin = wall_seconds();
    for (std::int64_t k = 0; k < times; ++k)
      engine->residuals(Stream{}, candidate.parameters.data(), 0, points, values.data());
    return (wall_seconds() - begin) / static_cast<double>(times);
  }
};

}  // namespace

std::vector<std::vector<SampleSpread>> bench_batches(const Problem& problem, const std::vector<BatchCandidate>& candidates,
                                                     Precision precision, const BenchBatchesOptions& options) {
  std::vector<Runner> runners;
  for (const BatchCandidate& candidate : candidates) {
    EngineOptions engine;
    engine.precision = precision;
    engine.product_backend = candidate.backend;
    runners.push_back({candidate, make_engine(engine, candidate.network, {candidate.fields}), {}, {}});
  }
  std::vector<std::vector<SampleSpread>> spreads;
  for (const std::int64_t count : options.points) {
    const TermPoints points = batch_of(problem, count);
    for (Runner& runner : runners) {
      runner.values.resize(runner.candidate.fields.residuals.size() * static_cast<std::size_t>(count));
      runner.samples.clear();
      runner.times = 1;
      const double first = runner.sample(points);
      runner.times = std::max<std::int64_t>(1, static_cast<std::int64_t>(shortest_sample_s / std::max(first, 1e-9)));
    }
    const double begin = wall_seconds();
    const auto goes_on = [&](int done) {
      const double passed = wall_seconds() - begin;
      return done < fewest_samples ||
             (passed < options.most_seconds && (done < options.repeats || passed < options.seconds));
    };
    for (int k = 0; goes_on(k); ++k)
      for (Runner& runner : runners) runner.samples.push_back(runner.sample(points));
    spreads.emplace_back();
    for (const Runner& runner : runners) spreads.back().push_back(spread_of(runner.samples));
  }
  return spreads;
}

}  // namespace jetpinn
