#include "jetpinn/app/measurement_stream.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/utf8.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/io/csv_text.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/train/table_rows.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t longest_shown = 40, longest_list = 400;  // bytes of what somebody sent, in a message

constexpr const char* standard_input = "standard input";
constexpr std::int64_t rows_before_judgement = 100;  // of standard input, before its rows outside the domain are too many

}  // namespace

class MeasurementSource {
 public:
  virtual ~MeasurementSource() = default;
  virtual std::vector<std::string> names() const = 0;
  virtual void choose(const std::vector<std::string>& columns) = 0;  // which of them rows are to have, in this order
  virtual bool next(std::vector<double>& row) = 0;                   // false: the end. Throws Error (usage)
  virtual std::int64_t place() const = 0;                            // of the row that came last, or its line; from 1
};

namespace {

class TableSource : public MeasurementSource {
 public:
  explicit TableSource(RowTable& table) : table_(table) {}
  std::vector<std::string> names() const override { return table_.names(); }
  void choose(const std::vector<std::string>& columns) override {
    columns_ = columns;
    for (const std::string& column : columns) table_.check_column(column);
  }
  bool next(std::vector<double>& row) override {
    if (at_ == table_.rows()) return false;
    const auto place = static_cast<std::size_t>(at_ % piece_rows), stride = static_cast<std::size_t>(piece_rows);
    if (place == 0) {
      piece_.resize(columns_.size() * stride);
      for (std::size_t c = 0; c < columns_.size(); ++c)
        table_.read(columns_[c], at_, std::min(piece_rows, table_.rows() - at_), piece_.data() + c * stride);
    }
    row.resize(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c) row[c] = piece_[c * stride + place];
    ++at_;
    return true;
  }
  std::int64_t place() const override { return at_; }

 private:
  static constexpr std::int64_t piece_rows = 8192;

  RowTable& table_;
  std::vector<std::string> columns_;
  std::vector<double> piece_;  // [columns, piece_rows]
  std::int64_t at_ = 0;
};

// Lines that are not blank, with their numbers, without the byte order mark that some programs write first. None comes once
// the program is asked to stop, not even one that was cut off.
class Lines {
 public:
  Lines(std::istream& stream, std::function<bool()> stop) : stream_(stream), stop_(std::move(stop)) {
    stream_.exceptions(std::ios::badbit);  // what cannot be read is no end
  }
  bool next() {
    while (!stop_() && std::getline(stream_, line_)) {
      if (stream_.eof() && stop_()) return false;
      ++number_;
      if (line_.compare(0, byte_order_mark.size(), byte_order_mark) == 0) line_.erase(0, byte_order_mark.size());
      if (!is_blank(line_)) return true;
    }
    return false;
  }
  const std::string& line() const { return line_; }
  std::int64_t number() const { return number_; }

 private:
  std::istream& stream_;
  std::function<bool()> stop_;
  std::string line_;
  std::int64_t number_ = 0;
};

class CsvSource : public MeasurementSource {
 public:
  explicit CsvSource(Lines lines) : lines_(std::move(lines)), csv_(standard_input) {
    csv_.read_names(lines_.line(), lines_.number());
  }
  std::vector<std::string> names() const override { return csv_.names(); }
  void choose(const std::vector<std::string>& columns) override {
    const std::vector<std::string>& names = csv_.names();
    for (const std::string& column : columns)
      places_.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), column) - names.begin()));
  }
  bool next(std::vector<double>& row) override {
    if (!lines_.next()) return false;
    row.clear();
    csv_.read_row(lines_.line(), lines_.number(), places_, row);
    for (std::size_t c = 0; c < row.size(); ++c)
      if (!std::isfinite(row[c]))
        csv_.fail(lines_.number(), "the number in column '" + csv_.names()[places_[c]] + "' is not finite",
                  "leave such points out");
    return true;
  }
  std::int64_t place() const override { return lines_.number(); }

 private:
  Lines lines_;
  CsvLines csv_;
  std::vector<std::size_t> places_;  // [columns] in a line
};

class JsonSource : public MeasurementSource {
 public:
  explicit JsonSource(Lines lines) : lines_(std::move(lines)) { parse(); }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, value] : object_.items()) names.push_back(name);
    return names;
  }
  void choose(const std::vector<std::string>& columns) override { columns_ = columns; }
  bool next(std::vector<double>& row) override {
    if (!std::exchange(first_, false)) {
      if (!lines_.next()) return false;
      parse();
    }
    row.clear();
    for (const std::string& column : columns_) {
      const auto found = object_.find(column);
      if (found == object_.end() || !found->is_number() || !std::isfinite(found->get<double>()))
        fail("'" + column + "' is no finite number in it", "give it one in every line");
      row.push_back(found->get<double>());
    }
    return true;
  }
  std::int64_t place() const override { return lines_.number(); }

 private:
  void parse() {
    try {
      object_ = nlohmann::json::parse(lines_.line());
    } catch (const nlohmann::json::out_of_range&) {
      fail("a number in it is beyond the largest one there is", "leave such points out");
    } catch (const nlohmann::json::exception&) {
      object_ = nullptr;
    }
    if (!object_.is_object())
      fail("'" + shortened(lines_.line(), longest_shown) + "' is no JSON object",
           R"(write each row as in {"t": 0.1, "x": 0.5, "u": 0.7})");
  }
  [[noreturn]] void fail(const std::string& reason, const std::string& mend) const {
    throw Error(Status::usage,
                std::string(standard_input) + ", line " + std::to_string(lines_.number()) + ": " + reason + "; " + mend);
  }

  Lines lines_;
  std::vector<std::string> columns_;
  nlohmann::json object_;  // of the line at hand
  bool first_ = true;      // it was read to know the names, and not given yet
};

// Nothing came: that is the end of the input, or of the wish to wait for it.
[[noreturn]] void fail_without_rows(bool stopped) {
  if (stopped) throw Error(Status::stopped, "stopped before the first row of standard input came; nothing was learned");
  throw Error(Status::usage, std::string(standard_input) + ": it holds no measurements; write a row in each line");
}

std::unique_ptr<MeasurementSource> open_lines(std::istream& stream, const std::function<bool()>& stop) {
  Lines lines(stream, stop);
  if (!lines.next()) fail_without_rows(stop());
  const std::string& first = lines.line();
  if (first[first.find_first_not_of(" \t")] == '{') return std::make_unique<JsonSource>(std::move(lines));
  return std::make_unique<CsvSource>(std::move(lines));
}

}  // namespace

MeasurementStream::MeasurementStream(Communicator& communicator, const std::string& source, std::istream& lines,
                                     const Problem& problem, std::function<bool()> stop)
    : problem_(problem), stop_(std::move(stop)), name_(source == "-" ? standard_input : source) {
  communicator.agree("measurements", [&] {
    if (!communicator.root()) return;
    if (source != "-") table_ = open_row_table(source);
    open(lines);
  });
  std::vector<double> given(problem.symbols.fields.size());
  for (int field : measured_) given[static_cast<std::size_t>(field)] = 1;
  communicator.broadcast("measurements", given.data(), static_cast<std::int64_t>(given.size() * sizeof(double)));
  measured_.clear();
  for (std::size_t f = 0; f < given.size(); ++f)
    if (given[f] != 0) measured_.push_back(static_cast<int>(f));
}

MeasurementStream::~MeasurementStream() = default;

void MeasurementStream::open(std::istream& lines) {
  if (table_)
    source_ = std::make_unique<TableSource>(*table_);
  else
    source_ = open_lines(lines, stop_);
  choose_columns();
  for (std::size_t d = 0; d < problem_.lower.size(); ++d)
    room_.push_back(rounding_room(problem_.lower[d], problem_.upper[d], table_ && table_->single(columns_[d])));
  if (!table_) {
    held_.emplace();
    if (!source_->next(*held_)) fail_without_rows(stop_());
    return;
  }
  TableSource all(*table_);
  all.choose(columns_);
  for (std::vector<double> row; all.next(row);) count(row);
  if (rows_ == 0) throw Error(Status::usage, name_ + ": it holds no rows; write measurements into it");
  check_outside();
}

// The next row of the source. False: the end.
bool MeasurementStream::take(std::vector<double>& row) {
  if (!held_) return source_->next(row);
  row = std::move(*held_);
  held_.reset();
  return true;
}

void MeasurementStream::choose_columns() {
  const SymbolTable& symbols = problem_.symbols;
  const std::vector<std::string> names = source_->names();
  const auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  std::string listed;  // a first line may be anything, of any length
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + shortened(name, longest_shown);
  listed = shortened(listed, longest_list);
  for (const std::string& coordinate : symbols.coordinates) {
    if (!has(coordinate))
      throw Error(Status::usage, name_ + ": the coordinate '" + coordinate + "' is missing; its columns are " + listed);
    columns_.push_back(coordinate);
  }
  for (std::size_t f = 0; f < symbols.fields.size(); ++f) {
    if (!has(symbols.fields[f])) continue;
    columns_.push_back(symbols.fields[f]);
    measured_.push_back(static_cast<int>(f));
  }
  if (measured_.empty())
    throw Error(Status::usage, name_ + ": no field was measured; a column has the name of a field, as '" +
                                   symbols.fields[0] + "'; its columns are " + listed);
  source_->choose(columns_);
}

// Whether the row lies in the domain; rounding is taken off it.
bool MeasurementStream::count(std::vector<double>& row) {
  const bool inside = bring_inside(problem_.lower, problem_.upper, room_, row.data());
  ++rows_;
  outside_ += inside ? 0 : 1;
  return inside;
}

void MeasurementStream::check_outside() const {
  const std::string refusal = too_many_outside(outside_, rows_, name_);
  if (!refusal.empty()) throw Error(Status::usage, refusal);
}

MeasuredData MeasurementStream::data(std::int64_t most_rows) const {
  MeasuredData data{table_ ? table_->path() : "-", columns_, 0, ""};
  if (!table_) return data;
  TableSource rows(*table_);
  rows.choose(columns_);
  Hash hash;
  for (std::vector<double> row; data.rows < most_rows && rows.next(row); ++data.rows)
    hash.add(row.data(), static_cast<std::int64_t>(row.size() * sizeof(double)));
  data.hash = hex(hash.value());
  return data;
}

// Appends rows inside the domain, up to `most`. Where it throws, those that it appended are rows all the same.
void MeasurementStream::read(std::int64_t most, std::vector<double>& numbers) {
  std::vector<double> row;
  places_.clear();
  for (std::int64_t taken = 0; taken < most;) {
    if (!take(row)) {
      if (!table_ && !stop_()) check_outside();
      return;
    }
    const bool inside = table_ ? bring_inside(problem_.lower, problem_.upper, room_, row.data()) : count(row);
    if (inside) {
      numbers.insert(numbers.end(), row.begin(), row.end());
      places_.push_back(source_->place());
      ++taken;
    }
    if (!table_ && rows_ >= rows_before_judgement) check_outside();
  }
}

std::int64_t MeasurementStream::lines() const { return source_->place(); }

std::string MeasurementStream::row_name(std::int64_t row) const {
  return name_ + (table_ ? ", row " : ", line ") + std::to_string(places_[static_cast<std::size_t>(row)]);
}

MeasuredRows MeasurementStream::next(Communicator& communicator, std::int64_t most) {
  std::vector<double> numbers;  // [rows, columns] on rank 0
  communicator.agree("measurements", [&] {
    if (!communicator.root()) return;
    if (trouble_) std::rethrow_exception(trouble_);
    try {
      read(most, numbers);
    } catch (const Error&) {
      if (numbers.empty()) throw;
      trouble_ = std::current_exception();  // the rows before it are given first
    }
  });
  const std::size_t dimensions = problem_.symbols.coordinates.size(), columns = dimensions + measured_.size();
  auto count = static_cast<std::int64_t>(numbers.size() / columns);
  communicator.broadcast("measurements", &count, sizeof count);
  numbers.resize(columns * static_cast<std::size_t>(count));
  communicator.broadcast("measurements", numbers.data(), static_cast<std::int64_t>(numbers.size() * sizeof(double)));
  MeasuredRows result;
  result.coordinates.resize(dimensions);
  result.fields.resize(measured_.size());
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    const std::size_t c = at % columns;
    (c < dimensions ? result.coordinates[c] : result.fields[c - dimensions]).push_back(numbers[at]);
  }
  return result;
}

}  // namespace jetpinn
