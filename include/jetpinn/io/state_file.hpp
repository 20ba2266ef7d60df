// State in HDF5: a dataset per item, nested by the slashes in its name; reals float64, counters int64,
// texts of fixed length. One process.
#pragma once

#include "jetpinn/base/state.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

enum class StateType { real, integer, text };
const char* to_string(StateType type);

// What is known of an item without its values. count: numbers, or bytes of a text.
struct StateRecord {
  std::string name;
  StateType type = StateType::real;
  std::int64_t count = 0;
  std::uint64_t hash = 0;   // of its bytes in memory, which are those in the file
};

// Hashes the values where they lie.
std::vector<StateRecord> describe(const State& state);
std::uint64_t hash_of(const std::vector<StateRecord>& records);

void write_state_file(const std::string& path, const State& state);   // Error (storage)

// Both throw Error (usage) naming file, dataset and reason when the file does not hold what `records` say. Whole files only:
// a hash of all bytes should have held before, for the HDF5 library trusts some of what it reads.
void verify_state_file(const std::string& path, const std::vector<StateRecord>& records);   // takes little memory
StateValues read_state_file(const std::string& path, const std::vector<StateRecord>& records);

}  // namespace jetpinn
