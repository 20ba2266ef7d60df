#include "jetpinn/base/state.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace jetpinn {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

// One run of rows after the other, in as few reads as there are gaps between the blocks.
void read_rows(const ColumnValue& value, const SharedColumn& column) {
  double* out = column.data;
  for (const Block& run : joined_blocks(*column.blocks, column.rows)) {
    value.read(run.first, run.count, out);
    out += run.count;
  }
}

ColumnValue copy_of(const SharedColumn& column) {
  std::vector<double> own(column.data, column.data + rows_of(*column.blocks));
  const auto read = [own = std::move(own), blocks = *column.blocks](std::int64_t first, std::int64_t count, double* out) {
    std::int64_t offset = 0, copied = 0;
    for (const Block& block : blocks) {
      const std::int64_t begin = std::max(first, block.first), end = std::min(first + count, block.first + block.count);
      for (std::int64_t row = begin; row < end; ++row)
        out[row - first] = own[static_cast<std::size_t>(offset + row - block.first)];
      copied += std::max<std::int64_t>(end - begin, 0);
      offset += block.count;
    }
    JETPINN_CHECK(copied == count, "rows of another rank");
  };
  return {column.rows, read};
}

StateValue value_of(const StateItem& item) {
  return std::visit(Overloaded{[](const RealSlice& slice) -> StateValue {
                                 return std::vector<double>(slice.data, slice.data + slice.count);
                               },
                               [](const double* number) -> StateValue { return std::vector<double>{*number}; },
                               [](const std::int64_t* number) -> StateValue { return *number; },
                               [](const std::vector<double>* numbers) -> StateValue { return *numbers; },
                               [](const std::string* text) -> StateValue { return *text; },
                               [](const SharedColumn& column) -> StateValue { return copy_of(column); }},
                    item.place);
}

// Empty: `value` fits the place.
std::string misfit(const StateItem& item, const StateValue& value) {
  const auto* reals = std::get_if<std::vector<double>>(&value);
  const auto length = [](std::int64_t wanted, const std::vector<double>& found) {
    return static_cast<std::int64_t>(found.size()) == wanted
               ? std::string()
               : "it has " + std::to_string(found.size()) + " numbers, " + std::to_string(wanted) + " are needed";
  };
  const std::string type = "it is of another type";
  return std::visit(
      Overloaded{[&](const RealSlice& slice) { return reals ? length(slice.count, *reals) : type; },
                 [&](const double*) { return reals ? length(1, *reals) : type; },
                 [&](const std::int64_t*) { return std::holds_alternative<std::int64_t>(value) ? "" : type; },
                 [&](const std::vector<double>*) { return reals ? "" : type; },
                 [&](const std::string*) { return std::holds_alternative<std::string>(value) ? "" : type; },
                 [&](const SharedColumn& column) {
                   const auto* found = std::get_if<ColumnValue>(&value);
                   if (!found) return type;
                   return found->rows == column.rows ? "" : "it has " + std::to_string(found->rows) + " rows, " +
                                                                std::to_string(column.rows) + " are needed";
                 }},
      item.place);
}

void put(const StateItem& item, const StateValue& value) {
  std::visit(Overloaded{[&](const RealSlice& slice) {
                          const auto& reals = std::get<std::vector<double>>(value);
                          std::copy(reals.begin(), reals.end(), slice.data);
                        },
                        [&](double* number) { *number = std::get<std::vector<double>>(value)[0]; },
                        [&](std::int64_t* number) { *number = std::get<std::int64_t>(value); },
                        [&](std::vector<double>* numbers) { *numbers = std::get<std::vector<double>>(value); },
                        [&](std::string* text) { *text = std::get<std::string>(value); },
                        [&](const SharedColumn& column) { read_rows(std::get<ColumnValue>(value), column); }},
             item.place);
}

[[noreturn]] void fail(const std::string& name, const std::string& reason) {
  throw Error(Status::storage, "the checkpoint does not fit this run: '" + name + "': " + reason +
                                   "; it was written by another version of jetpinn or for another config");
}

}  // namespace

bool ColumnValue::operator==(const ColumnValue& other) const {
  if (rows != other.rows) return false;
  std::vector<double> mine(block_points), others(block_points);
  for (std::int64_t first = 0; first < rows; first += block_points) {
    const std::int64_t count = std::min(block_points, rows - first);
    read(first, count, mine.data());
    other.read(first, count, others.data());
    if (std::memcmp(mine.data(), others.data(), static_cast<std::size_t>(count) * sizeof(double)) != 0) return false;
  }
  return true;
}

void append(State& state, const std::string& prefix, const State& items) {
  for (const StateItem& item : items) state.push_back({prefix.empty() ? item.name : prefix + "/" + item.name, item.place});
}

StateValues capture(const State& state) {
  StateValues values;
  for (const StateItem& item : state) {
    const bool added = values.emplace(item.name, value_of(item)).second;
    JETPINN_CHECK(added, "state item " + item.name + " is declared twice");
  }
  return values;
}

void restore_part(const State& state, const StateValues& values) {
  for (const StateItem& item : state) {
    const auto found = values.find(item.name);
    if (found == values.end()) fail(item.name, "it is missing");
    if (const std::string reason = misfit(item, found->second); !reason.empty()) fail(item.name, reason);
  }
  for (const StateItem& item : state) put(item, values.at(item.name));
}

void restore(const State& state, const StateValues& values) {
  for (const auto& [name, value] : values)
    if (std::none_of(state.begin(), state.end(), [&, wanted = name](const StateItem& item) { return item.name == wanted; }))
      fail(name, "nothing takes it");
  restore_part(state, values);
}

}  // namespace jetpinn
