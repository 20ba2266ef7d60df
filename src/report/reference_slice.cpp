#include "jetpinn/report/reference_slice.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/point_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr std::int64_t most_rows = 4000000;        // of a file, beyond which its pictures are left out
constexpr std::size_t fewest_points = 8;           // on a slice, below which there is nothing to see
constexpr std::size_t widest = 401;                // pixels of a picture of cells
constexpr std::int64_t dots_side = 151;            // pixels of a picture of dots
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> different(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::size_t nearest(const std::vector<double>& ascending, double value) {
  const auto after = std::lower_bound(ascending.begin(), ascending.end(), value);
  if (after == ascending.begin()) return 0;
  if (after == ascending.end()) return ascending.size() - 1;
  return static_cast<std::size_t>(after - ascending.begin()) - (value - *(after - 1) < *after - value ? 1 : 0);
}

Raster cells(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& values,
             const std::vector<double>& as, const std::vector<double>& bs, const Slice& slice) {
  std::vector<double> grid(as.size() * bs.size(), nothing);
  for (std::size_t i = 0; i < values.size(); ++i) grid[nearest(bs, b[i]) * as.size() + nearest(as, a[i])] = values[i];
  Raster raster{
      static_cast<std::int64_t>(std::min(widest, as.size())), static_cast<std::int64_t>(std::min(widest, bs.size())), {}};
  const auto middle = [&](std::size_t axis, std::int64_t i, std::int64_t count) {
    const auto d = static_cast<std::size_t>(slice.axes[axis]);
    return slice.low[d] + (static_cast<double>(i) + 0.5) / static_cast<double>(count) * (slice.high[d] - slice.low[d]);
  };
  for (std::int64_t row = 0; row < raster.rows; ++row)
    for (std::int64_t column = 0; column < raster.columns; ++column)
      raster.values.push_back(
          grid[nearest(bs, middle(1, row, raster.rows)) * as.size() + nearest(as, middle(0, column, raster.columns))]);
  return raster;
}

Raster dots(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& values,
            const Slice& slice) {
  Raster raster{dots_side, dots_side, std::vector<double>(static_cast<std::size_t>(dots_side * dots_side), nothing)};
  const auto pixel = [&](std::size_t axis, double value) {
    const auto d = static_cast<std::size_t>(slice.axes[axis]);
    return std::llround((value - slice.low[d]) / (slice.high[d] - slice.low[d]) * (dots_side - 1));
  };
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::int64_t down = -1; down <= 1; ++down)
      for (std::int64_t right = -1; right <= 1; ++right) {
        const std::int64_t column = pixel(0, a[i]) + right, row = pixel(1, b[i]) + down;
        if (column >= 0 && column < dots_side && row >= 0 && row < dots_side)
          raster.values[static_cast<std::size_t>(row * dots_side + column)] = values[i];
      }
  return raster;
}

}  // namespace

Raster raster_of(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& values,
                 const Slice& slice) {
  const std::vector<double> as = different(a), bs = different(b);
  const bool grid = as.size() > 1 && bs.size() > 1 && as.size() * bs.size() == values.size();
  return grid ? cells(a, b, values, as, bs, slice) : dots(a, b, values, slice);
}

ReferenceSource::ReferenceSource(const RunNetwork& network) : network_(network), problem_(network.problem()) {
  if (!problem_.exact.empty()) return;
  if (problem_.reference_file.empty()) {
    note_ = "The problem has no reference to compare with.";
    return;
  }
  Communicator& communicator = network_.communicator();
  if (communicator.root()) {
    try {
      read_file();
    } catch (const Error& error) {
      columns_.clear();
      coordinates_.clear();
      note_ = std::string("The reference is not shown: ") + error.what();
    }
  }
  rows_ = columns_.empty() ? 0 : static_cast<std::int64_t>(columns_[0].second.size());
  communicator.broadcast("report", &rows_, sizeof rows_);
}

void ReferenceSource::read_file() {
  PointTableReader table(problem_.reference_file, problem_.symbols.coordinates);
  if (table.rows() > most_rows) {
    note_ = fmt::format("The reference is not shown: its file has {} points, more than a picture needs.", table.rows());
    return;
  }
  std::vector<std::vector<double>> columns;
  const auto read = [&](const std::string& name) {
    std::vector<double> values(static_cast<std::size_t>(table.rows()));
    table.read(name, 0, table.rows(), values.data());
    return values;
  };
  for (const std::string& name : problem_.symbols.coordinates) coordinates_.push_back(read(name));
  for (int f = 0; f < problem_.fields(); ++f)
    if (const std::string& name = problem_.symbols.fields[static_cast<std::size_t>(f)]; table.has(name))
      table.check_column(name), columns_.emplace_back(f, read(name));
}

// Those whose fixed coordinates have the value nearest to the slice's, one coordinate after the other.
std::vector<std::size_t> ReferenceSource::rows_near(const Slice& slice) const {
  std::vector<std::size_t> rows;
  const auto outside = [&](std::size_t d, double x) {
    const double room = 1e-9 * (problem_.upper[d] - problem_.lower[d]);
    return !(x >= problem_.lower[d] - room && x <= problem_.upper[d] + room);
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows_); ++i) {
    bool inside = true;
    for (std::size_t d = 0; d < coordinates_.size(); ++d) inside = inside && !outside(d, coordinates_[d][i]);
    if (inside) rows.push_back(i);
  }
  for (std::size_t d = 0; d < coordinates_.size() && !rows.empty(); ++d) {
    if (std::find(slice.axes.begin(), slice.axes.end(), static_cast<int>(d)) != slice.axes.end()) continue;
    const auto distance = [&](std::size_t i) { return std::abs(coordinates_[d][i] - slice.fixed[d]); };
    const std::size_t best =
        *std::min_element(rows.begin(), rows.end(), [&](std::size_t i, std::size_t j) { return distance(i) < distance(j); });
    const double value = coordinates_[d][best], size = problem_.upper[d] - problem_.lower[d];
    if (distance(best) > 0.05 * size) return {};
    std::erase_if(rows, [&](std::size_t i) { return std::abs(coordinates_[d][i] - value) > 1e-9 * size; });
  }
  return rows.size() < fewest_points ? std::vector<std::size_t>{} : rows;
}

std::vector<ReferenceOnSlice> ReferenceSource::exact_on(const Slice& slice,
                                                        const std::vector<std::vector<double>>& network_values) const {
  std::vector<ReferenceOnSlice> found;
  if (!network_.communicator().root()) return found;
  const std::vector<double> coordinates = slice.coordinates();
  const auto rows = static_cast<std::size_t>(slice.rows());
  std::vector<double> place(slice.fixed.size());
  for (const auto& [field, expression] : problem_.exact) {
    ReferenceOnSlice one;
    one.field = field;
    const PointEvaluator evaluate(problem_.graph, expression);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t d = 0; d < place.size(); ++d) place[d] = coordinates[d * rows + i];
      const double own = network_values[static_cast<std::size_t>(field)][i];  // none where the field is not: in a hole
      const double value = std::isnan(own) ? nothing : evaluate(place.data());
      one.reference.values.push_back(value);
      one.difference.values.push_back(own - value);
      if (slice.line()) one.places.push_back(slice.at(0, static_cast<std::int64_t>(i)));
    }
    one.reference.columns = one.difference.columns = slice.count;
    one.reference.rows = one.difference.rows = slice.line() ? 1 : slice.count;
    found.push_back(std::move(one));
  }
  return found;
}

std::vector<ReferenceOnSlice> ReferenceSource::file_on(const Slice& slice) const {
  Communicator& communicator = network_.communicator();
  const auto dimensions = static_cast<std::size_t>(problem_.dimensions());
  std::vector<std::size_t> rows;
  if (communicator.root()) rows = rows_near(slice);
  std::int64_t count = static_cast<std::int64_t>(rows.size());
  communicator.broadcast("report", &count, sizeof count);
  if (count == 0) return {};
  std::vector<double> places(dimensions * static_cast<std::size_t>(count));
  for (std::size_t d = 0; d < dimensions; ++d)
    for (std::size_t i = 0; i < rows.size(); ++i) places[d * rows.size() + i] = coordinates_[d][rows[i]];
  communicator.broadcast("report", places.data(), static_cast<std::int64_t>(places.size() * sizeof(double)));
  const std::vector<std::vector<double>> network_values = network_.values(RunNetwork::fields, places);
  std::vector<ReferenceOnSlice> found;
  const auto along = [&](std::size_t axis) {
    const auto from = places.begin() + slice.axes[axis] * count;
    return std::vector<double>(from, from + count);
  };
  for (const auto& [field, values] : columns_) {
    ReferenceOnSlice one;
    one.field = field;
    std::vector<double> reference, difference;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      reference.push_back(values[rows[i]]);
      difference.push_back(network_values[static_cast<std::size_t>(field)][i] - values[rows[i]]);
    }
    if (slice.line()) {
      one.scattered = true;
      one.places = along(0);
      one.reference = {count, 1, reference};
      one.difference = {count, 1, difference};
    } else {
      one.reference = raster_of(along(0), along(1), reference, slice);
      one.difference = raster_of(along(0), along(1), difference, slice);
    }
    found.push_back(std::move(one));
  }
  return found;
}

// A field that is free by a constant: the difference's mean says nothing.
void ReferenceSource::remove_means(std::vector<ReferenceOnSlice>& found) const {
  for (ReferenceOnSlice& one : found) {
    if (std::find(problem_.free_constant.begin(), problem_.free_constant.end(), one.field) == problem_.free_constant.end())
      continue;
    double sum = 0, count = 0;
    for (const double value : one.difference.values)
      if (std::isfinite(value)) sum += value, ++count;
    for (double& value : one.difference.values) value -= count > 0 ? sum / count : 0;
  }
}

std::vector<ReferenceOnSlice> ReferenceSource::on(const Slice& slice,
                                                  const std::vector<std::vector<double>>& network_values) const {
  std::vector<ReferenceOnSlice> found = problem_.exact.empty()
                                            ? (rows_ > 0 ? file_on(slice) : std::vector<ReferenceOnSlice>{})
                                            : exact_on(slice, network_values);
  remove_means(found);
  return found;
}

}  // namespace jetpinn
