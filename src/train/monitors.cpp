#include "jetpinn/train/monitors.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/sampling/quadrature_points.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace jetpinn {
namespace {

// A part's measure is shared by its points alike.
void fill_weights(const BoxRegion& region, const Sampler& sampler, TermPoints& points, std::int64_t first) {
  const std::vector<double> measures = region.coordinate_measures();
  std::int64_t part_end = 0;
  std::size_t part = 0;
  for (part_end = sampler.count(0); part_end <= first;) part_end += sampler.count(++part);
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    while (first + i >= part_end) part_end += sampler.count(++part);
    points.weight[static_cast<std::size_t>(i)] = measures[part] / static_cast<double>(sampler.count(part));
  }
}

// A part's measure is shared by its nodes as their weights are.
void fill_weights(const BoxRegion& region, const QuadraturePoints& nodes, TermPoints& points, std::int64_t first) {
  const std::vector<double> measures = region.coordinate_measures();
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    const std::size_t part = nodes.part_of(first + i);
    const double of_part = nodes.weight(first + i) / (static_cast<double>(nodes.count()) * nodes.share(part));
    points.weight[static_cast<std::size_t>(i)] = measures[part] * of_part;
  }
}

// source: a Sampler or QuadraturePoints
template <class Source>
TermPoints points_of_rank(const Problem& problem, const Monitor& monitor, const Source& source, int rank, int ranks) {
  const BoxRegion region(monitor.region, problem.graph);
  const RowRange blocks = share_rows((source.count() + block_points - 1) / block_points, rank, ranks);
  const std::int64_t first = std::min(blocks.begin * block_points, source.count()),
                     count = std::min(blocks.end * block_points, source.count()) - first;
  const PlaceColumns place = place_columns(problem, monitor.reads, monitor.region);
  TermPoints points = make_room(problem.dimensions(), {true, place.names, {}, false}, source.count(),
                                make_point_batch(problem.dimensions(), first, count, source.count()).blocks);
  if (count == 0) return points;
  source.fill(points);
  place.fill(points, [&](std::int64_t point) { return source.part_of(point); });
  fill_weights(region, source, points, first);
  return points;
}

// Of one block's values: their weighted sum, or their extremum. NaN where one of them is.
double part_of(MonitorKind kind, const double* value, const double* weight, std::int64_t count) {
  const auto product = [](double v, double w) { return v * w; };
  if (kind == MonitorKind::integral || kind == MonitorKind::mean)
    return std::inner_product(value, value + count, weight, 0.0, std::plus<>(), product);
  double extreme = value[0];
  for (std::int64_t i = 0; i < count; ++i) {
    if (std::isnan(value[i])) return value[i];
    extreme = kind == MonitorKind::min ? std::min(extreme, value[i]) : std::max(extreme, value[i]);
  }
  return extreme;
}

std::vector<double> parts_of_blocks(MonitorKind kind, const TermPoints& points, const std::vector<double>& values) {
  std::vector<double> parts;
  std::int64_t first = 0;
  for (const Block& block : points.blocks) {
    parts.push_back(part_of(kind, values.data() + first, points.weight.data() + first, block.count));
    first += block.count;
  }
  return parts;
}

// The parts of all ranks in the order of the blocks, whatever the ranks: their sum has the same bits on any number of them.
double combine(Communicator& communicator, MonitorKind kind, const std::vector<double>& parts) {
  const std::vector<double> all = communicator.gather_rows("monitors", parts), ones(all.size(), 1.0);
  double value = all.empty() ? 0 : part_of(kind, all.data(), ones.data(), static_cast<std::int64_t>(all.size()));
  communicator.broadcast("monitors", &value, sizeof value);
  return value;
}

}  // namespace

QuadraturePoints monitor_nodes(const Problem& problem, const Monitor& monitor) {
  const MonitorOptions& options = monitor.options;
  try {
    return QuadraturePoints(monitor.region, problem.graph, options.points, options.nodes);
  } catch (const Error& error) {
    throw Error(error.status(), "monitor '" + options.name + "': " + error.what());
  }
}

TermPoints make_monitor_points(const Problem& problem, const Monitor& monitor, int rank, int ranks) {
  const auto of_rank = [&](const auto& source) { return points_of_rank(problem, monitor, source, rank, ranks); };
  if (monitor.options.quadrature) return of_rank(monitor_nodes(problem, monitor));
  return of_rank(Sampler(SamplingMethod::sobol, monitor.region, problem.graph, monitor.options.points, PointKey{}));
}

Monitors::Monitors(Communicator& communicator, const Assembly& assembly)
    : monitors_(assembly.problem->monitors),
      values_(monitors_.size(), std::numeric_limits<double>::quiet_NaN()),
      fresh_(monitors_.size(), false) {
  communicator.agree("setup", [&] {
    for (const Monitor& monitor : monitors_)
      points_.push_back(make_monitor_points(*assembly.problem, monitor, communicator.rank(), communicator.size()));
  });
  for (const TermPoints& points : points_) {
    const std::vector<double> ones(points.weight.size(), 1.0);
    measures_.push_back(combine(communicator, MonitorKind::integral, parts_of_blocks(MonitorKind::integral, points, ones)));
  }
}

bool Monitors::due(std::size_t monitor, std::int64_t step) const {
  const std::int64_t every = monitors_[monitor].options.every;
  return every > 0 && step % every == 0;
}

bool Monitors::due(std::int64_t step) const {
  for (std::size_t m = 0; m < monitors_.size(); ++m)
    if (due(m, step)) return true;
  return false;
}

void Monitors::measure_all(Communicator& communicator, Engine& engine, const std::vector<double>& parameters) {
  measure(communicator, engine, parameters, [](std::size_t) { return true; });
}

void Monitors::measure_due(Communicator& communicator, Engine& engine, const std::vector<double>& parameters,
                           std::int64_t step) {
  measure(communicator, engine, parameters, [&](std::size_t monitor) { return due(monitor, step); });
}

void Monitors::measure(Communicator& communicator, Engine& engine, const std::vector<double>& parameters,
                       const std::function<bool(std::size_t)>& chosen) {
  const ScopedRegion region(Region::evaluation, "jetpinn::monitors");
  for (std::size_t m = 0; m < monitors_.size(); ++m) {
    fresh_[m] = chosen(m);
    if (!fresh_[m]) continue;
    const MonitorKind kind = monitors_[m].options.kind;
    std::vector<double> parts;
    communicator.agree("monitors", [&] { parts = parts_of_rank(engine, parameters, m); });
    values_[m] = combine(communicator, kind, parts);
    if (kind == MonitorKind::mean) values_[m] /= measures_[m];
  }
}

std::vector<double> Monitors::parts_of_rank(Engine& engine, const std::vector<double>& parameters,
                                            std::size_t monitor) const {
  const TermPoints& points = points_[monitor];
  if (points.local_count == 0) return {};
  std::vector<double> values(static_cast<std::size_t>(points.local_count));
  engine.residuals(Stream{}, parameters.data(), static_cast<int>(monitor) + 1, points, values.data());
  return parts_of_blocks(monitors_[monitor].options.kind, points, values);
}

void Monitors::tell(StepRecord& record) const {
  for (std::size_t m = 0; m < monitors_.size(); ++m)
    if (fresh_[m]) record.monitors.push_back({monitors_[m].options.name, values_[m]});
}

void Monitors::tell(RunSummary& summary) const {
  for (std::size_t m = 0; m < monitors_.size(); ++m) summary.monitors.push_back({monitors_[m].options.name, values_[m]});
}

}  // namespace jetpinn
