#include "jetpinn/infer/evaluate.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/infer/parameter_values.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/problem/field_region.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t exact_points = 10000, sobol_points = 16384;
constexpr std::int64_t piece_rows = 8192;   // rows read or evaluated at once

// Points per axis of the smallest grid with at least exact_points points: border included.
std::int64_t grid_points_per_axis(int dimensions) {
  std::int64_t n = 2;
  while (std::pow(static_cast<double>(n), dimensions) < static_cast<double>(exact_points)) ++n;
  return n;
}

// Parameters that are held, inside the range that was trained.
std::vector<GridAxis> held_inside(const Problem& problem, const std::string& at) {
  const std::vector<GridAxis> held = parse_parameter_values(at, problem.symbols);
  for (const GridAxis& axis : held) {
    const auto d = static_cast<std::size_t>(axis.coordinate);
    if (axis.first < problem.lower[d] || axis.first > problem.upper[d])
      throw Error(Status::usage,
                  fmt::format("--at {0}={1:g}: the network was trained for {0} from {2:g} to {3:g}",
                              problem.symbols.coordinates[d], axis.first, problem.lower[d], problem.upper[d]));
  }
  return held;
}

// "Re = 20, k = 2"
std::string text_of(const std::vector<GridAxis>& held, const SymbolTable& symbols) {
  std::string text;
  for (const GridAxis& axis : held)
    text += fmt::format("{}{} = {:g}", text.empty() ? "" : ", ",
                        symbols.coordinates[static_cast<std::size_t>(axis.coordinate)], axis.first);
  return text;
}

}  // namespace

ReferenceSet::ReferenceSet(Communicator& communicator, const Problem& problem, const std::string& at)
    : dimensions_(problem.dimensions()), fields_(problem.fields()) {
  const std::vector<GridAxis> held = held_inside(problem, at);
  held_ = text_of(held, problem.symbols);
  if (problem.exact.empty() && problem.reference_file.empty()) return;
  coordinates_.resize(static_cast<std::size_t>(dimensions_));
  communicator.agree("reference", [&] {
    ScopedRegion region(Region::io);
    problem.exact.empty() ? read_file(problem, held, communicator.rank(), communicator.size())
                          : sample_exact(problem, held, communicator.rank(), communicator.size());
  });
  for (Column& column : columns_)
    column.free_constant =
        std::find(problem.free_constant.begin(), problem.free_constant.end(), column.field) != problem.free_constant.end();
  measure(communicator);
  if (points_ == 0 && !held_.empty())
    throw Error(Status::usage, source_ + ": none of its rows has " + held_ + " and lies inside the domain");
  if (points_ == 0)
    throw Error(
        Status::usage,
        source_ + ": none of its points lies inside the domain; check the units of the reference and problem.domain");
  for (const Column& column : columns_)
    if (column.points == 0)
      throw Error(Status::usage,
                  fmt::format("{}: none of its {} points lies where the equations of '{}' hold; take '{}' out of the "
                              "reference, or widen their regions",
                              source_, points_, column.name, column.name));
}

// Marks the rows outside of the regions in which equations hold a field.
void ReferenceSet::leave_out(const Problem& problem) {
  std::vector<double> place(coordinates_.size());
  for (Column& column : columns_) {
    const std::optional<PointRegion> region = field_region(problem, column.field);
    if (!region) continue;
    const BoxRegion boxes(*region, problem.graph);
    for (std::size_t i = 0; i < static_cast<std::size_t>(local_); ++i) {
      for (std::size_t d = 0; d < place.size(); ++d) place[d] = coordinates_[d][i];
      column.left_out.push_back(!boxes.inside(place.data()));
    }
  }
}

void ReferenceSet::sample_exact(const Problem& problem, const std::vector<GridAxis>& held, int rank, int ranks) {
  source_ = "exact";
  PointRegion region = domain_region(problem.lower, problem.upper);
  Piece& box = region.pieces[0];
  for (const GridAxis& axis : held) {
    const auto d = static_cast<std::size_t>(axis.coordinate);
    box.lower[d] = box.upper[d] = axis.first;
  }
  const int axes = dimensions_ - static_cast<int>(held.size());
  const bool grid = axes <= 3;
  const std::int64_t per_axis = grid ? grid_points_per_axis(axes) : 0;
  const std::int64_t rows = grid ? std::llround(std::pow(static_cast<double>(per_axis), axes)) : sobol_points;
  const RowRange range = share_rows(rows, rank, ranks);
  local_ = range.count();
  std::vector<double> block(static_cast<std::size_t>(dimensions_ * local_));
  if (grid) {
    for (std::int64_t i = 0; i < local_; ++i) {
      std::int64_t rest = range.begin + i;
      for (int d = dimensions_ - 1; d >= 0; --d) {
        const double share = static_cast<double>(rest % per_axis) / static_cast<double>(per_axis - 1);
        block[static_cast<std::size_t>(d * local_ + i)] = box.lower[d] + share * (box.upper[d] - box.lower[d]);
        if (!held_value(held, d)) rest /= per_axis;
      }
    }
  } else {
    const Sampler sampler(SamplingMethod::sobol, region, problem.graph, rows, PointKey{});
    sampler.generate(range.begin, local_, block.data(), local_);
  }
  for (int d = 0; d < dimensions_; ++d)
    coordinates_[d].assign(block.begin() + d * local_, block.begin() + (d + 1) * local_);

  for (const auto& [field, expression] : problem.exact)
    columns_.push_back({.field = field, .name = problem.symbols.fields[field], .values = {}, .left_out = {}});
  leave_out(problem);
  std::vector<double> place(static_cast<std::size_t>(dimensions_));
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Column& column = columns_[c];
    column.values.assign(static_cast<std::size_t>(local_), 0.0);
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (!column.compared(i)) continue;  // an exact solution may have no value there
      for (std::size_t d = 0; d < place.size(); ++d) place[d] = coordinates_[d][i];
      column.values[i] = evaluate(problem.graph, problem.exact[c].second, place.data());
      if (!std::isfinite(column.values[i]))
        throw Error(Status::usage, "the exact solution of '" + column.name +
                                       "' is not a finite number at some point of the domain; mend reference.exact");
    }
  }
}

void ReferenceSet::read_file(const Problem& problem, const std::vector<GridAxis>& held, int rank, int ranks) {
  source_ = problem.reference_file;
  PointTableReader table(source_, {});
  check_inputs(table, problem.symbols, held);
  for (int f = 0; f < problem.fields(); ++f) {
    const std::string& name = problem.symbols.fields[f];
    if (!table.has(name)) continue;
    table.check_column(name);
    columns_.push_back({.field = f, .name = name, .values = {}, .left_out = {}});
  }
  if (columns_.empty())
    throw Error(Status::usage, source_ +
                                   " holds none of the fields; store at least one of them as a dataset, for example '" +
                                   problem.symbols.fields[0] + "'");
  const RowRange range = share_rows(table.rows(), rank, ranks);
  std::vector<std::vector<double>> piece(coordinates_.size() + columns_.size(), std::vector<double>(piece_rows));
  std::vector<double> place(coordinates_.size()), room;
  std::vector<bool> stored;
  for (std::size_t d = 0; d < coordinates_.size(); ++d) {
    const std::string& name = problem.symbols.coordinates[d];
    stored.push_back(table.has(name));
    room.push_back(rounding_room(problem.lower[d], problem.upper[d], stored[d] && table.single(name)));
    if (!stored[d]) piece[d].assign(piece_rows, *held_value(held, static_cast<int>(d)));
  }
  const auto chosen = [&] {
    return std::all_of(held.begin(), held.end(), [&](const GridAxis& axis) {
      const auto d = static_cast<std::size_t>(axis.coordinate);
      return std::abs(place[d] - axis.first) <= room[d];
    });
  };
  for (std::int64_t first = range.begin; first < range.end; first += piece_rows) {
    const std::int64_t count = std::min(piece_rows, range.end - first);
    for (std::size_t d = 0; d < coordinates_.size(); ++d)
      if (stored[d]) table.read(problem.symbols.coordinates[d], first, count, piece[d].data());
    for (std::size_t c = 0; c < columns_.size(); ++c)
      table.read(columns_[c].name, first, count, piece[coordinates_.size() + c].data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::size_t d = 0; d < coordinates_.size(); ++d) place[d] = piece[d][i];
      if (!chosen()) continue;
      if (!bring_inside(problem.lower, problem.upper, room, place.data())) {
        ++left_out_;
        continue;
      }
      for (std::size_t d = 0; d < coordinates_.size(); ++d) coordinates_[d].push_back(place[d]);
      for (std::size_t c = 0; c < columns_.size(); ++c) columns_[c].values.push_back(piece[coordinates_.size() + c][i]);
      ++local_;
    }
  }
  leave_out(problem);
}

// Counts points and takes the norms of the reference, which never change.
void ReferenceSet::measure(Communicator& communicator) {
  communicator.sum("reference", &(points_ = local_), 1);
  communicator.sum("reference", &left_out_, 1);
  if (points_ == 0) return;
  std::vector<double> means(columns_.size()), norms(columns_.size()), raw(columns_.size()),
      spreads(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Column& column = columns_[c];
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (!column.compared(i)) continue;
      const double value = column.values[i];
      means[c] += value;
      raw[c] += value * value;
      ++column.points;
    }
    communicator.sum("reference", &column.points, 1);
  }
  communicator.sum("reference", raw.data(), static_cast<std::int64_t>(raw.size()));
  communicator.sum("reference", means.data(), static_cast<std::int64_t>(means.size()));
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Column& column = columns_[c];
    const double mean = means[c] / static_cast<double>(column.points), taken = column.free_constant ? mean : 0;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (!column.compared(i)) continue;
      norms[c] += (column.values[i] - taken) * (column.values[i] - taken);
      spreads[c] += (column.values[i] - mean) * (column.values[i] - mean);
    }
  }
  communicator.sum("reference", norms.data(), static_cast<std::int64_t>(norms.size()));
  communicator.sum("reference", spreads.data(), static_cast<std::int64_t>(spreads.size()));
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    columns_[c].norm_squared = norms[c];
    columns_[c].spread = without_rounding(spreads[c], static_cast<double>(columns_[c].points), means[c]);
  }
  replace_zero_norms(raw);
}

// A field whose reference vanishes, but for rounding, has no size to compare with. raw [columns]:
// squared norms with the mean.
void ReferenceSet::replace_zero_norms(const std::vector<double>& raw) {
  constexpr double nothing = 1e-24;   // of a square: the norm is 1e-12
  double largest = 0;
  for (const Column& column : columns_) largest = std::max(largest, column.norm_squared);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    columns_[c].absolute = columns_[c].norm_squared <= nothing * std::max(largest, raw[c]);
    if (columns_[c].absolute) columns_[c].norm_squared = largest > 0 ? largest : static_cast<double>(columns_[c].points);
  }
}

bool ReferenceSet::has_rows_between(Communicator& communicator, int coordinate, double lower, double upper) const {
  std::vector<std::int64_t> rows(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c)
    for (std::size_t i = 0; i < static_cast<std::size_t>(local_); ++i) {
      const double place = coordinates_[static_cast<std::size_t>(coordinate)][i];
      rows[c] += columns_[c].compared(i) && place >= lower && place <= upper;
    }
  communicator.sum("reference", rows.data(), static_cast<std::int64_t>(rows.size()));
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](std::int64_t count) { return count > 0; });
}

std::vector<std::string> ReferenceSet::notes() const {
  std::vector<std::string> notes;
  if (!held_.empty()) notes.push_back("the errors are those at " + held_);
  if (left_out_ > 0)
    notes.push_back(
        fmt::format("{}: {} of its {} rows lie outside the domain and are left out", source_, left_out_, rows()));
  for (const Column& column : columns_)
    if (column.points < points_)
      notes.push_back(
          fmt::format("{} is compared where its equations hold, at {} of {} points", column.name, column.points, points_));
  for (std::string& note : size_notes()) notes.push_back(std::move(note));
  return notes;
}

std::vector<std::string> ReferenceSet::size_notes() const {
  std::vector<std::string> notes;
  for (const Column& column : columns_) {
    if (!column.absolute) continue;
    const double size = std::sqrt(column.norm_squared / static_cast<double>(column.points));
    const bool alone = std::all_of(columns_.begin(), columns_.end(), [](const Column& other) { return other.absolute; });
    notes.push_back(
        fmt::format("the reference of {} is {} everywhere: its error is given against {}", column.name,
                    column.free_constant ? "constant" : "0",
                    alone ? "1" : fmt::format("{:.3g}, the largest of the other fields (root mean square)", size)));
  }
  return notes;
}

ReferenceFacts ReferenceSet::facts(Communicator& communicator) const {
  std::vector<double> largest;   // of the negative values, of the values
  for (const Column& column : columns_) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (!column.compared(i)) continue;
      low = std::min(low, column.values[i]);
      high = std::max(high, column.values[i]);
    }
    largest.insert(largest.end(), {-low, high});
  }
  communicator.max("reference", largest.data(), static_cast<std::int64_t>(largest.size()));
  ReferenceFacts facts;
  facts.source = source_;
  facts.rows = rows();
  facts.left_out = left_out_;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const double low = -largest[2 * c], high = largest[2 * c + 1];
    const double middle = columns_[c].free_constant ? 0.5 * (low + high) : 0;
    facts.ranges.push_back({columns_[c].field, low - middle, high - middle});
  }
  return facts;
}

std::vector<FieldError> ReferenceSet::errors(Communicator& communicator, Engine& engine, const double* parameters,
                                             int term) const {
  if (empty()) return {};
  const std::size_t columns = columns_.size();
  // difference[column][compared row] = u - reference, rank-local
  std::vector<std::vector<double>> difference(columns);
  communicator.agree("evaluate", [&] {
    std::vector<double> values(static_cast<std::size_t>(fields_ * std::min(piece_rows, local_)));
    for (std::int64_t first = 0; first < local_; first += piece_rows) {
      const std::int64_t count = std::min(piece_rows, local_ - first);
      TermPoints points = make_point_batch(dimensions_, first, count, points_);
      for (int d = 0; d < dimensions_; ++d)
        std::copy_n(coordinates_[d].begin() + first, count, points.coordinates.begin() + d * count);
      engine.residuals(Stream{}, parameters, term, points, values.data());
      for (std::size_t c = 0; c < columns; ++c) {
        const double* field = values.data() + columns_[c].field * count;
        for (std::int64_t i = 0; i < count; ++i)
          if (columns_[c].compared(first + i)) difference[c].push_back(field[i] - columns_[c].values[first + i]);
      }
    }
  });

  std::vector<double> means(columns), squares(columns), largest(columns), absolute(columns);
  for (std::size_t c = 0; c < columns; ++c)
    for (double value : difference[c]) means[c] += columns_[c].free_constant ? value : 0;
  communicator.sum("evaluate", means.data(), static_cast<std::int64_t>(columns));
  for (std::size_t c = 0; c < columns; ++c) {
    const double mean = means[c] / static_cast<double>(columns_[c].points);
    for (double value : difference[c]) {
      squares[c] += (value - mean) * (value - mean);
      absolute[c] += std::abs(value - mean);
      largest[c] = std::max(largest[c], std::abs(value - mean));
    }
  }
  communicator.sum("evaluate", squares.data(), static_cast<std::int64_t>(columns));
  communicator.sum("evaluate", absolute.data(), static_cast<std::int64_t>(columns));
  communicator.max("evaluate", largest.data(), static_cast<std::int64_t>(columns));

  std::vector<FieldError> errors;
  for (std::size_t c = 0; c < columns; ++c) {
    // std::max drops a NaN, the sum keeps it.
    const double max_abs = std::isfinite(squares[c]) ? largest[c] : std::numeric_limits<double>::quiet_NaN();
    const auto points = static_cast<double>(columns_[c].points);
    errors.push_back({columns_[c].name, std::sqrt(squares[c] / columns_[c].norm_squared), max_abs, columns_[c].absolute,
                      coefficient_of_determination(squares[c], columns_[c].spread), absolute[c] / points,
                      std::sqrt(squares[c] / points)});
  }
  return errors;
}

void write_evaluation(const std::string& path, const std::vector<FieldError>& errors, const ReferenceSet& reference,
                      const std::vector<FieldFit>& held_out, const std::string& parameters, std::int64_t step,
                      const nlohmann::ordered_json& more) {
  nlohmann::ordered_json document;
  for (const FieldError& error : errors)
    document["error"][error.field] = {{"rel_l2", error.rel_l2},
                                      {"max_abs", error.max_abs},
                                      {"r2", error.r2},
                                      {"mae", error.mae},
                                      {"rmse", error.rmse}};
  for (const std::string& note : reference.notes()) document["notes"].push_back(note);
  if (!reference.empty()) {
    document["reference"] = reference.source();
    document["points"] = reference.points();
  }
  if (!held_out.empty()) document["held_out"] = held_out_document(held_out);
  document.update(more);
  document["parameters"] = parameters;
  document["step"] = step >= 0 ? nlohmann::ordered_json(step) : nlohmann::ordered_json();
  document["version"] = version;
  write_text_file(path, document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace jetpinn
