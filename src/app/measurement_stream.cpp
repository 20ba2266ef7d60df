#include "jetpinn/app/measurement_stream.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace jetpinn {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream stream(line + ",");
  for (std::string cell; std::getline(stream, cell, ',');) {
    const std::size_t begin = cell.find_first_not_of(" \t\r"), end = cell.find_last_not_of(" \t\r");
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

std::optional<double> number_of(const std::string& cell) {
  double value = 0;
  const auto [end, trouble] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (trouble != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return {};
  return value;
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

// The first of `line`'s bytes, for messages.
std::string shortened(const std::string& line) { return line.size() > 60 ? line.substr(0, 60) + "..." : line; }

}  // namespace

MeasurementStream::MeasurementStream(Communicator& communicator, const std::string& source, std::istream& lines,
                                     const SymbolTable& symbols)
    : lines_(lines), dimensions_(symbols.coordinates.size()) {
  communicator.agree("measurements", [&] {
    if (communicator.root()) open(source, symbols);
  });
  std::vector<double> given(symbols.fields.size());
  for (int field : measured_) given[static_cast<std::size_t>(field)] = 1;
  communicator.broadcast("measurements", given.data(), static_cast<std::int64_t>(given.size() * sizeof(double)));
  measured_.clear();
  for (std::size_t f = 0; f < given.size(); ++f)
    if (given[f] != 0) measured_.push_back(static_cast<int>(f));
}

void MeasurementStream::fail(const std::string& what) const {
  throw Error(Status::usage, "standard input:" + std::to_string(at_) + ": " + what);
}

bool MeasurementStream::read_line(std::string& line) {
  if (!first_.empty()) {
    line = std::move(first_);
    first_.clear();
    return true;
  }
  while (std::getline(lines_, line)) {
    ++at_;
    if (!is_blank(line)) return true;
  }
  return false;
}

void MeasurementStream::open(const std::string& source, const SymbolTable& symbols) {
  std::vector<std::string> names;
  if (source != "-") {
    table_ = open_row_table(source);
    names = table_->names();
  } else {
    if (!read_line(first_)) throw Error(Status::usage, "standard input: it holds no measurements; write a row in each line");
    if (first_[first_.find_first_not_of(" \t")] == '{') {
      const auto object = nlohmann::json::parse(first_, nullptr, false);
      if (!object.is_object()) fail("this is no JSON object: " + shortened(first_));
      for (const auto& [name, value] : object.items()) names.push_back(name);
    } else {
      names = cells_of(first_);
      first_.clear();
    }
  }
  const bool csv = source == "-" && first_.empty();
  const auto take = [&](const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return false;
    columns_.push_back(name);
    if (csv) places_.push_back(static_cast<std::size_t>(at - names.begin()));
    if (table_) table_->check_column(name);
    return true;
  };
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
  const std::string from = source == "-" ? "standard input" : source;
  for (const std::string& coordinate : symbols.coordinates)
    if (!take(coordinate))
      throw Error(Status::usage, from + ": the coordinate '" + coordinate + "' is missing; its columns are " + listed);
  for (std::size_t f = 0; f < symbols.fields.size(); ++f)
    if (take(symbols.fields[f])) measured_.push_back(static_cast<int>(f));
  if (measured_.empty())
    throw Error(Status::usage, from + ": no field was measured; a column has the name of a field, as '" + symbols.fields[0] +
                                   "'; its columns are " + listed);
}

// [columns]
std::vector<double> MeasurementStream::numbers_of(const std::string& line) const {
  std::vector<double> numbers;
  if (!places_.empty()) {
    const std::vector<std::string> cells = cells_of(line);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto number = places_[c] < cells.size() ? number_of(cells[places_[c]]) : std::nullopt;
      if (!number) fail("'" + columns_[c] + "' is no finite number in this line: " + shortened(line));
      numbers.push_back(*number);
    }
    return numbers;
  }
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) fail("this is no JSON object: " + shortened(line));
  for (const std::string& column : columns_) {
    if (!object.contains(column) || !object[column].is_number() || !std::isfinite(object[column].get<double>()))
      fail("'" + column + "' is no finite number in this line: " + shortened(line));
    numbers.push_back(object[column].get<double>());
  }
  return numbers;
}

MeasuredRows MeasurementStream::next(Communicator& communicator, std::int64_t most) {
  std::vector<double> numbers;  // [columns, rows]
  std::int64_t count = 0;
  communicator.agree("measurements", [&] {
    if (!communicator.root()) return;
    if (table_) {
      count = std::min(most, table_->rows() - at_);
      numbers.resize(columns_.size() * static_cast<std::size_t>(count));
      for (std::size_t c = 0; c < columns_.size() && count > 0; ++c)
        table_->read(columns_[c], at_, count, numbers.data() + c * static_cast<std::size_t>(count));
      at_ += count;
      return;
    }
    std::vector<std::vector<double>> rows;
    if (trouble_) std::rethrow_exception(trouble_);
    for (std::string line; !trouble_ && static_cast<std::int64_t>(rows.size()) < most && read_line(line);) try {
        rows.push_back(numbers_of(line));
      } catch (const Error&) {
        if (rows.empty()) throw;
        trouble_ = std::current_exception();
      }
    count = static_cast<std::int64_t>(rows.size());
    for (std::size_t c = 0; c < columns_.size(); ++c)
      for (const std::vector<double>& row : rows) numbers.push_back(row[c]);
  });
  communicator.broadcast("measurements", &count, sizeof count);
  const std::size_t columns = dimensions_ + measured_.size(), rows = static_cast<std::size_t>(count);
  numbers.resize(columns * rows);
  communicator.broadcast("measurements", numbers.data(), static_cast<std::int64_t>(numbers.size() * sizeof(double)));
  MeasuredRows result;
  for (std::size_t c = 0; c < columns; ++c)
    (c < dimensions_ ? result.coordinates : result.fields)
        .emplace_back(numbers.begin() + static_cast<std::ptrdiff_t>(c * rows),
                      numbers.begin() + static_cast<std::ptrdiff_t>((c + 1) * rows));
  return result;
}

}  // namespace jetpinn
