// Conditions that ask for different values of the same field where their faces meet, and where a periodic
// coordinate makes two faces one.
//
// Both sides are asked a step inside their own face: the value at the corner itself may be written for either.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/demand.hpp"
#include "jetpinn/network/run_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr double meeting_step = 1e-7;       // of a face's length
constexpr double smallest_jump = 1e-3;      // of the values asked for: below, a rounded constant or a
                                            // truncated series could be meant
constexpr int points_of_a_meeting = 24;
constexpr double most_of_meetings = 1e7;  // of all meetings: some tens of milliseconds

struct Side {
  Demand* demand = nullptr;
  const Piece* piece = nullptr;
  double size = 0;   // the largest value that the condition asks for on this face, of a few
};

struct Contradiction {
  Side a{}, b{};
  double value_a = 0, value_b = 0, largest = 0;   // largest: of all values that both ask for
  std::vector<double> place_a, place_b;
  double jump() const { return std::abs(value_a - value_b); }
};

// Where two faces meet, as a box; nothing: nowhere. along (-1: none): this coordinate's ends count as one place.
std::optional<Piece> meeting_of(const Piece& a, const Piece& b, int along) {
  Piece box = a;
  for (std::size_t d = 0; d < box.lower.size(); ++d) {
    if (static_cast<int>(d) == along) continue;
    box.lower[d] = std::max(a.lower[d], b.lower[d]);
    box.upper[d] = std::min(a.upper[d], b.upper[d]);
    if (box.lower[d] > box.upper[d]) return std::nullopt;
  }
  return box;
}

// The place moved off the border of a piece, into it.
std::vector<double> inside_of(const Piece& piece, std::vector<double> place) {
  for (std::size_t d = 0; d < place.size(); ++d) {
    const double step = meeting_step * (piece.upper[d] - piece.lower[d]);
    place[d] = std::clamp(place[d], piece.lower[d] + step, piece.upper[d] - step);
  }
  return place;
}

class Meetings {
 public:
  explicit Meetings(const Problem& problem) : problem_(problem), demands_(demands_of_conditions(problem)) {
    for (Demand& demand : demands_) {
      // A mean asks for no value at a place.
      if (problem.terms[demand.term()].reduction == Reduction::square_of_mean) continue;
      for (const Piece& piece : problem.terms[demand.term()].region.pieces)
        sides_.push_back({&demand, &piece, size_of(demand, piece)});
    }
  }

  // along: -1, or the periodic coordinate whose two ends are compared. One contradiction per pair
  // of terms and field, the largest.
  std::vector<Contradiction> contradictions(int along) {
    found_.clear();
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    double operations = 0;
    for (std::size_t i = 0; i < sides_.size(); ++i)
      for (std::size_t j = along < 0 ? i + 1 : 0; j < sides_.size(); ++j) {
        if (!comparable(sides_[i], sides_[j], along)) continue;
        pairs.emplace_back(i, j);
        operations +=
            points_of_a_meeting * static_cast<double>(sides_[i].demand->operations() + sides_[j].demand->operations());
      }
    // Of the hundreds of faces of a box in many coordinates every n-th pair is looked at.
    const auto stride = static_cast<std::size_t>(std::max(1.0, std::ceil(operations / most_of_meetings)));
    for (std::size_t p = 0; p < pairs.size(); p += stride) compare(sides_[pairs[p].first], sides_[pairs[p].second], along);
    std::vector<Contradiction> kept;
    for (Contradiction& one : found_)
      if (one.jump() > smallest_jump * one.largest) kept.push_back(std::move(one));
    return kept;
  }

 private:
  bool comparable(const Side& a, const Side& b, int along) const {
    if (a.demand->leaf() != b.demand->leaf()) return false;
    if (along >= 0) {
      const auto d = static_cast<std::size_t>(along);
      const auto fixed_at = [&](const Piece& piece, double value) {
        return piece.lower[d] == value && piece.upper[d] == value;
      };
      if (!fixed_at(*a.piece, problem_.lower[d]) || !fixed_at(*b.piece, problem_.upper[d])) return false;
    }
    return meeting_of(*a.piece, *b.piece, along).has_value();
  }

  Contradiction& entry(const Side& a, const Side& b) {
    for (Contradiction& one : found_)
      if (one.a.demand->term() == a.demand->term() && one.b.demand->term() == b.demand->term() &&
          one.a.demand->leaf() == a.demand->leaf())
        return one;
    found_.push_back({});
    found_.back().a = a;
    found_.back().b = b;
    return found_.back();
  }

  // Random places of the meeting, and its corners first.
  void compare(const Side& a, const Side& b, int along) {
    const Piece box = *meeting_of(*a.piece, *b.piece, along);
    Contradiction& worst = entry(a, b);
    for (std::uint64_t i = 0; i < points_of_a_meeting; ++i) {
      std::vector<double> place = box.lower;
      for (std::size_t d = 0; d < place.size(); ++d) {
        const double share = i < 8 ? static_cast<double>(i >> (d % 3) & 1) : 0.5 * (1 + audit_number(i, d));
        place[d] += share * (box.upper[d] - box.lower[d]);
      }
      std::vector<double> other = place;
      if (along >= 0) other[static_cast<std::size_t>(along)] = problem_.upper[static_cast<std::size_t>(along)];
      ask(a, place, b, other, worst);
    }
  }

  void ask(const Side& a, const std::vector<double>& place_a, const Side& b, const std::vector<double>& place_b,
           Contradiction& worst) {
    const std::vector<double> inside_a = inside_of(*a.piece, place_a), inside_b = inside_of(*b.piece, place_b);
    if (!holds(*a.piece, inside_a) || !holds(*b.piece, inside_b)) return;
    const std::optional<double> value_a = a.demand->at(inside_a), value_b = b.demand->at(inside_b);
    if (!value_a || !value_b) return;
    for (const auto& [side, value] : {std::pair(&a, *value_a), std::pair(&b, *value_b)})
      worst.largest = std::max({worst.largest, std::abs(value), side->size});
    if (!(std::abs(*value_a - *value_b) > worst.jump())) return;
    worst.a = a;
    worst.b = b;
    worst.value_a = *value_a;
    worst.value_b = *value_b;
    worst.place_a = place_a;
    worst.place_b = place_b;
  }

  bool holds(const Piece& piece, const std::vector<double>& place) const {
    return piece.condition < 0 || evaluate(problem_.graph, piece.condition, place.data()) != 0;
  }

  static double size_of(Demand& demand, const Piece& piece) {
    double largest = 0;
    for (std::uint64_t i = 0; i < 4; ++i) {
      std::vector<double> place = piece.lower;
      for (std::size_t d = 0; d < place.size(); ++d)
        place[d] += 0.5 * (1 + audit_number(i, d, 2)) * (piece.upper[d] - piece.lower[d]);
      largest = std::max(largest, std::abs(demand.at(place).value_or(0)));
    }
    return largest;
  }

  const Problem& problem_;
  std::vector<Demand> demands_;
  std::vector<Side> sides_;
  std::vector<Contradiction> found_;
};

std::string names(const Problem& problem, const Contradiction& found) {
  const std::size_t a = found.a.demand->term(), b = found.b.demand->term();
  if (a == b) return fmt::format("'{}' ({})", problem.terms[a].name, term_key(problem, a));
  return fmt::format("'{}' ({}) and '{}' ({})", problem.terms[a].name, term_key(problem, a), problem.terms[b].name,
                     term_key(problem, b));
}

}  // namespace

Warnings audit_meetings(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  Meetings meetings(problem);
  Warnings warnings;
  for (const Contradiction& found : meetings.contradictions(-1))
    warnings.push_back(
        {"contradiction",
         fmt::format("{} ask for {} = {:.4g} and {:.4g} where {} meet, at {}: no network can have both; end one of them "
                     "before that place by an inequality in `on`, or let its value go over into the other's",
                     names(problem, found), short_text(problem, found.a.demand->leaf()), found.value_a, found.value_b,
                     found.a.demand->term() == found.b.demand->term() ? "two of its faces" : "they",
                     place_text(problem, found.place_a))});
  for (const std::string& name : periodic_in_all(input.network)) {
    const auto& coordinates = problem.symbols.coordinates;
    const auto d = std::find(coordinates.begin(), coordinates.end(), name) - coordinates.begin();
    for (const Contradiction& found : meetings.contradictions(static_cast<int>(d))) {
      if (!periodic_outputs(problem, static_cast<int>(d))) break;
      warnings.push_back(
          {"periodic",
           fmt::format("{} ask for {} = {:.4g} at {} and {:.4g} at {}, which network.periodic = [\"{}\"] makes one place: "
                       "take \"{}\" out of network.periodic, or ask for one value",
                       names(problem, found), short_text(problem, found.a.demand->leaf()), found.value_a,
                       place_text(problem, found.place_a), found.value_b, place_text(problem, found.place_b), name, name)});
    }
  }
  return warnings;
}

}  // namespace jetpinn
