// What a component must keep to go on later exactly where it stopped. Each component declares its own items, so that a new
// one cannot be forgotten: what a list names is saved, restored and checked, item by item.
#pragma once

#include <cstdint>
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

// A named place. Replicated: equal on every rank. Vectors and texts take the length of what is restored.
struct StateItem {
  std::string name;   // "optimizer/first_moment"
  std::variant<RealSlice, double*, std::int64_t*, std::vector<double>*, std::string*> place;
};
using State = std::vector<StateItem>;

// Adds `items` under "prefix/", or as they are where the prefix is empty.
void append(State& state, const std::string& prefix, const State& items);

// What the places of a State held, by name: numbers as reals (fp64), counters as integers.
using StateValue = std::variant<std::vector<double>, std::int64_t, std::string>;
using StateValues = std::map<std::string, StateValue>;

StateValues capture(const State& state);
// Throws Error (storage) naming an item that is missing, unknown, or of another type or length. Nothing is changed then.
void restore(const State& state, const StateValues& values);
// The same for some of the items; others may be left over.
void restore_part(const State& state, const StateValues& values);

}  // namespace jetpinn
