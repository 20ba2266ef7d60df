#include "jetpinn/train/monitors.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace jetpinn {
namespace {

// Length, area, ... in the units of the coordinates; 0 where the part has a lower dimension than another.
std::vector<double> measures_of(const BoxRegion& region) {
  std::vector<double> measures(region.parts(), 0.0);
  const int dimension = region.dimension();
  for (std::size_t p = 0; p < measures.size(); ++p) {
    if (region.dimension(p) < dimension) continue;
    const Piece& piece = region.region().pieces[p];
    measures[p] = piece.border ? piece.size : piece.measure;
    for (std::size_t d = 0; d < region.units().size() && !piece.border; ++d)
      if (piece.lower[d] < piece.upper[d]) measures[p] *= region.units()[d];
  }
  return measures;
}

void fill_weights(const BoxRegion& region, const Sampler& sampler, TermPoints& points, std::int64_t first) {
  const std::vector<double> measures = measures_of(region);
  std::int64_t part_end = 0;
  std::size_t part = 0;
  for (part_end = sampler.count(0); part_end <= first;) part_end += sampler.count(++part);
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    while (first + i >= part_end) part_end += sampler.count(++part);
    points.weight[static_cast<std::size_t>(i)] = measures[part] / static_cast<double>(sampler.count(part));
  }
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

TermPoints make_monitor_points(const Problem& problem, const Monitor& monitor, int rank, int ranks) {
  const BoxRegion region(monitor.region, problem.graph);
  const Sampler sampler(SamplingMethod::sobol, monitor.region, problem.graph, monitor.options.points, PointKey{});
  const RowRange blocks = share_rows((sampler.count() + block_points - 1) / block_points, rank, ranks);
  const std::int64_t first = std::min(blocks.begin * block_points, sampler.count()),
                     count = std::min(blocks.end * block_points, sampler.count()) - first;
  const PlaceColumns place = place_columns(problem, monitor.reads, monitor.region);
  TermPoints points = make_room(problem.dimensions(), {true, place.names, {}, false}, sampler.count(),
                                make_point_batch(problem.dimensions(), first, count, sampler.count()).blocks);
  if (count == 0) return points;
  sampler.fill(points);
  place.fill(points, [&](std::int64_t point) { return sampler.part_of(point); });
  fill_weights(region, sampler, points, first);
  return points;
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
