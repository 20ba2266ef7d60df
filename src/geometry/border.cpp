#include "jetpinn/geometry/border.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

double rounding_room(double lower, double upper, bool single) {
  const double share = single ? 1e-6 : 1e-12, epsilon = single ? 1.2e-7 : 2.3e-16;
  return share * (upper - lower) + epsilon * std::max(std::abs(lower), std::abs(upper));
}

bool bring_inside(const std::vector<double>& lower, const std::vector<double>& upper, const std::vector<double>& room,
                  double* place) {
  for (std::size_t d = 0; d < room.size(); ++d) {
    if (!(place[d] >= lower[d] - room[d] && place[d] <= upper[d] + room[d])) return false;
    place[d] = std::clamp(place[d], lower[d], upper[d]);
  }
  return true;
}

}  // namespace jetpinn
