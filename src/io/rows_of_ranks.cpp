#include "jetpinn/io/rows_of_ranks.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/types.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>

namespace jetpinn {
namespace {

// Rows that a rank makes at once: what rank 0 gathers stays small with many ranks too.
std::int64_t rows_per_rank(int ranks) {
  return std::clamp<std::int64_t>((std::int64_t{1} << 18) / ranks / block_points * block_points, block_points, 8192);
}

// Consecutive ranks' rows are joined end to end, a table is written by columns.
void write_columns(TableWriter& writer, std::int64_t first, const std::vector<double>& rows, std::int64_t columns) {
  const std::int64_t count = static_cast<std::int64_t>(rows.size()) / columns;
  std::vector<double> transposed(rows.size());
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < columns; ++c)
      transposed[static_cast<std::size_t>(c * count + i)] = rows[static_cast<std::size_t>(i * columns + c)];
  writer.write(first, count, transposed.data(), count);
}

}  // namespace

void write_rows_of_ranks(Communicator& communicator, const char* phase, TableWriter* writer, std::int64_t rows,
                         std::int64_t columns, const MakeRows& make, const RowWatch& watch) {
  const std::int64_t share = rows_per_rank(communicator.size());
  for (std::int64_t first = 0; first < rows; first += share * communicator.size()) {
    const std::int64_t begin = std::min(first + share * communicator.rank(), rows), end = std::min(begin + share, rows);
    std::vector<double> made;
    communicator.agree(phase, [&] {
      if (watch.stop_requested && watch.stop_requested())
        throw Error(Status::stopped, std::string(phase) + ": stopped on request before its file was whole; what was there " +
                                         "before stays, and the same command begins again");
      made = make(begin, end - begin);
    });
    const std::vector<double> gathered = communicator.gather_rows(phase, made);
    communicator.agree(phase, [&] {
      ScopedRegion region(Region::io);
      if (communicator.root()) write_columns(*writer, first, gathered, columns);
    });
    if (watch.tell && communicator.root()) watch.tell(std::min(first + share * communicator.size(), rows), rows);
  }
}

void require_space(const std::string& path, std::int64_t rows, double numbers_of_a_row) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  std::error_code trouble;
  const auto space = std::filesystem::space(folder, trouble);
  const double bytes = static_cast<double>(rows) * numbers_of_a_row * sizeof(double);
  if (!trouble && bytes > static_cast<double>(space.available))
    throw Error(bytes > static_cast<double>(space.capacity) ? Status::usage : Status::storage,
                path + ": " + std::to_string(rows) + " points need more space than is left on the disk; take fewer " +
                    "points, or another place with --file");
}

}  // namespace jetpinn
