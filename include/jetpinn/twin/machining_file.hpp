// The table of the machining twin as an HDF5 file.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/io/rows_of_ranks.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// Collective. The same bytes on any number of ranks, memory does not grow with the rows. A file that is there already is
// replaced where it is the same table. Throws Error (usage) for a path that cannot be used, or that another file is at,
// Error (storage) later. watch: as in write_rows_of_ranks.
void write_machining(Communicator& communicator, const std::string& path, std::int64_t rows, std::uint64_t seed,
                     const RowWatch& watch = {});

}  // namespace jetpinn
