#include "jetpinn/report/residual_gallery.hpp"
#include "jetpinn/report/slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace jetpinn {
namespace {

constexpr std::int64_t most_points = 1500;   // of a term

// Some of its points, spread over all: one of each of so many stretches, at random, for the points of a Sobol sequence at
// even distances would lie in stripes.
std::vector<std::vector<double>> some_points(const Assembly& assembly, std::size_t term) {
  const auto source = term_source(assembly, term, 0);
  const std::int64_t all = source->count(), shown = std::min(all, most_points);
  const auto dimensions = static_cast<std::size_t>(assembly.problem->dimensions());
  std::vector<std::vector<double>> points(dimensions);
  std::vector<double> place(dimensions);
  std::mt19937_64 random;
  for (std::int64_t i = 0; i < shown; ++i) {
    const double share = shown < all ? static_cast<double>(random()) / 18446744073709551616.0 : 0;
    const auto index =
        static_cast<std::int64_t>((static_cast<double>(i) + share) * static_cast<double>(all) / static_cast<double>(shown));
    source->generate(std::min(index, all - 1), 1, place.data(), 1);
    for (std::size_t d = 0; d < dimensions; ++d) points[d].push_back(place[d]);
  }
  return points;
}

}  // namespace

Gallery point_gallery(const Assembly& assembly) {
  Gallery gallery;
  const Problem& problem = *assembly.problem;
  const std::vector<int> axes = domain_slices(problem)[0].axes;
  const bool line = axes.size() == 1;
  Chart chart;
  chart.title = "Training points";
  chart.layout = ChartLayout::compact;
  chart.from_zero = false;
  chart.x_label = problem.symbols.coordinates[static_cast<std::size_t>(axes[0])];
  chart.y_label = line ? "term" : problem.symbols.coordinates[static_cast<std::size_t>(axes[1])];
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const auto points = some_points(assembly, t);
    const auto& x = points[static_cast<std::size_t>(axes[0])];
    ChartSeries series{fmt::format("{}: {}", problem.terms[t].name, assembly.counts[t]),
                       assembly.counts[t] > 50 ? ChartSeries::Style::cloud : ChartSeries::Style::dots,
                       static_cast<int>(t),
                       {}};
    for (std::size_t i = 0; i < x.size(); ++i)
      series.points.push_back({x[i], line ? static_cast<double>(t + 1) : points[static_cast<std::size_t>(axes[1])][i]});
    chart.series.push_back(std::move(series));
    if (assembly.counts[t] > most_points)
      gallery.notes.push_back(
          fmt::format("{}: {} of its {} points are drawn.", problem.terms[t].name, x.size(), assembly.counts[t]));
  }
  if (problem.dimensions() > 2)
    gallery.notes.push_back(fmt::format("The points of {} coordinates are seen along all but {} and {}.",
                                        problem.dimensions(), chart.x_label, chart.y_label));
  if (assembly.sampling.resample_every > 0)
    gallery.notes.push_back(
        fmt::format("These are the points before the first resampling; new ones are drawn every {} steps.",
                    assembly.sampling.resample_every));
  gallery.pictures.push_back(picture_of("points", chart));
  return gallery;
}

}  // namespace jetpinn
