#include "jetpinn/train/last_state.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace jetpinn {

PointTable last_state(const Assembly& whole, const Windows& windows, std::size_t term, double edge, Engine& engine,
                      const double* parameters, std::string (*column)(std::size_t)) {
  const Problem& problem = *whole.problem;
  const std::int64_t count = whole.counts[term];
  const auto rows = static_cast<std::size_t>(count), residuals = problem.terms[term].residuals.size();
  TermPoints points = make_point_batch(problem.dimensions(), 0, count, count);
  term_source(whole, term, 0)->fill(points);
  std::fill_n(points.coordinates.begin() + windows.coordinate * count, count, edge);
  std::vector<double> values(residuals * rows);
  engine.residuals(Stream{}, parameters, static_cast<int>(term), points, values.data());

  PointTable table;
  table.names = problem.symbols.coordinates;
  for (std::size_t d = 0; d < table.names.size(); ++d)
    table.columns.emplace_back(points.coordinates.begin() + static_cast<std::int64_t>(d * rows),
                               points.coordinates.begin() + static_cast<std::int64_t>((d + 1) * rows));
  const std::vector<double>& scales = problem.terms[term].scales;
  for (std::size_t k = 0; k < residuals; ++k) {
    if (!scales.empty())  // in the units of the config, as tables are
      for (std::size_t i = 0; i < rows; ++i) values[k * rows + i] *= scales[k];
    table.names.push_back(column(k));
    table.columns.emplace_back(values.begin() + static_cast<std::int64_t>(k * rows),
                               values.begin() + static_cast<std::int64_t>((k + 1) * rows));
    for (std::size_t i = 0; i < rows; ++i)
      if (!std::isfinite(table.columns.back()[i]))
        throw Error(
            Status::numerical,
            fmt::format("the network of the window that ends at {} = {:g} has no finite value there: residual {} of '{}' "
                        "is {}; no window can begin with it, so look at that window's log, and train it longer or "
                        "with smaller steps",
                        problem.symbols.coordinates[static_cast<std::size_t>(windows.coordinate)], edge, k + 1,
                        problem.terms[term].name, table.columns.back()[i]));
  }
  return table;
}

}  // namespace jetpinn
