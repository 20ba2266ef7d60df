#include "jetpinn/geometry/piece.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr double outside_share = 1e-12;  // of a box's length: with rounding, how far a point of a border may leave it

bool is_fixed(const Piece& piece, std::size_t d) { return piece.lower[d] == piece.upper[d]; }

std::vector<double> in_axes(const std::vector<std::size_t>& axes, const double* point) {
  std::vector<double> place;
  for (const std::size_t d : axes) place.push_back(point[d]);
  return place;
}

}  // namespace

bool FlatSide::holds(const double* point) const {
  std::vector<double> normal(axes.size());
  normal[across] = 1;
  return domain->sides(in_axes(axes, point).data(), normal.data(), 0).either();
}

std::shared_ptr<const FlatSide> flat_side(const Piece& piece, const ShapePointer& domain,
                                          const std::vector<std::size_t>& axes) {
  std::vector<std::size_t> across;
  for (std::size_t k = 0; k < axes.size(); ++k)
    if (is_fixed(piece, axes[k])) across.push_back(k);
  if (across.size() != 1) return nullptr;
  const ShapePointer near = domain->in_box(in_axes(axes, piece.lower.data()), in_axes(axes, piece.upper.data())).body;
  return near ? std::make_shared<FlatSide>(FlatSide{near, axes, across[0]}) : nullptr;
}

bool is_empty(const Piece& piece) {
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (!(piece.lower[d] <= piece.upper[d])) return true;
  return false;
}

std::vector<std::size_t> free_coordinates(const Piece& piece) {
  std::vector<std::size_t> free;
  for (std::size_t d = 0; d < piece.lower.size(); ++d) {
    const bool of_border =
        piece.border && std::find(piece.border->axes.begin(), piece.border->axes.end(), d) != piece.border->axes.end();
    if (!of_border && piece.lower[d] < piece.upper[d]) free.push_back(d);
  }
  return free;
}

int dimension_of(const Piece& piece) {
  const std::size_t of_border = piece.border ? piece.border->axes.size() - 1 : 0;
  return static_cast<int>(of_border + free_coordinates(piece).size());
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
    const double rounding = part.border->rounding(place.data());
    for (std::size_t k = 0; k < place.size(); ++k) {
      const std::size_t d = part.axes[k];
      const double room = outside_share * (part.upper[k] - part.lower[k]) + rounding;
      const bool beside = place[k] >= part.lower[k] - room && place[k] <= part.upper[k] + room;
      point[d] = !taken ? std::nan("") : beside ? std::clamp(place[k], part.lower[k], part.upper[k]) : place[k];
    }
  }
  const auto [lower, upper] = drawn_box(piece);
  for (const std::size_t d : free) point[d] = std::min(lower[d] + *fractions++ * (upper[d] - lower[d]), upper[d]);
}

bool is_in(const Piece& piece, const double* point) {
  return is_in_box(piece, point) && (!piece.border || is_in_part(*piece.border, point));
}

bool is_in_box(const Piece& piece, const double* point) {
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (!(point[d] >= piece.lower[d] && point[d] <= piece.upper[d])) return false;
  return true;
}

bool is_in_part(const BorderPart& part, const double* point) {
  const std::vector<double> place = in_axes(part.axes, point);
  return part.border->on_border(place.data()) && (!part.other || part.border->on_border_of(*part.other, place.data())) &&
         (!part.domain || part.border->within(*part.domain, place.data()));
}

bool may_overlap(const Piece& a, const Piece& b) {
  for (std::size_t d = 0; d < a.lower.size(); ++d) {
    if (!(std::max(a.lower[d], b.lower[d]) <= std::min(a.upper[d], b.upper[d]))) return false;
    if (is_fixed(a, d) == is_fixed(b, d)) continue;
    // a face beside a curved border, whose direction is one of the border's coordinates
    const Piece& curved = is_fixed(a, d) ? b : a;
    if ((a.border != nullptr) == (b.border != nullptr) || !curved.border) return false;
    const std::vector<std::size_t>& axes = curved.border->axes;
    if (std::find(axes.begin(), axes.end(), d) == axes.end()) return false;
  }
  return dimension_of(a) == dimension_of(b);
}

bool is_in_other(const Piece& other, const Piece& piece, const double* point) {
  if (!is_in_box(other, point)) return false;
  if (!other.border) return true;
  const BorderPart& part = *other.border;
  const std::vector<double> place = in_axes(part.axes, point);
  std::vector<double> normal;
  for (const std::size_t d : part.axes) normal.push_back(is_fixed(piece, d) ? 1 : 0);
  if (piece.border) piece.border->border->surface().normal(place.data(), normal.data());
  const double error = piece.border ? piece.border->border->rounding(place.data()) : 0;
  const auto sides = [&](const Shape& body) { return body.sides(place.data(), normal.data(), error); };
  return sides(*part.border->body()).differ() && (!part.other || sides(*part.other).differ()) &&
         (!part.domain || sides(*part.domain).either());
}

std::vector<FixedCoordinate> fixed_coordinates(const Piece& piece) {
  std::vector<FixedCoordinate> fixed;
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (is_fixed(piece, d)) fixed.push_back({static_cast<int>(d), piece.lower[d]});
  return fixed;
}

}  // namespace jetpinn
