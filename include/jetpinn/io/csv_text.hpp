// Comma-separated values: a line of names, then a line a row.
#pragma once

#include "jetpinn/base/utf8.hpp"
#include "jetpinn/io/point_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jetpinn {

// Its lines, one by one, as a table and a stream have them. Any line is read or ends as an Error (usage) naming source and
// line.
class CsvLines {
 public:
  explicit CsvLines(std::string source) : source_(std::move(source)) {}

  void read_names(std::string_view line, std::int64_t number);
  const std::vector<std::string>& names() const { return names_; }

  // Appends the numbers of these columns, which may be NaN or infinite; what stands in the others need be no number.
  void read_row(std::string_view line, std::int64_t number, const std::vector<std::size_t>& columns,
                std::vector<double>& values);
  // The same in two steps: the cells of a line, which stays where it is, then the number in one of them.
  void take_row(std::string_view line, std::int64_t number);
  double value(std::int64_t number, std::size_t column) const;

  [[noreturn]] void fail(std::int64_t number, const std::string& reason, const std::string& mend) const;

 private:
  std::string read_name(std::string_view& line, std::int64_t number, bool& more) const;

  std::string source_;
  std::vector<std::string> names_;
  std::vector<std::string_view> cells_;  // of the line at hand
};

// Nothing but blanks.
bool is_blank(std::string_view line);

struct CsvText {
  PointTable table;
  std::vector<std::string> refusals;  // [columns] why it is no column of numbers, its line with it; empty: it is one
};

// A whole text; empty lines at its end do not count. A column that holds text is refused by who reads it.
CsvText parse_csv(std::string_view text, const std::string& path);

}  // namespace jetpinn
