#include "jetpinn/geometry/piece_measure.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/piece_filter.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t most_trial_operations = 30'000;  // of all pieces, for one trial point each
// Points that tell the share of a piece where some of the first trial_points lie in it, and that takes few operations.
constexpr std::size_t most_trial_points = 32'768;

// A face of 1000 s is as large as one of 2 mm where both go all along the domain: units of a
// coordinate are a choice of its user.
double box_measure(const Piece& piece, const std::vector<double>& lower, const std::vector<double>& upper) {
  const DrawnBox drawn = drawn_box(piece);
  double measure = 1;
  for (const std::size_t d : free_coordinates(piece)) measure *= (drawn.upper[d] - drawn.lower[d]) / (upper[d] - lower[d]);
  return measure;
}

// How much larger a surface is where each coordinate is measured in the domain's length along it: |det S| |S^-1 n|, with S
// the diagonal of one over these lengths and n the normal.
double stretch(const BorderPart& part, const double* normal, const std::vector<double>& lower,
               const std::vector<double>& upper) {
  double determinant = 1, square = 0;
  for (std::size_t k = 0; k < part.axes.size(); ++k) {
    const double unit = upper[part.axes[k]] - lower[part.axes[k]];
    determinant /= unit;
    square += unit * normal[k] * unit * normal[k];
  }
  return determinant * std::sqrt(square);
}

// Trial point i of a Kronecker sequence: fractions i * g^-(d+1) with g^(D+1) = g + 1, which spread evenly in any dimension
// D.
class Trials {
 public:
  explicit Trials(std::size_t dimensions) : dimensions_(dimensions) {
    for (int iteration = 0; iteration < 60; ++iteration) g_ = std::pow(1 + g_, 1 / (static_cast<double>(dimensions) + 1));
  }
  void fractions(int i, double* out) const {
    double power = 1;
    for (std::size_t d = 0; d < dimensions_; ++d) {
      power /= g_;
      const double place = 0.5 + (i + 1) * power;
      out[d] = place - std::floor(place);
    }
  }

 private:
  std::size_t dimensions_;
  double g_ = 1.5;
};

// The share of trial points that belong to the piece; a point has one place to try.
double acceptance(const Piece& piece, const PieceFilter& filter, std::size_t most_trials) {
  if (!filter.restricts()) return 1;
  if (piece.known_share > 0) return piece.known_share;
  if (piece.lower == piece.upper) return filter.accepts(piece, piece.lower.data()) ? 1 : 0;
  const std::vector<std::size_t> free = free_coordinates(piece);
  std::vector<double> point(piece.lower.size()), fractions(free.size());
  const Trials trials(free.size());
  std::size_t accepted = 0, tried = 0;
  for (; tried < trial_points || (accepted > 0 && tried < most_trials); ++tried) {
    trials.fractions(static_cast<int>(tried), fractions.data());
    place_in(piece, free, fractions.data(), point.data());
    accepted += filter.accepts(piece, point.data());
  }
  return static_cast<double>(accepted) / static_cast<double>(tried);
}

// Of a part of a border: its size in the coordinates' own units, and in those of the domain's lengths.
struct BorderSize {
  double own = 0, scaled = 0;
};

// Which trial points of a surface belong to the border.
enum class Tried : std::uint8_t { not_yet, refused, accepted };

// Trial points are those of the whole surface, so that pieces of one surface are measured by the same ones. tried:
// [trial_points] of the piece's border, whatever the piece.
BorderSize border_size(const Piece& piece, const PieceFilter& filter, const std::vector<double>& lower,
                       const std::vector<double>& upper, std::vector<Tried>& tried) {
  const std::vector<std::size_t> free = free_coordinates(piece);
  const BorderPart& part = *piece.border;
  const Surface& surface = part.border->surface();
  std::vector<double> point(piece.lower.size()), fractions(static_cast<std::size_t>(parameters_of(piece))),
      place(part.axes.size()), normal(part.axes.size());
  const Trials trials(fractions.size());
  const int number = fractions.empty() ? 1 : trial_points;
  BorderSize size;
  for (int i = 0; i < number; ++i) {
    trials.fractions(i, fractions.data());
    place_in(piece, free, fractions.data(), point.data());
    if (!is_in_box(piece, point.data())) continue;
    Tried& of_border = tried[static_cast<std::size_t>(i)];
    if (of_border == Tried::not_yet) of_border = is_in_part(part, point.data()) ? Tried::accepted : Tried::refused;
    if (of_border == Tried::refused || !filter.keeps(piece, point.data())) continue;
    for (std::size_t k = 0; k < place.size(); ++k) place[k] = point[part.axes[k]];
    surface.normal(place.data(), normal.data());
    size.own += 1;
    size.scaled += place.size() == 1 ? 1 : stretch(part, normal.data(), lower, upper);
  }
  double lengths = surface.measure() / number;
  size.scaled *= lengths * box_measure(piece, lower, upper);
  for (const std::size_t d : free) lengths *= piece.upper[d] - piece.lower[d];
  size.own *= lengths;
  return size;
}

}  // namespace

void measure_pieces(std::vector<Piece>& pieces, const ExpressionGraph& graph, const std::vector<double>& lower,
                    const std::vector<double>& upper) {
  // Where a coordinate beside the border is fixed, other numbers place its trial points.
  std::map<std::pair<const BorderPart*, int>, std::vector<Piece*>> of_border;
  std::size_t operations = 1;  // for one trial point of each piece without a border
  for (const Piece& piece : pieces)
    if (!piece.border) operations += PieceFilter(piece, graph).operations();
  const std::size_t most_trials = std::min(most_trial_points, most_trial_operations * trial_points / operations);
  for (Piece& piece : pieces) {
    if (piece.border)
      of_border[{piece.border.get(), parameters_of(piece)}].push_back(&piece);
    else
      piece.measure = box_measure(piece, lower, upper) * acceptance(piece, PieceFilter(piece, graph), most_trials);
  }
  for (const auto& [border, sharing] : of_border) {
    std::vector<Tried> tried(trial_points, Tried::not_yet);
    for (Piece* piece : sharing) {
      const BorderSize size = border_size(*piece, PieceFilter(*piece, graph), lower, upper, tried);
      piece->measure = size.scaled;
      piece->size = size.own;
    }
  }
}

void limit_trial_operations(std::size_t operations) {
  if (operations > most_trial_operations)
    throw Error(Status::usage, "the conditions of this set take more than " + std::to_string(most_trial_operations) +
                                   " operations to evaluate; describe it with fewer alternatives or simpler inequalities");
}

}  // namespace jetpinn
