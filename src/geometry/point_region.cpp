#include "jetpinn/geometry/point_region.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>

namespace jetpinn {
namespace {

constexpr std::size_t most_pieces = 4096;
constexpr int trial_points = 4096;

using Conjunction = std::vector<NodeId>;  // leaves joined by &&

std::string shown(double value) {
  std::ostringstream out;
  out.precision(12);
  out << value;
  return out.str();
}

// The disjunctive normal form of a boolean expression, negations driven down to its leaves.
class NormalForm {
 public:
  explicit NormalForm(ExpressionGraph& graph) : graph_(graph) {}

  std::vector<Conjunction> of(NodeId id, bool negated = false) {
    const Node node = graph_[id];  // a copy: the graph may grow
    switch (node.op) {
      case Op::logical_not: return of(node.operand[0], !negated);
      case Op::logical_and:
      case Op::logical_or: {
        auto left = of(node.operand[0], negated), right = of(node.operand[1], negated);
        const bool either = (node.op == Op::logical_or) != negated;
        return either ? joined(std::move(left), right) : product(left, right);
      }
      case Op::constant:
        // No leaves: everywhere true; no conjunctions: nowhere.
        return (node.value != 0) != negated ? std::vector<Conjunction>{{}} : std::vector<Conjunction>{};
      default: return {{negated ? negation(id, node) : id}};
    }
  }

 private:
  static std::vector<Conjunction> joined(std::vector<Conjunction> left, const std::vector<Conjunction>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
  }

  static std::vector<Conjunction> product(const std::vector<Conjunction>& left, const std::vector<Conjunction>& right) {
    if (left.size() * right.size() > most_pieces)
      throw Error(Status::usage, "this set has more than " + std::to_string(most_pieces) + " pieces; describe it with fewer alternatives");
    std::vector<Conjunction> result;
    for (const Conjunction& a : left) {
      for (const Conjunction& b : right) {
        result.push_back(a);
        result.back().insert(result.back().end(), b.begin(), b.end());
      }
    }
    return result;
  }

  NodeId negation(NodeId id, const Node& node) {
    const NodeId a = node.operand[0], b = node.operand[1];
    switch (node.op) {
      case Op::less: return graph_.make(Op::less_equal, b, a);
      case Op::less_equal: return graph_.make(Op::less, b, a);
      case Op::equal: return graph_.make(Op::not_equal, a, b);
      case Op::not_equal: return graph_.make(Op::equal, a, b);
      default: return graph_.make(Op::logical_not, id);
    }
  }

  ExpressionGraph& graph_;
};

// A comparison of a coordinate with a constant, whichever side it stands on.
struct Bound {
  int coordinate;
  double value;
  bool coordinate_left;
};

std::optional<Bound> bound_of(const ExpressionGraph& graph, const Node& node) {
  for (int side = 0; side < 2; ++side) {
    const Node &one = graph[node.operand[side]], &other = graph[node.operand[1 - side]];
    if (one.op == Op::coordinate && other.op == Op::constant) return Bound{one.index, other.value, side == 0};
  }
  return std::nullopt;
}

bool empty(const Piece& piece) {
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (!(piece.lower[d] <= piece.upper[d])) return true;
  return false;
}

double box_measure(const Piece& piece) {
  double measure = 1;
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (piece.lower[d] < piece.upper[d]) measure *= piece.upper[d] - piece.lower[d];
  return measure;
}

// Point i of a Kronecker sequence in the piece: fractions i * g^-(d+1) with g^(D+1) = g + 1, which spread evenly in any dimension D.
void trial_point(const Piece& piece, int i, std::vector<double>& point) {
  const auto dimensions = static_cast<double>(piece.lower.size());
  double g = 1.5;
  for (int iteration = 0; iteration < 60; ++iteration) g = std::pow(1 + g, 1 / (dimensions + 1));
  double power = 1;
  for (std::size_t d = 0; d < piece.lower.size(); ++d) {
    power /= g;
    const double fraction = std::fmod(0.5 + (i + 1) * power, 1.0);
    point[d] = piece.lower[d] + fraction * (piece.upper[d] - piece.lower[d]);
  }
}

// The share of trial points that meet the condition; a point has one place to try.
double acceptance(const ExpressionGraph& graph, const Piece& piece) {
  std::vector<double> point = piece.lower;
  if (piece.lower == piece.upper) return evaluate(graph, piece.condition, point.data()) != 0 ? 1 : 0;
  int accepted = 0;
  for (int i = 0; i < trial_points; ++i) {
    trial_point(piece, i, point);
    accepted += evaluate(graph, piece.condition, point.data()) != 0;
  }
  return static_cast<double>(accepted) / trial_points;
}

class Builder {
 public:
  Builder(ExpressionGraph& graph, const std::vector<double>& lower, const std::vector<double>& upper,
          const std::vector<std::string>& coordinates)
      : graph_(graph), lower_(lower), upper_(upper), coordinates_(coordinates) {}

  PointRegion build(NodeId on) {
    PointRegion region;
    for (const Conjunction& conjunction : NormalForm(graph_).of(on)) {
      Piece piece = make_piece(conjunction);
      if (!empty(piece)) region.pieces.push_back(std::move(piece));
    }
    if (region.pieces.empty())
      throw Error(Status::usage, "'" + text(on) + "' selects nothing: no point of the domain satisfies all of it at once");
    drop_contained(region);
    for (Piece& piece : region.pieces) piece.measure = box_measure(piece) * (piece.condition < 0 ? 1 : acceptance(graph_, piece));
    const auto unmet = [](const Piece& piece) { return piece.measure == 0; };
    region.pieces.erase(std::remove_if(region.pieces.begin(), region.pieces.end(), unmet), region.pieces.end());
    if (region.pieces.empty())
      throw Error(Status::usage, "'" + text(on) + "' selects nothing: none of " + std::to_string(trial_points) +
                                     " trial points satisfies its inequalities; check them, or give the thin set by bounds such as x < 0.01");
    return region;
  }

 private:
  Piece make_piece(const Conjunction& conjunction) {
    Piece piece{lower_, upper_};
    for (NodeId id : conjunction) {
      const Node node = graph_[id];
      if (node.op == Op::equal) fix(piece, id, node);
      else if (!clip(piece, node)) piece.condition = piece.condition < 0 ? id : graph_.make(Op::logical_and, piece.condition, id);
    }
    return piece;
  }

  void fix(Piece& piece, NodeId id, const Node& node) {
    const auto bound = bound_of(graph_, node);
    if (!bound)
      throw Error(Status::usage, "'" + text(id) + "' cannot fix a coordinate; write equalities as coordinate == constant, such as " +
                                     coordinates_[0] + " == " + shown(lower_[0]));
    const auto d = static_cast<std::size_t>(bound->coordinate);
    double value = bound->value;
    // A bound of the domain computed another way (0.1 + 0.2 and 0.3) is still that bound.
    const double slack = 8 * std::numeric_limits<double>::epsilon() * std::max({std::fabs(lower_[d]), std::fabs(upper_[d])});
    for (double end : {lower_[d], upper_[d]})
      if (std::fabs(value - end) <= slack) value = end;
    if (!(value >= lower_[d] && value <= upper_[d]))
      throw Error(Status::usage, "'" + text(id) + "' lies outside the domain, where " + coordinates_[d] + " goes from " + shown(lower_[d]) +
                                     " to " + shown(upper_[d]));
    piece.lower[d] = std::max(piece.lower[d], value);
    piece.upper[d] = std::min(piece.upper[d], value);
  }

  // Bounds of one coordinate narrow the box; true when the leaf was one.
  bool clip(Piece& piece, const Node& node) {
    if (node.op != Op::less && node.op != Op::less_equal) return false;
    const auto bound = bound_of(graph_, node);
    if (!bound) return false;
    const auto d = static_cast<std::size_t>(bound->coordinate);
    const double outside = bound->coordinate_left ? -HUGE_VAL : HUGE_VAL;
    const double value = node.op == Op::less ? std::nextafter(bound->value, outside) : bound->value;
    if (bound->coordinate_left) piece.upper[d] = std::min(piece.upper[d], value);
    else piece.lower[d] = std::max(piece.lower[d], value);
    return true;
  }

  // "x == 0 || (x == 0 && y < 1)": points of the second piece would be drawn twice.
  static void drop_contained(PointRegion& region) {
    auto& pieces = region.pieces;
    for (std::size_t i = 0; i < pieces.size();) {
      bool inside = false;
      for (std::size_t j = 0; j < pieces.size() && !inside; ++j)
        inside = i != j && contains(pieces[j], pieces[i]) && !(j > i && contains(pieces[i], pieces[j]));
      if (inside) pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i));
      else ++i;
    }
  }

  static bool contains(const Piece& outer, const Piece& inner) {
    if (outer.condition >= 0 && outer.condition != inner.condition) return false;
    for (std::size_t d = 0; d < outer.lower.size(); ++d)
      if (inner.lower[d] < outer.lower[d] || inner.upper[d] > outer.upper[d]) return false;
    return true;
  }

  std::string text(NodeId id) const { return to_text(graph_, id, coordinates_, {}); }

  ExpressionGraph& graph_;
  const std::vector<double>&lower_, &upper_;
  const std::vector<std::string>& coordinates_;
};

}  // namespace

PointRegion domain_region(const std::vector<double>& lower, const std::vector<double>& upper) {
  Piece piece{lower, upper};
  if (empty(piece)) throw Error(Status::usage, "the domain is empty: every coordinate needs a lower bound below its upper bound");
  piece.measure = box_measure(piece);
  return {{piece}};
}

PointRegion condition_region(ExpressionGraph& graph, NodeId on, const std::vector<double>& lower, const std::vector<double>& upper,
                             const std::vector<std::string>& coordinates) {
  return Builder(graph, lower, upper, coordinates).build(on);
}

}  // namespace jetpinn
