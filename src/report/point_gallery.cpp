#include "jetpinn/report/residual_gallery.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/report/slices.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <variant>

namespace jetpinn {
namespace {

constexpr std::int64_t most_points = 1500;   // of a term

// The points of a term at the end of a run: where they lie, and how many there are.
struct PointPlaces {
  std::int64_t count = 0;
  std::function<void(std::int64_t point, double* place)> at;
  bool kept = false;  // in a checkpoint
};

PointPlaces drawn_places(const Assembly& assembly, std::size_t term) {
  const std::shared_ptr<PointSource> source = term_source(assembly, term, 0);
  return {source->count(), [source](std::int64_t point, double* place) { source->generate(point, 1, place, 1); }};
}

// Those of a checkpoint; as they began, where it has none of them.
PointPlaces kept_places(const Assembly& assembly, std::size_t term, const StateValues& kept) {
  std::vector<ColumnValue> columns;
  for (const std::string& coordinate : assembly.problem->symbols.coordinates) {
    const auto found = kept.find("points/" + assembly.terms[term].name + "/coordinates/" + coordinate);
    const auto* column = found == kept.end() ? nullptr : std::get_if<ColumnValue>(&found->second);
    if (!column || column->rows == 0) return drawn_places(assembly, term);
    columns.push_back(*column);
  }
  return {columns[0].rows,
          [columns](std::int64_t point, double* place) {
            for (const ColumnValue& column : columns) column.read(point, 1, place++);
          },
          true};
}

// Some of them, spread over all: one of each of so many stretches, at random, for the points of a Sobol sequence at even
// distances would lie in stripes.
std::vector<std::vector<double>> some_of(const PointPlaces& places, std::size_t dimensions) {
  const std::int64_t all = places.count, shown = std::min(all, most_points);
  std::vector<std::vector<double>> points(dimensions);
  std::vector<double> place(dimensions);
  std::mt19937_64 random;
  for (std::int64_t i = 0; i < shown; ++i) {
    const double share = shown < all ? static_cast<double>(random()) / 18446744073709551616.0 : 0;
    const auto index =
        static_cast<std::int64_t>((static_cast<double>(i) + share) * static_cast<double>(all) / static_cast<double>(shown));
    places.at(std::min(index, all - 1), place.data());
    for (std::size_t d = 0; d < dimensions; ++d) points[d].push_back(place[d]);
  }
  return points;
}

}  // namespace

Gallery point_gallery(const Assembly& assembly, const StateValues& kept) {
  Gallery gallery;
  const Problem& problem = *assembly.problem;
  const std::vector<int> axes = domain_slices(problem)[0].axes;
  const bool line = axes.size() == 1;
  bool as_they_are = true;
  Chart chart;
  chart.title = "Training points";
  chart.layout = ChartLayout::compact;
  chart.from_zero = false;
  chart.x_label = problem.symbols.coordinates[static_cast<std::size_t>(axes[0])];
  chart.y_label = line ? "term" : problem.symbols.coordinates[static_cast<std::size_t>(axes[1])];
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    PointPlaces places = is_adaptive(assembly, t) ? kept_places(assembly, t, kept) : drawn_places(assembly, t);
    const auto dimensions = static_cast<std::size_t>(problem.dimensions());
    std::vector<std::vector<double>> points;
    try {
      points = some_of(places, dimensions);
      as_they_are = as_they_are && (!is_adaptive(assembly, t) || places.kept);
    } catch (const Error&) {  // a run that goes on may have removed the checkpoint meanwhile
      places = drawn_places(assembly, t);
      points = some_of(places, dimensions);
      as_they_are = false;
    }
    const auto& x = points[static_cast<std::size_t>(axes[0])];
    ChartSeries series{fmt::format("{}: {}", problem.terms[t].name, places.count),
                       places.count > 50 ? ChartSeries::Style::cloud : ChartSeries::Style::dots,
                       static_cast<int>(t),
                       {}};
    for (std::size_t i = 0; i < x.size(); ++i)
      series.points.push_back({x[i], line ? static_cast<double>(t + 1) : points[static_cast<std::size_t>(axes[1])][i]});
    chart.series.push_back(std::move(series));
    if (places.count > most_points)
      gallery.notes.push_back(
          fmt::format("{}: {} of its {} points are drawn.", problem.terms[t].name, x.size(), places.count));
  }
  if (problem.dimensions() > 2)
    gallery.notes.push_back(fmt::format("The points of {} coordinates are seen along all but {} and {}.",
                                        problem.dimensions(), chart.x_label, chart.y_label));
  if (assembly.sampling.resample_every > 0)
    gallery.notes.push_back(
        fmt::format("These are the points before the first resampling; new ones are drawn every {} steps.",
                    assembly.sampling.resample_every));
  if (assembly.sampling.adaptive.active())
    gallery.notes.push_back(as_they_are
                                ? "Points that follow the residual are those of the last checkpoint."
                                : "Points that follow the residual are shown as they began: no checkpoint has them.");
  gallery.pictures.push_back(picture_of("points", chart));
  return gallery;
}

}  // namespace jetpinn
