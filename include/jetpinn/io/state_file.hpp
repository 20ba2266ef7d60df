// State in HDF5: a dataset per item, nested by the slashes in its name; reals float64, counters int64,
// texts of fixed length. One process. Columns whose rows the ranks share are described here and lie in a file of their own
// (column_file.hpp).
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

enum class StateType { real, integer, text, column };
const char* to_string(StateType type);

// What is known of an item without its values. count: numbers, bytes of a text, or rows of a column over all ranks.
struct StateRecord {
  std::string name;
  StateType type = StateType::real;
  std::int64_t count = 0;
  std::uint64_t hash = 0;   // of its bytes in memory, which are those in the file; of a column: hash_of_rows
};

// Rows first .. of a column, first a multiple of block_points: the sum of its blocks' hashes, each with the block's first
// row for a seed, so that it does not matter who holds which block. Wraps.
std::uint64_t hash_of_rows(const double* values, std::int64_t first, std::int64_t count);

// Hashes the values where they lie. Of a column: those of this rank's rows; the sum over ranks is that of the column.
std::vector<StateRecord> describe(const State& state);
std::uint64_t hash_of(const std::vector<StateRecord>& records);

// Throws Error (usage) naming file and dataset where the values found have another hash than was recorded.
void check_hash(const hdf5::InputFile& file, const StateRecord& record, std::uint64_t hash);

void write_state_file(const std::string& path, const State& state);   // without its columns; Error (storage)

// Both leave columns alone, and throw Error (usage) naming file, dataset and reason when the file does not hold what the
// other `records` say. Whole files only: a hash of all bytes should have held before, for the HDF5 library trusts some of
// what it reads.
void verify_state_file(const std::string& path, const std::vector<StateRecord>& records);   // takes little memory
StateValues read_state_file(const std::string& path, const std::vector<StateRecord>& records);

}  // namespace jetpinn
