#include "jetpinn/io/csv_text.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
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

// The number that is all of a cell; a plus in front of it is as good as none.
std::optional<double> number_in(std::string_view cell) {
  if (!cell.empty() && cell.front() == '+') cell.remove_prefix(1);
  double value = 0;
  const auto [end, trouble] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (trouble != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& path) : rest_(text), path_(path) {
    if (rest_.substr(0, 3) == "\xEF\xBB\xBF") rest_.remove_prefix(3);  // a byte order mark
    while (!rest_.empty() && (trimmed(rest_.substr(rest_.size() - 1)).empty() || rest_.back() == '\n'))
      rest_.remove_suffix(1);
  }

  PointTable parse() {
    if (rest_.empty()) fail("it is empty", "the first line names the columns, as in x,u");
    PointTable table;
    table.names = read_names();
    table.columns.resize(table.names.size());
    while (!rest_.empty()) read_row(table);
    return table;
  }

 private:
  [[noreturn]] void fail(const std::string& reason, const std::string& mend) const {
    throw Error(Status::usage, path_ + (line_ > 0 ? ", line " + std::to_string(line_) : "") + ": " + reason + "; " + mend);
  }

  std::string_view next_line() {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
    return line;
  }

  std::vector<std::string> read_names() {
    std::string_view line = next_line();
    std::vector<std::string> names;
    for (bool more = true; more;) {
      const std::string name = read_name(line, more);
      if (name.empty()) fail("a column has no name", "name every column in the first line, as in x,u");
      if (number_in(name)) fail("'" + shown(name) + "' is a number", "the first line names the columns, as in x,u");
      if (std::find(names.begin(), names.end(), name) != names.end())
        fail("two columns are called '" + shown(name) + "'", "give each a name of its own");
      if (names.size() == most_columns) fail("it has more than 10000 columns", "leave out those that are not used");
      names.push_back(name);
    }
    if (names.size() == 1 && names[0].find_first_of(";\t") != std::string::npos)
      fail("'" + shown(names[0]) + "' is one name", "columns are separated by commas, as in x,u");
    return names;
  }

  // Up to the next comma, or in quotation marks, where two of them stand for one.
  std::string read_name(std::string_view& line, bool& more) {
    std::string name;
    line = trimmed(line);
    if (!line.empty() && line.front() == '"') {
      std::size_t at = 1;
      for (; at < line.size(); ++at) {
        if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
        if (line[at] == '"') ++at;
        name += line[at];
      }
      if (at >= line.size()) fail("a quotation mark is not closed", "close it in the same line");
      line = trimmed(line.substr(at + 1));
      if (!line.empty() && line.front() != ',') fail("text follows a quoted name", "put a comma between two names");
    } else {
      const std::size_t comma = std::min(line.find(','), line.size());
      name = trimmed(line.substr(0, comma));
      line.remove_prefix(comma);
    }
    more = !line.empty();
    if (more) line.remove_prefix(1);
    return name;
  }

  void read_row(PointTable& table) {
    std::string_view line = next_line();
    const auto values = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
    if (trimmed(line).empty()) fail("it is empty", "rows follow one another without empty lines");
    if (values != table.names.size())
      fail("it has " + std::to_string(values) + (values == 1 ? " value" : " values") + ", the first line names " +
               std::to_string(table.names.size()) + " columns",
           "all columns of a table have one length");
    for (std::size_t c = 0; c < table.names.size(); ++c) {
      const std::size_t comma = std::min(line.find(','), line.size());
      const std::string_view cell = trimmed(line.substr(0, comma));
      const std::optional<double> value = number_in(cell);
      if (!value)
        fail("'" + shown(cell) + "' in column '" + shown(table.names[c]) + "' is not a number",
             "numbers are written as in -1.5e-3");
      table.columns[c].push_back(*value);
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
  }

  static std::string shown(std::string_view text) { return std::string(text.substr(0, longest_shown)); }

  std::string_view rest_;
  const std::string& path_;
  std::int64_t line_ = 0;
};

}  // namespace

PointTable parse_csv(std::string_view text, const std::string& path) { return Parser(text, path).parse(); }

}  // namespace jetpinn
