// Derivatives of what jumps: they ignore the jump, which in a conservation law is the condition between two materials.
//
// An expression that is differentiated along a coordinate is followed along lines of that coordinate, its fields replaced by
// smooth waves. Where one of its jumping functions changes its branch, the values on both sides are compared: what is
// continuous there loses nothing.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/field_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr int most_lines = 64, intervals = 64;
constexpr double most_operations = 2e6;   // of all lines of one derivative: some milliseconds
constexpr double smallest_leap = 1e-6;    // of the largest value: both sides lie 1e-12 of the line apart

struct Leap {
  double size = 0, largest = 0;   // of the values on its two sides; of all values seen
  std::vector<double> place;
};

// One line through a piece along a coordinate.
class Line {
 public:
  Line(FieldValues& values, const Piece& piece, int along, std::uint64_t number)
      : values_(values), piece_(piece), along_(static_cast<std::size_t>(along)), place_(piece.lower),
        fields_(values.leaves().size()) {
    for (std::size_t d = 0; d < place_.size(); ++d)
      place_[d] += 0.5 * (1 + audit_number(number, d)) * (piece.upper[d] - piece.lower[d]);
  }

  void follow(Leap& largest) {
    at(0);
    std::uint64_t branch = values_.branch();
    for (int i = 1; i <= intervals; ++i) {
      const double before = static_cast<double>(i - 1) / intervals, now = static_cast<double>(i) / intervals;
      const double value = at(now);
      const std::uint64_t here = values_.branch();
      if (std::isfinite(value)) largest.largest = std::max(largest.largest, std::abs(value));
      if (here != branch) compare(before, now, branch, largest);
      branch = here;
    }
  }

 private:
  // At a share of the line. Smooth waves stand for the fields.
  double at(double share) {
    place_[along_] = piece_.lower[along_] + share * (piece_.upper[along_] - piece_.lower[along_]);
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      fields_[f] = 0.5 * audit_number(f, 1000);
      for (std::size_t d = 0; d < place_.size(); ++d) {
        const double length = piece_.upper[d] - piece_.lower[d];
        if (length > 0) fields_[f] += std::sin(4 * (place_[d] - piece_.lower[d]) / length + 3 * audit_number(f, d, 1));
      }
    }
    return values_(place_.data(), fields_.data());
  }

  // The first change of branch between two shares, by bisection, and what the expression does there.
  void compare(double low, double high, std::uint64_t branch, Leap& largest) {
    for (int halving = 0; halving < 40 && high - low > 1e-12; ++halving) {
      const double middle = 0.5 * (low + high);
      at(middle);
      (values_.branch() == branch ? low : high) = middle;
    }
    const double left = at(low), right = at(high);
    if (!(std::abs(right - left) > largest.size)) return;
    largest.size = std::abs(right - left);
    largest.place = place_;
  }

  FieldValues& values_;
  const Piece& piece_;
  std::size_t along_;
  std::vector<double> place_, fields_;
};

// The largest leap of an expression along a coordinate over the pieces of a term; size 0: none.
Leap largest_leap(const Problem& problem, const Term& term, const JumpDerivative& derivative) {
  FieldValues values(problem.graph, derivative.of, term.pair);
  const double line_operations = static_cast<double>(values.operations()) * intervals;
  const int lines = std::clamp(static_cast<int>(most_operations / line_operations), 1, most_lines);
  Leap largest;
  int left = lines;
  for (const Piece& piece : term.region.pieces) {
    const auto d = static_cast<std::size_t>(derivative.by);
    if (piece.border || !(piece.lower[d] < piece.upper[d])) continue;  // lines along a coordinate leave a border
    for (int l = 0; l < lines && left > 0; ++l, --left)
      Line(values, piece, derivative.by, static_cast<std::uint64_t>(l)).follow(largest);
  }
  if (!(largest.size > smallest_leap * largest.largest)) largest.size = 0;
  return largest;
}

}  // namespace

Warnings audit_jumps(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  const auto& coordinates = problem.symbols.coordinates;
  Warnings warnings;
  for (std::size_t t = 0; t < problem.terms.size(); ++t)
    for (const JumpDerivative& derivative : problem.terms[t].jump_derivatives) {
      const Leap leap = largest_leap(problem, problem.terms[t], derivative);
      if (leap.size == 0) continue;
      const auto d = static_cast<std::size_t>(derivative.by);
      const std::string mend = fmt::format(
          "use a region per material and a condition on their interface, or a smooth step such as "
          "(1 + tanh(({} - {:.3g})/{:.2g}))/2",
          coordinates[d], leap.place[d], 0.02 * (problem.upper[d] - problem.lower[d]));
      warnings.push_back(
          {"jump", fmt::format("'{}' ({}) differentiates {} by {}, which leaps at {} (by {:.2g} of its largest value), and "
                               "the derivative does not see that jump: {}",
                               problem.terms[t].name, term_key(problem, t), short_text(problem, derivative.of),
                               coordinates[d], place_text(problem, leap.place), leap.size / leap.largest, mend)});
    }
  return warnings;
}

}  // namespace jetpinn
