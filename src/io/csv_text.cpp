#include "jetpinn/io/csv_text.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
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

// The number that is all of a cell; a plus in front of it is as good as none.
std::optional<double> number_in(std::string_view cell) {
  if (!cell.empty() && cell.front() == '+') cell.remove_prefix(1);
  double value = 0;
  const auto [end, trouble] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (trouble != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return value;
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
  if (line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);  // a byte order mark
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
  if (is_blank(line)) fail(number, "it is empty", "rows follow one another without empty lines");
  cells_.clear();
  for (bool more = true; more;) {
    const std::size_t comma = std::min(line.find(','), line.size());
    cells_.push_back(trimmed(line.substr(0, comma)));
    more = comma < line.size();
    if (more) line.remove_prefix(comma + 1);
  }
  if (cells_.size() != names_.size())
    fail(number,
         "it has " + std::to_string(cells_.size()) + (cells_.size() == 1 ? " value" : " values") +
             ", the first line names " + std::to_string(names_.size()) + " columns",
         "all columns of a table have one length");
  for (const std::size_t column : columns) {
    const std::optional<double> value = number_in(cells_[column]);
    if (!value)
      fail(number, "'" + shown(cells_[column]) + "' in column '" + shown(names_[column]) + "' is not a number",
           "numbers are written as in -1.5e-3");
    values.push_back(*value);
  }
}

PointTable parse_csv(std::string_view text, const std::string& path) {
  while (!text.empty() && (text.back() == '\n' || is_blank(text.substr(text.size() - 1)))) text.remove_suffix(1);
  if (text.empty() || text == "\xEF\xBB\xBF")
    throw Error(Status::usage, path + ": it is empty; the first line names the columns, as in x,u");
  CsvLines lines(path);
  std::int64_t number = 1;
  lines.read_names(take_line(text), number);
  PointTable table{lines.names(), std::vector<std::vector<double>>(lines.names().size())};
  std::vector<std::size_t> all(lines.names().size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::vector<double> row; !text.empty(); row.clear()) {
    lines.read_row(take_line(text), ++number, all, row);
    for (const std::size_t c : all) table.columns[c].push_back(row[c]);
  }
  return table;
}

}  // namespace jetpinn
