// A table whose rows all ranks compute and rank 0 writes. Memory is that of a piece, whatever the number of rows.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/io/point_table.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace jetpinn {

// Rows first .. first + count - 1, row by row: [count, columns].
using MakeRows = std::function<std::vector<double>(std::int64_t first, std::int64_t count)>;

// Who looks on while rows are written, between runs of them.
struct RowWatch {
  std::function<bool()> stop_requested = {};  // whether this rank was asked to stop: it throws Error (stopped)
  std::function<void(std::int64_t, std::int64_t)> tell = {};  // on rank 0: rows that are written, and rows in all
};

// Collective. Each rank makes runs of rows that begin at multiples of base's block_points; `writer` is used on rank 0 alone.
// A row that does not depend on its neighbours is the same on any number of ranks. The table is not finished here.
void write_rows_of_ranks(Communicator& communicator, const char* phase, TableWriter* writer, std::int64_t rows,
                         std::int64_t columns, const MakeRows& make, const RowWatch& watch = {});

// Throws Error (storage), as a write to a full disk does, where the disk of `path` has no room left for so many numbers, and
// Error (usage) where it never had: hours of work must not end with a full one.
void require_space(const std::string& path, std::int64_t rows, double numbers_of_a_row);

}  // namespace jetpinn
