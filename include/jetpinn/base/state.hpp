// What a component must keep to go on later exactly where it stopped. Each component declares its own items, so that a new
// one cannot be forgotten: what a list names is saved, restored and checked, item by item.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace jetpinn {

// A place of fixed length in the component's own memory.
struct RealSlice {
  double* data = nullptr;
  std::int64_t count = 0;
};

// A column whose rows the ranks share. This rank holds those of its blocks, one block after the other; every row belongs to
// exactly one rank. All blocks begin at multiples of block_points, and only the one of the last rows is shorter.
struct SharedColumn {
  const std::vector<Block>* blocks = nullptr;   // rank-local, ascending
  std::int64_t rows = 0;                        // over all ranks
  double* data = nullptr;                       // [rows of the blocks], rank-local
};

// A named place. Replicated, equal on every rank, but for columns. Vectors and texts take the length of what is restored.
struct StateItem {
  std::string name;   // "optimizer/first_moment"
  std::variant<RealSlice, double*, std::int64_t*, std::vector<double>*, std::string*, SharedColumn> place;
};
using State = std::vector<StateItem>;

// Adds `items` under "prefix/", or as they are where the prefix is empty.
void append(State& state, const std::string& prefix, const State& items);

// A column as a checkpoint has it: its rows stay where they are, and whoever needs some of them reads those.
struct ColumnValue {
  std::int64_t rows = 0;
  // Rows first .. first + count - 1 of it to `out`. Not collective. Throws Error where they cannot be read.
  std::function<void(std::int64_t first, std::int64_t count, double* out)> read;

  bool operator==(const ColumnValue& other) const;   // the same bits in every row; reads both
};

// What the places of a State held, by name: numbers as reals (fp64), counters as integers.
using StateValue = std::variant<std::vector<double>, std::int64_t, std::string, ColumnValue>;
using StateValues = std::map<std::string, StateValue>;

// Of a column: a copy of the rows that this rank holds, and no others can be read.
StateValues capture(const State& state);
// Throws Error (storage) naming an item that is missing, unknown, or of another type or length. Nothing is changed then.
// Every rank reads the rows of its own blocks, on whatever number of ranks they were written; that may throw on one rank
// alone.
void restore(const State& state, const StateValues& values);
// The same for some of the items; others may be left over.
void restore_part(const State& state, const StateValues& values);

}  // namespace jetpinn
