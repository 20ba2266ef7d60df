// A problem whose initial condition has stored points, and the table that holds them.
#pragma once

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/sampling/sampling_options.hpp"
#include "support/problem_text.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn::testing {

constexpr std::int64_t stored_rows = 3 * block_points + 5;

// Rows in no order of their coordinates; every value tells its column and its row.
inline PointTable stored_table(std::int64_t rows = stored_rows) {
  PointTable table;
  table.names = {"t", "x", "w", "nt", "nx", "sd", "measured", "sigma"};
  table.columns.assign(table.names.size(), std::vector<double>(static_cast<std::size_t>(rows)));
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    const double x = 2 * std::fmod(0.618 * static_cast<double>(row), 1.0) - 1;
    const double values[] = {0, x, 0.5 + 0.25 * x, -1, 0, 0.1 * x, std::sin(3 * x), 2.0 + static_cast<double>(row)};
    for (std::size_t c = 0; c < table.names.size(); ++c) table.columns[c][i] = values[c];
  }
  return table;
}

inline StoredPointsOptions stored_options(const std::string& file) {
  return {file,
          "w",
          {{"normal_t", "nt"}, {"normal_x", "nx"}, {"signed_distance", "sd"}},
          {{"u", "measured"}, {"su", "sigma"}}};
}

// "heat" is generated, "initial" is stored.
inline SamplingOptions stored_sampling(const std::string& file) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 900}};
  sampling.stored["initial"] = stored_options(file);
  return sampling;
}

}  // namespace jetpinn::testing
