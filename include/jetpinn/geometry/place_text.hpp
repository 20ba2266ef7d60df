// A point as sentences name it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace jetpinn {

// "t = 0.25, x = -1": as many numbers as there are names, of more than `most` the first ones. digits: significant ones
inline std::string place_text(const std::vector<std::string>& coordinates, const double* place, int digits = 6,
                              std::size_t most = 16) {
  std::string text;
  for (std::size_t d = 0; d < std::min(coordinates.size(), most); ++d)
    text += fmt::format("{}{} = {:.{}g}", d == 0 ? "" : ", ", coordinates[d], place[d], digits);
  return coordinates.size() > most ? text + ", ..." : text;
}

}  // namespace jetpinn
