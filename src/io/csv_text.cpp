#include "jetpinn/io/csv_text.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace jetpinn {
namespace {

constexpr std::size_t longest_shown = 40, most_columns = 10000;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string shown(std::string_view text) { return std::string(text.substr(0, longest_shown)); }

// The number that is all of a cell; a plus in front of it is as good as none. Where it is beyond the numbers that there are:
// zero, or infinite.
std::optional<double> number_in(std::string_view cell) {
  if (!cell.empty() && cell.front() == '+') cell.remove_prefix(1);
  double value = 0;
  const auto [end, trouble] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size()) return std::nullopt;
  if (trouble == std::errc::result_out_of_range) return std::strtod(std::string(cell).c_str(), nullptr);
  if (trouble != std::errc()) return std::nullopt;
  return value;
}

// Where a text in quotation marks ends, of which two stand for one; the end of the line where it does not.
std::size_t end_of_quoted(std::string_view line) {
  for (std::size_t at = 1;; at += 2) {
    at = line.find('"', at);
    if (at == std::string_view::npos) return line.size();
    if (at + 1 == line.size() || line[at + 1] != '"') return at;
  }
}

// Up to the next comma, which goes; those in quotation marks are the cell's own.
std::string_view take_cell(std::string_view& line, bool& more) {
  line = trimmed(line);
  const std::size_t quoted = !line.empty() && line.front() == '"' ? end_of_quoted(line) : 0;
  const std::size_t comma = std::min(line.find(',', quoted), line.size());
  std::string_view cell = trimmed(line.substr(0, comma));
  if (quoted > 0 && quoted + 1 == cell.size()) cell = cell.substr(1, quoted - 1);  // nothing but what is quoted
  more = comma < line.size();
  line.remove_prefix(more ? comma + 1 : comma);
  return cell;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

bool is_blank(std::string_view line) { return trimmed(line).empty(); }

void CsvLines::fail(std::int64_t number, const std::string& reason, const std::string& mend) const {
  throw Error(Status::usage, source_ + ", line " + std::to_string(number) + ": " + reason + "; " + mend);
}

void CsvLines::read_names(std::string_view line, std::int64_t number) {
  if (line.substr(0, byte_order_mark.size()) == byte_order_mark) line.remove_prefix(byte_order_mark.size());
  for (bool more = true; more;) {
    const std::string name = read_name(line, number, more);
    if (name.empty()) fail(number, "a column has no name", "name every column in the first line, as in x,u");
    if (number_in(name)) fail(number, "'" + shown(name) + "' is a number", "the first line names the columns, as in x,u");
    if (std::find(names_.begin(), names_.end(), name) != names_.end())
      fail(number, "two columns are called '" + shown(name) + "'", "give each a name of its own");
    if (names_.size() == most_columns) fail(number, "it has more than 10000 columns", "leave out those that are not used");
    names_.push_back(name);
  }
  if (names_.size() == 1 && names_[0].find_first_of(";\t") != std::string::npos)
    fail(number, "'" + shown(names_[0]) + "' is one name", "columns are separated by commas, as in x,u");
}

// Up to the next comma, or in quotation marks, where two of them stand for one.
std::string CsvLines::read_name(std::string_view& line, std::int64_t number, bool& more) const {
  std::string name;
  line = trimmed(line);
  if (!line.empty() && line.front() == '"') {
    std::size_t at = 1;
    for (; at < line.size(); ++at) {
      if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
      if (line[at] == '"') ++at;
      name += line[at];
    }
    if (at >= line.size()) fail(number, "a quotation mark is not closed", "close it in the same line");
    line = trimmed(line.substr(at + 1));
    if (!line.empty() && line.front() != ',') fail(number, "text follows a quoted name", "put a comma between two names");
  } else {
    const std::size_t comma = std::min(line.find(','), line.size());
    name = trimmed(line.substr(0, comma));
    line.remove_prefix(comma);
  }
  more = !line.empty();
  if (more) line.remove_prefix(1);
  return name;
}

void CsvLines::read_row(std::string_view line, std::int64_t number, const std::vector<std::size_t>& columns,
                        std::vector<double>& values) {
  take_row(line, number);
  for (const std::size_t column : columns) values.push_back(value(number, column));
}

double CsvLines::value(std::int64_t number, std::size_t column) const {
  if (const std::optional<double> value = number_in(cells_[column])) return *value;
  fail(number, "'" + shown(cells_[column]) + "' in column '" + shown(names_[column]) + "' is not a number",
       "numbers are written as in -1.5e-3");
}

void CsvLines::take_row(std::string_view line, std::int64_t number) {
  if (is_blank(line)) fail(number, "it is empty", "rows follow one another without empty lines");
  cells_.clear();
  for (bool more = true; more;) cells_.push_back(take_cell(line, more));
  if (cells_.size() != names_.size())
    fail(number,
         "it has " + std::to_string(cells_.size()) + (cells_.size() == 1 ? " value" : " values") +
             ", the first line names " + std::to_string(names_.size()) + " columns",
         "all columns of a table have one length");
}

CsvText parse_csv(std::string_view text, const std::string& path) {
  while (!text.empty() && (text.back() == '\n' || is_blank(text.substr(text.size() - 1)))) text.remove_suffix(1);
  if (text.empty() || text == byte_order_mark)
    throw Error(Status::usage, path + ": it is empty; the first line names the columns, as in x,u");
  CsvLines lines(path);
  std::int64_t number = 1;
  lines.read_names(take_line(text), number);
  const std::size_t columns = lines.names().size();
  CsvText read{{lines.names(), std::vector<std::vector<double>>(columns)}, std::vector<std::string>(columns)};
  while (!text.empty()) {
    lines.take_row(take_line(text), ++number);
    for (std::size_t c = 0; c < columns; ++c) {
      double value = NAN;
      if (read.refusals[c].empty()) {
        try {
          value = lines.value(number, c);
        } catch (const Error& error) {
          read.refusals[c] = error.what();
        }
      }
      read.table.columns[c].push_back(value);
    }
  }
  return read;
}

}  // namespace jetpinn
