#include "jetpinn/app/measurement_stream.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/io/csv_text.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/train/table_rows.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* standard_input = "standard input";
constexpr std::int64_t rows_before_judgement = 100;  // of standard input, before its rows outside the domain are too many

}  // namespace

class MeasurementSource {
 public:
  virtual ~MeasurementSource() = default;
  virtual std::vector<std::string> names() const = 0;
  virtual void choose(const std::vector<std::string>& columns) = 0;  // which of them rows are to have, in this order
  virtual bool next(std::vector<double>& row) = 0;                   // false: the end. Throws Error (usage)
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

 private:
  static constexpr std::int64_t piece_rows = 8192;

  RowTable& table_;
  std::vector<std::string> columns_;
  std::vector<double> piece_;  // [columns, piece_rows]
  std::int64_t at_ = 0;
};

// Lines that are not blank, with their numbers.
class Lines {
 public:
  explicit Lines(std::istream& stream) : stream_(stream) {}
  bool next() {
    while (std::getline(stream_, line_)) {
      ++number_;
      if (!is_blank(line_)) return true;
    }
    return false;
  }
  const std::string& line() const { return line_; }
  std::int64_t number() const { return number_; }

 private:
  std::istream& stream_;
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

 private:
  void parse() {
    object_ = nlohmann::json::parse(lines_.line(), nullptr, false);
    if (!object_.is_object())
      fail("'" + lines_.line().substr(0, longest_shown) + "' is no JSON object",
           R"(write each row as in {"t": 0.1, "x": 0.5, "u": 0.7})");
  }
  [[noreturn]] void fail(const std::string& reason, const std::string& mend) const {
    throw Error(Status::usage,
                std::string(standard_input) + ", line " + std::to_string(lines_.number()) + ": " + reason + "; " + mend);
  }

  static constexpr std::size_t longest_shown = 40;

  Lines lines_;
  std::vector<std::string> columns_;
  nlohmann::json object_;  // of the line at hand
  bool first_ = true;      // it was read to know the names, and not given yet
};

std::unique_ptr<MeasurementSource> open_lines(std::istream& stream) {
  Lines lines(stream);
  if (!lines.next())
    throw Error(Status::usage, std::string(standard_input) + ": it holds no measurements; write a row in each line");
  const std::string& first = lines.line();
  if (first[first.find_first_not_of(" \t")] == '{') return std::make_unique<JsonSource>(std::move(lines));
  return std::make_unique<CsvSource>(std::move(lines));
}

}  // namespace

MeasurementStream::MeasurementStream(Communicator& communicator, const std::string& source, std::istream& lines,
                                     const Problem& problem)
    : problem_(problem), name_(source == "-" ? standard_input : source) {
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
    source_ = open_lines(lines);
  choose_columns();
  for (std::size_t d = 0; d < problem_.lower.size(); ++d)
    room_.push_back(rounding_room(problem_.lower[d], problem_.upper[d], table_ && table_->single(columns_[d])));
  if (!table_) return;
  TableSource all(*table_);
  all.choose(columns_);
  for (std::vector<double> row; all.next(row);) count(row);
  check_outside();
}

void MeasurementStream::choose_columns() {
  const SymbolTable& symbols = problem_.symbols;
  const std::vector<std::string> names = source_->names();
  const auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
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

MeasuredRows MeasurementStream::next(Communicator& communicator, std::int64_t most) {
  std::vector<double> numbers;  // [rows, columns] on rank 0
  communicator.agree("measurements", [&] {
    if (!communicator.root()) return;
    if (trouble_) std::rethrow_exception(trouble_);
    bool more = true;
    std::vector<double> row;
    for (std::int64_t taken = 0; taken < most;) {
      try {
        more = source_->next(row);
      } catch (const Error&) {
        if (taken == 0) throw;
        trouble_ = std::current_exception();
        break;
      }
      if (!more) break;
      const bool inside = table_ ? bring_inside(problem_.lower, problem_.upper, room_, row.data()) : count(row);
      if (!table_ && rows_ >= rows_before_judgement) check_outside();
      if (!inside) continue;
      numbers.insert(numbers.end(), row.begin(), row.end());
      ++taken;
    }
    if (!table_ && !more) check_outside();
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
