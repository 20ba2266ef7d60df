#include "jetpinn/train/table_rows.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/io/row_table.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/sampling/random.hpp"
#include "jetpinn/sampling/stored_normals.hpp"
#include "jetpinn/sampling/streamed_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <optional>
#include <unordered_set>
#include <utility>

namespace jetpinn {
namespace {

std::string columns_text(const std::vector<std::string>& names) {
  constexpr std::size_t listed = 20;
  std::string all;
  for (std::size_t k = 0; k < std::min(names.size(), listed); ++k) all += (k > 0 ? ", " : "") + names[k];
  return names.empty() ? "nothing" : all + (names.size() > listed ? ", ..." : "");
}

// What a term reads of the places of its points, each from a column of that name. The distance is there beside a normal, and
// has none where nobody reads it.
std::vector<TableColumn> place_attributes(const Problem& problem, const Term& term) {
  std::vector<TableColumn> attributes;
  for (const std::string& name : place_names(problem, term.reads))
    attributes.push_back({name, attributes.empty() && !term.reads.distance ? "" : name});
  return attributes;
}

// What a table does not have of them, for a sentence.
std::string missing_attribute(const std::vector<TableColumn>& attributes, std::size_t which) {
  if (which == 0) return "'sdf', the signed distance to the border of the domain, which this term reads";
  std::string all;
  for (std::size_t k = 1; k < attributes.size(); ++k) all += (k > 1 ? ", " : "") + attributes[k].name;
  return fmt::format("'{}': this term reads normals at its points, and their components are the columns {}",
                     attributes[which].name, all);
}

// A table whose columns are there, numbers, and of one length.
std::unique_ptr<RowTable> open_checked(const Problem& problem, const Term& term) {
  JETPINN_CHECK(term.table, term.name);
  const TermTable& table = *term.table;
  std::unique_ptr<RowTable> file = open_row_table(table.file);
  const std::vector<std::string> names = file->names();
  const auto hint = [&](const std::string& name) {
    const std::string nearest = nearest_name(name, names);
    return (nearest.empty() ? "" : "did you mean '" + nearest + "'? ") + "it has " + columns_text(names);
  };
  const std::vector<std::string>& inputs = problem.symbols.coordinates;
  std::vector<TermColumn> columns = table.columns;
  if (table.holdout_by) columns.push_back(*table.holdout_by);
  for (int d = 0; d < problem.dimensions(); ++d)
    if (const std::string& name = inputs[static_cast<std::size_t>(d)]; !file->has(name))
      fail_at(table.place, table.file + " has no column for the " +
                               (problem.symbols.is_parameter(d) ? "parameter" : "coordinate") + " '" + name + "'; " +
                               hint(name));
  for (const TermColumn& column : columns)
    if (!file->has(column.name))
      fail_at(column.place, column.offset, column.length,
              table.file + " has no column '" + column.name + "'; " + hint(column.name));
  const std::vector<TableColumn> attributes = place_attributes(problem, term);
  for (std::size_t k = 0; k < attributes.size(); ++k)
    if (const std::string& name = attributes[k].column; !name.empty() && !file->has(name))
      fail_at(table.place, table.file + " has no column " + missing_attribute(attributes, k) + "; " + hint(name));
  for (const std::string& name : inputs) file->check_column(name);
  for (const TableColumn& attribute : attributes)
    if (!attribute.column.empty()) file->check_column(attribute.column);
  for (const TermColumn& column : columns) file->check_column(column.name);
  if (file->rows() == 0) fail_at(table.place, table.file + " holds no rows; write at least one");
  return file;
}

// A table of a term in pieces: coordinates, then the columns that the term reads, of data and of places, then the one by
// which rows are held out, each once. Rows that rounding took out of the domain stand on its border.
class Pieces {
 public:
  Pieces(const Problem& problem, const Term& term)
      : problem_(problem), file_(open_checked(problem, term)), names_(problem.symbols.coordinates) {
    const TermTable& table = *term.table;
    for (const std::string& name : names_) {
      const std::size_t d = room_.size();
      room_.push_back(rounding_room(problem.lower[d], problem.upper[d], file_->single(name)));
    }
    for (const TermColumn& column : table.columns) names_.push_back(column.name);
    for (const TableColumn& attribute : place_attributes(problem, term))
      attributes_.push_back(attribute.column.empty() ? nowhere : number_of(attribute.column));
    if (table.holdout_by) group_ = number_of(table.holdout_by->name);
    values_.resize(names_.size() * stride);
    row_.resize(names_.size());
  }
  static constexpr std::int64_t stride = 8192;  // rows of a piece

  const RowTable& file() const { return *file_; }
  const std::vector<std::string>& names() const { return names_; }
  const double* values() const { return values_.data(); }  // [names, stride]
  const double* row() const { return row_.data(); }        // [names] the last one that was visited
  double group() const { return row_[group_]; }            // the value of it by which it is held out, where there is one
  std::vector<double> attributes() const {                 // of it, as they are stored
    std::vector<double> values;
    for (const std::size_t column : attributes_) values.push_back(column == nowhere ? 0 : row_[column]);
    return values;
  }

  // each_row(number, inside) for every row, then each_piece(first, count); `apart` of pieces are far from one another.
  template <class EachRow, class EachPiece>
  void visit(const EachRow& each_row, const EachPiece& each_piece, std::int64_t apart = stride) {
    for (std::int64_t first = 0; first < file_->rows(); first += apart) {
      const std::int64_t count = std::min(stride, file_->rows() - first);
      for (std::size_t c = 0; c < names_.size(); ++c) file_->read(names_[c], first, count, column(c));
      for (std::int64_t i = 0; i < count; ++i) {
        for (std::size_t c = 0; c < names_.size(); ++c) row_[c] = column(c)[i];
        const bool inside = bring_inside(problem_.lower, problem_.upper, room_, row_.data());
        for (std::size_t d = 0; d < room_.size() && inside; ++d) column(d)[i] = row_[d];
        each_row(first + i, inside);
      }
      each_piece(first, count);
    }
  }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  double* column(std::size_t c) { return values_.data() + c * stride; }
  std::size_t number_of(const std::string& name) {  // of a column that is read, from now on
    const auto at = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
    if (at == names_.size()) names_.push_back(name);
    return at;
  }

  const Problem& problem_;
  std::unique_ptr<RowTable> file_;
  std::vector<std::string> names_;
  std::size_t group_ = 0;                // among the names
  std::vector<std::size_t> attributes_;  // the same; nowhere: nobody reads it
  std::vector<double> room_, values_, row_;
};

const auto no_row = [](std::int64_t, bool) {};
const auto no_piece = [](std::int64_t, std::int64_t) {};

// What the rows that a term is trained on have to be: standard deviations of its residuals above zero, normals of length 1.
class RowChecks {
 public:
  RowChecks(const Problem& problem, const Term& term)
      : term_(term), dimensions_(problem.dimensions()), normal_names_(place_names(problem, term.reads)) {
    for (NodeId sigma : term.table->sigmas) values_.emplace_back(problem.graph, sigma);
    if (term.reads.normal) normal_names_.erase(normal_names_.begin());
  }
  // The row that was visited last.
  void check(const Pieces& pieces, std::int64_t row) const {
    std::vector<double> attributes = pieces.attributes();
    if (term_.reads.normal) {
      std::vector<double> normal(attributes.begin() + 1, attributes.end());
      if (!make_unit(normal)) fail_normal(term_.table->file, row, normal_names_, normal);
      std::copy(normal.begin(), normal.end(), attributes.begin() + 1);
    }
    for (std::size_t k = 0; k < values_.size(); ++k)
      if (const double sigma = values_[k](pieces.row(), pieces.row() + dimensions_, attributes.data());
          !(sigma > 0 && std::isfinite(sigma)))
        fail_at(
            term_.table->sigma_places[k],
            fmt::format("the sigma of '{}' is {:.6g} in row {} of {}; a standard deviation is a finite number above zero",
                        term_.name, sigma, row, term_.table->file));
  }

 private:
  const Term& term_;
  int dimensions_;
  std::vector<std::string> normal_names_;
  std::vector<PointEvaluator> values_;  // of the sigmas
};

// Points of a scanned or meshed border lie a little off the border itself, on either side.
class ShapeCheck {
 public:
  ShapeCheck(const Problem& problem, std::int64_t rows)
      : shape_(problem.shape), every_(std::max<std::int64_t>(1, rows / most_rows)) {
    if (!shape_) return;
    for (const int d : problem.symbols.space()) {
      axes_.push_back(static_cast<std::size_t>(d));
      room_ = std::max(room_, room_share * (problem.upper[axes_.back()] - problem.lower[axes_.back()]));
    }
    place_.resize(axes_.size());
  }
  // A row inside of the domain's box.
  void look(const double* row, std::int64_t number, RowsOffShapes& found) {
    if (!shape_ || number % every_ != 0) return;
    for (std::size_t k = 0; k < axes_.size(); ++k) place_[k] = row[axes_[k]];
    ++found.looked_at;
    if (shape_->distance(place_.data()) > room_ && found.off++ == 0) found.first = number;
  }

 private:
  static constexpr std::int64_t most_rows = 10'000;  // that are looked at, or less than twice as many
  static constexpr double room_share = 0.01;  // of the box's longest side
  ShapePointer shape_;
  std::int64_t every_;
  double room_ = 0;
  std::vector<std::size_t> axes_;
  std::vector<double> place_;
};

// Columns that hold one value in all rows.
class ConstantColumns {
 public:
  // Rows that pieces.visit() has just read.
  void look(const Pieces& pieces, std::int64_t count) {
    const bool begins = values_.empty();
    values_.resize(pieces.names().size());
    for (std::size_t c = 0; c < values_.size(); ++c) {
      const double* column = pieces.values() + c * Pieces::stride;
      if (begins) values_[c] = *column;
      if (values_[c] && std::any_of(column, column + count, [&](double value) { return value != *values_[c]; }))
        values_[c].reset();
    }
  }
  std::map<std::string, double> found(const Pieces& pieces) const {
    std::map<std::string, double> columns;
    for (std::size_t c = 0; c < values_.size() && pieces.file().rows() > 1; ++c)
      if (values_[c]) columns[pieces.names()[c]] = *values_[c];
    return columns;
  }

 private:
  std::vector<std::optional<double>> values_;
};

void check_shares(const Term& term, const TableRows& rows, std::int64_t all) {
  const TermTable& table = *term.table;
  if (const std::string refusal = too_many_outside(rows.outside, all, table.file); !refusal.empty())
    fail_at(table.place, refusal);
  if (table.holdout_by && rows.groups == 1)
    fail_at(table.holdout_by->place,
            fmt::format("'{}' has one value in all rows of {}: nothing could be held out, or all of it; "
                        "take a column that differs, or leave holdout_by away",
                        table.holdout_by->name, table.file));
  if (table.holdout > 0 && (rows.held_out->empty() || rows.trained->empty()))
    fail_at(table.place,
            fmt::format("holdout = {:g} leaves {} of {} rows of {} to train on{}; choose another share, or 0", table.holdout,
                        rows.trained->size(), all, table.file,
                        table.holdout_by ? fmt::format(", in {} values of '{}'", rows.groups, table.holdout_by->name) : ""));
}

}  // namespace

std::string too_many_outside(std::int64_t outside, std::int64_t rows, const std::string& name) {
  if (static_cast<double>(outside) <= most_rows_outside * static_cast<double>(rows)) return {};
  return fmt::format(
      "{} of {} rows of {} lie outside the domain, more than {:.0f} %: check the units of its coordinates, "
      "let problem.domain hold them, or take those rows out",
      outside, rows, name, 100 * most_rows_outside);
}

bool is_held_out(std::uint64_t seed, std::int64_t row, double share) {
  return share > 0 && unit_interval(random_words({seed, 0, 0}, Draw::holdout, static_cast<std::uint64_t>(row))[0]) < share;
}

bool is_group_held_out(std::uint64_t seed, double value, double share) {
  return is_held_out(seed, std::bit_cast<std::int64_t>(value + 0.0), share);  // -0 is 0
}

namespace {

// The list of its rows alone is as large as a column, on every rank.
void require_memory(const TermTable& table, const Pieces& pieces) {
  const double bytes = static_cast<double>(pieces.file().rows()) * sizeof(std::int64_t);
  if (bytes > 0.5 * static_cast<double>(available_memory_bytes()))
    fail_at(table.place, fmt::format("{} has {} rows, more than this machine's memory can hold; with stream = true they are "
                                     "read while the run trains on them",
                                     table.file, pieces.file().rows()));
}

// What is wrong with some of its rows is most likely wrong with many.
TableRows look_at_streamed_rows(const Problem& problem, const Term& term) {
  constexpr std::int64_t pieces_looked_at = 16;
  const TermTable& table = *term.table;
  Pieces pieces(problem, term);
  const OpenTable readable(table.file, streamed_columns(stored_rows(problem, term, {}), problem.symbols.coordinates));
  const RowChecks checks(problem, term);
  TableRows rows;
  rows.all = pieces.file().rows();
  rows.held_out = std::make_shared<const std::vector<std::int64_t>>();
  ShapeCheck shapes(problem, rows.all);
  const auto look = [&](std::int64_t row, bool inside) {
    if (!inside) fail_outside(term.table->file, problem.symbols.coordinates, row, pieces.row());
    checks.check(pieces, row);
    shapes.look(pieces.row(), row, rows.shapes);
  };
  pieces.visit(look, no_piece, std::max(Pieces::stride, rows.all / pieces_looked_at));
  return rows;
}

}  // namespace

TableRows read_table_rows(const Problem& problem, const Term& term, std::uint64_t seed) {
  const TermTable& table = *term.table;
  if (table.streamed) return look_at_streamed_rows(problem, term);
  Pieces pieces(problem, term);
  require_memory(table, pieces);
  const RowChecks checks(problem, term);
  std::vector<std::int64_t> trained, held_out;
  std::unordered_set<double> groups;
  TableRows rows;
  ShapeCheck shapes(problem, pieces.file().rows());
  const auto sort_in = [&](std::int64_t row, bool inside) {
    if (!inside) {
      ++rows.outside;
      return;
    }
    checks.check(pieces, row);
    shapes.look(pieces.row(), row, rows.shapes);
    const bool away =
        table.holdout_by ? is_group_held_out(seed, pieces.group(), table.holdout) : is_held_out(seed, row, table.holdout);
    (away ? held_out : trained).push_back(row);
    if (table.holdout_by && groups.insert(pieces.group()).second) rows.groups_held_out += away;
  };
  ConstantColumns constants;
  pieces.visit(sort_in, [&](std::int64_t, std::int64_t count) { constants.look(pieces, count); });
  rows.constants = constants.found(pieces);
  rows.trained = std::make_shared<const std::vector<std::int64_t>>(std::move(trained));
  rows.held_out = std::make_shared<const std::vector<std::int64_t>>(std::move(held_out));
  rows.groups = static_cast<std::int64_t>(groups.size());
  rows.all = pieces.file().rows();
  rows.reader_bytes = pieces.file().held_bytes();
  check_shares(term, rows, rows.all);
  return rows;
}

StoredPointsOptions stored_rows(const Problem& problem, const Term& term, const RowNumbers& rows) {
  StoredPointsOptions options;
  options.file = term.table->file;
  options.attributes = place_attributes(problem, term);
  for (const TermColumn& column : term.table->columns) options.data.push_back({column.name, column.name});
  options.rows = rows;
  options.lower = problem.lower;
  options.upper = problem.upper;
  return options;
}

std::uint64_t table_hash(const Problem& problem, const Term& term) {
  Pieces pieces(problem, term);
  Hash hash;
  pieces.visit(no_row, [&](std::int64_t, std::int64_t count) {
    for (std::size_t c = 0; c < pieces.names().size(); ++c)
      hash.add(pieces.values() + c * Pieces::stride, count * static_cast<std::int64_t>(sizeof(double)));
  });
  return hash.value();
}

void copy_table(const Problem& problem, const Term& term, const std::string& path) {
  Pieces pieces(problem, term);
  PointTableWriter writer(path, pieces.names(), pieces.file().rows(), {{"source", term.table->file}});
  pieces.visit(no_row,
               [&](std::int64_t first, std::int64_t count) { writer.write(first, count, pieces.values(), Pieces::stride); });
  writer.finish();
}

std::int64_t copy_rows_between(const Problem& problem, const Term& term, int coordinate, double above, double up_to,
                               const std::string& path) {
  Pieces pieces(problem, term);
  PointTable chosen{pieces.names(), std::vector<std::vector<double>>(pieces.names().size())};
  pieces.visit(
      [&](std::int64_t, bool inside) {
        const double place = pieces.row()[coordinate];
        if (!inside || !(place > above && place <= up_to)) return;
        for (std::size_t c = 0; c < chosen.columns.size(); ++c) chosen.columns[c].push_back(pieces.row()[c]);
      },
      no_piece);
  if (chosen.rows() > 0 && !path.empty()) write_point_table(path, chosen, {{"source", term.table->file}});
  return chosen.rows();
}

std::string table_sentence(const Term& term, const TableRows& rows) {
  if (term.table->streamed) return fmt::format("{}: {} rows of {}, streamed", term.name, rows.all, term.table->file);
  std::string text = fmt::format("{}: {} rows of {}", term.name, rows.trained->size(), term.table->file);
  if (!rows.held_out->empty()) text += fmt::format(", {} held out", rows.held_out->size());
  if (const auto& by = term.table->holdout_by)
    text += fmt::format(" ({} of {} values of {})", rows.groups_held_out, rows.groups, by->name);
  if (rows.outside > 0) text += fmt::format(", {} outside the domain left out", rows.outside);
  return text;
}

}  // namespace jetpinn
