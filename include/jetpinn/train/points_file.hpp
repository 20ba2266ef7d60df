// The points of a problem's terms in a file, as a training that begins draws them.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/io/rows_of_ranks.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace jetpinn {

// Collective. A group for each term, or, with the name of one, that term at the root: a dataset per coordinate, n_NAME for
// each space coordinate and time (outward normal, in space that of expressions) and `patch` (which face, from 0) where the
// term lies on faces of the domain or borders of shapes, other_NAME for the linked points of a pair, a dataset per column of
// a table. The same bytes on any number of ranks, memory does not grow with the points. attributes: texts at the root.
// watch: as in write_rows_of_ranks. Returns how many points were written. Throws Error (usage).
std::int64_t write_points(Communicator& communicator, const Assembly& assembly, const std::string& term,
                          const std::string& path, const std::map<std::string, std::string>& attributes,
                          const RowWatch& watch = {});

}  // namespace jetpinn
