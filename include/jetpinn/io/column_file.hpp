// The columns of a state whose rows the ranks share, in one HDF5 file: a dataset each, rows by their global index. So the
// file does not depend on how many ranks there were, nor on which of them held what. Nothing takes memory but pieces of
// about 1 MiB.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/io/state_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

bool has_columns(const std::vector<StateRecord>& records);

// By one process: the file with room on the disk for every column. Returns its bytes. Error (storage).
std::int64_t create_column_file(const std::string& path, const std::vector<StateRecord>& records);

// Collective, once every rank sees the file: each writes its rows. Error (storage) on all ranks alike.
void write_column_file(Communicator& communicator, const std::string& path, const State& state);

// Sums of hashes over ranks, in place; they wrap. Collective.
void sum_hashes(Communicator& communicator, std::vector<std::uint64_t>& hashes);
void sum_column_hashes(Communicator& communicator, std::vector<StateRecord>& records);   // of the columns among them

// Every rank hashes its share of the bytes. Collective; Error (storage) on all ranks alike.
std::uint64_t hash_of_column_file(Communicator& communicator, const std::string& path, std::int64_t bytes);

// Empty: the file has these bytes with this hash, and its datasets are what the columns among `records` say. Otherwise what
// is wrong, in the same words on every rank. Collective; each rank looks at a share. Moved: a share whose rows another rank
// wrote where the deal is even, for who wrote may see what did not reach the disk.
std::string column_file_fault(Communicator& communicator, const std::string& path, std::int64_t bytes, std::uint64_t hash,
                              const std::vector<StateRecord>& records, bool moved);

// Adds the columns among `records` as values that are read from the file when they are asked for. Error (usage).
void add_column_values(const std::string& path, const std::vector<StateRecord>& records, StateValues& values);

}  // namespace jetpinn
