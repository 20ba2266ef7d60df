#include "jetpinn/geometry/piece.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr double border_room = 1e-12;  // of a box's length: what rounding moves a point of a border out of it

}  // namespace

std::vector<std::size_t> free_coordinates(const Piece& piece) {
  std::vector<std::size_t> free;
  for (std::size_t d = 0; d < piece.lower.size(); ++d) {
    const bool of_border =
        piece.border && std::find(piece.border->axes.begin(), piece.border->axes.end(), d) != piece.border->axes.end();
    if (!of_border && piece.lower[d] < piece.upper[d]) free.push_back(d);
  }
  return free;
}

int parameters_of(const Piece& piece) {
  const int own = piece.border ? piece.border->border->surface().parameters() : 0;
  return own + static_cast<int>(free_coordinates(piece).size());
}

void place_in(const Piece& piece, const std::vector<std::size_t>& free, const double* fractions, double* point) {
  std::copy(piece.lower.begin(), piece.lower.end(), point);
  if (piece.border) {
    const BorderPart& part = *piece.border;
    const Surface& surface = part.border->surface();
    std::vector<double> place(part.axes.size());
    const bool taken = surface.place(fractions, place.data());
    fractions += surface.parameters();
    for (std::size_t k = 0; k < place.size(); ++k) {
      const std::size_t d = part.axes[k];
      const double room = border_room * (part.upper[k] - part.lower[k]);
      const bool beside = place[k] >= part.lower[k] - room && place[k] <= part.upper[k] + room;
      point[d] = !taken ? std::nan("") : beside ? std::clamp(place[k], part.lower[k], part.upper[k]) : place[k];
    }
  }
  for (const std::size_t d : free)
    point[d] = std::min(piece.lower[d] + *fractions++ * (piece.upper[d] - piece.lower[d]), piece.upper[d]);
}

bool is_in(const Piece& piece, const double* point) {
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (!(point[d] >= piece.lower[d] && point[d] <= piece.upper[d])) return false;
  if (!piece.border) return true;
  const BorderPart& part = *piece.border;
  std::vector<double> place;
  for (const std::size_t d : part.axes) place.push_back(point[d]);
  return part.border->on_border(place.data()) && (!part.other || part.border->on_border_of(*part.other, place.data())) &&
         (!part.domain || part.border->within(*part.domain, place.data()));
}

std::vector<FixedCoordinate> fixed_coordinates(const Piece& piece) {
  std::vector<FixedCoordinate> fixed;
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (piece.lower[d] == piece.upper[d]) fixed.push_back({static_cast<int>(d), piece.lower[d]});
  return fixed;
}

}  // namespace jetpinn
