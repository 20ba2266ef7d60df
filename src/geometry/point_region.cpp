#include "jetpinn/geometry/point_region.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/piece_measure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t most_pieces = 4096;
constexpr int most_combinations = 1024;                 // &&, || and ! of a set
constexpr std::size_t most_leaves = 2'000'000;          // of all parts of a normal form
constexpr std::size_t most_trial_operations = 30'000;   // of all pieces, for one trial point each

using Conjunction = std::vector<NodeId>;  // leaves joined by &&

std::string shown(double value, int digits = 12) {
  std::ostringstream out;
  out.precision(digits);
  out << (std::abs(value) < std::numeric_limits<double>::min() ? 0 : value);  // beside a strict bound at 0
  return out.str();
}

// The disjunctive normal form of a boolean expression, negations driven down to its leaves. Definitions share what
// stands in several places, so each part is worked out once, and a conjunction names a leaf once: a text of n
// letters could mean 2^n of them.
class NormalForm {
 public:
  explicit NormalForm(ExpressionGraph& graph) : graph_(graph) {}

  std::vector<Conjunction> of(NodeId root) {
    int combined = 0;
    for (NodeId id : reachable(graph_, {root})) combined += is_combination(graph_[id].op);
    if (combined > most_combinations)
      throw Error(Status::usage, "this set combines more than " + std::to_string(most_combinations) +
                                     " conditions; describe it with fewer");
    return part(root, false);
  }

 private:
  static bool is_combination(Op op) { return op == Op::logical_and || op == Op::logical_or || op == Op::logical_not; }

  const std::vector<Conjunction>& part(NodeId id, bool negated) {
    const auto key = std::pair(id, negated);
    if (const auto done = parts_.find(key); done != parts_.end()) return done->second;
    return parts_.emplace(key, expand(id, negated)).first->second;
  }

  std::vector<Conjunction> expand(NodeId id, bool negated) {
    const Node node = graph_[id];  // a copy: the graph may grow
    switch (node.op) {
      case Op::logical_not: return part(node.operand[0], !negated);
      case Op::logical_and:
      case Op::logical_or: {
        // a map's values stay where they are
        const auto &left = part(node.operand[0], negated), &right = part(node.operand[1], negated);
        const bool either = (node.op == Op::logical_or) != negated;
        return either ? joined(left, right) : product(left, right);
      }
      case Op::constant:
        // No leaves: everywhere true; no conjunctions: nowhere.
        return (node.value != 0) != negated ? std::vector<Conjunction>{{}} : std::vector<Conjunction>{};
      default: return {{negated ? negation(id, node) : id}};
    }
  }

  // Pieces in their order, each once.
  class Pieces {
   public:
    explicit Pieces(std::size_t& leaves) : leaves_(leaves) {}
    void add(Conjunction piece) {
      if (!seen_.insert(piece).second) return;
      leaves_ += 1 + piece.size();
      if (list.size() >= most_pieces || leaves_ > most_leaves) refuse();
      list.push_back(std::move(piece));
    }
    std::vector<Conjunction> list;

   private:
    std::set<Conjunction> seen_;
    std::size_t& leaves_;
  };

  [[noreturn]] static void refuse() {
    throw Error(Status::usage,
                "this set has more than " + std::to_string(most_pieces) + " pieces; describe it with fewer alternatives");
  }

  std::vector<Conjunction> joined(const std::vector<Conjunction>& left, const std::vector<Conjunction>& right) {
    Pieces pieces(leaves_);
    for (const auto* side : {&left, &right})
      for (const Conjunction& piece : *side) pieces.add(piece);
    return std::move(pieces.list);
  }

  std::vector<Conjunction> product(const std::vector<Conjunction>& left, const std::vector<Conjunction>& right) {
    if (left.size() * right.size() > most_pieces) refuse();
    Pieces pieces(leaves_);
    for (const Conjunction& a : left) {
      for (const Conjunction& b : right) {
        Conjunction both = a;
        for (NodeId leaf : b)
          if (std::find(both.begin(), both.end(), leaf) == both.end()) both.push_back(leaf);
        pieces.add(std::move(both));
      }
    }
    return std::move(pieces.list);
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
  std::map<std::pair<NodeId, bool>, std::vector<Conjunction>> parts_;
  std::size_t leaves_ = 0;
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

class Builder {
 public:
  Builder(ExpressionGraph& graph, const std::vector<double>& lower, const std::vector<double>& upper,
          const std::vector<std::string>& coordinates, const Shapes& shapes)
      : graph_(graph), lower_(lower), upper_(upper), coordinates_(coordinates), shapes_(shapes) {}

  PointRegion build(NodeId on) {
    PointRegion region{{}, lower_, upper_};
    for (const Conjunction& conjunction : NormalForm(graph_).of(on)) {
      std::vector<NamedShape> bodies;
      Piece piece = make_piece(conjunction, bodies);
      if (!bodies.empty())
        add_border(piece, bodies, on, region);
      else if (!empty(piece))
        region.pieces.push_back(std::move(piece));
    }
    if (region.pieces.empty())
      throw Error(Status::usage, "'" + text(on) + "' selects nothing: no point of the domain satisfies all of it at once");
    drop_contained(region);
    measure(region);
    const auto unmet = [](const Piece& piece) { return piece.measure == 0; };
    region.pieces.erase(std::remove_if(region.pieces.begin(), region.pieces.end(), unmet), region.pieces.end());
    if (region.pieces.empty())
      throw Error(
          Status::usage,
          "'" + text(on) + "' selects nothing: none of " + std::to_string(trial_points) +
              " trial points satisfies its inequalities; check them, or give the thin set by bounds such as x < 0.01");
    return region;
  }

 private:
  void measure(PointRegion& region) const {
    std::size_t operations = 0;
    for (Piece& piece : region.pieces) {
      if (piece.condition >= 0) operations += PointEvaluator(graph_, piece.condition).operations() + piece.lower.size();
      if (operations > most_trial_operations)
        throw Error(Status::usage,
                    "the conditions of this set take more than " + std::to_string(most_trial_operations) +
                        " operations to evaluate; describe it with fewer alternatives or simpler inequalities");
      measure_piece(piece, graph_, lower_, upper_);
    }
  }

  // bodies: those whose border the conjunction names.
  Piece make_piece(const Conjunction& conjunction, std::vector<NamedShape>& bodies) {
    Piece piece{lower_, upper_};
    for (NodeId id : conjunction) {
      const Node node = graph_[id];
      if (const auto named = shapes_.borders.find(id); named != shapes_.borders.end())
        bodies.push_back(named->second);
      else if (node.op == Op::not_equal &&
               shapes_.borders.count(graph_.make(Op::equal, node.operand[0], node.operand[1])) != 0)
        throw Error(Status::usage,
                    "in a set the name of a shape is its border, and what is no part of a border is no set; "
                    "say what is wanted by further shapes or inequalities");
      else if (node.op == Op::equal)
        fix(piece, id, node);
      else if (!clip(piece, node))
        restrict(piece, id);
    }
    if (bodies.empty() && shapes_.inside >= 0) restrict(piece, shapes_.inside);
    return piece;
  }

  void restrict(Piece& piece, NodeId condition) {
    piece.condition = piece.condition < 0 ? condition : graph_.make(Op::logical_and, piece.condition, condition);
  }

  // A piece for each surface of the first body.
  void add_border(const Piece& piece, const std::vector<NamedShape>& bodies, NodeId on, PointRegion& region) const {
    if (bodies.size() > 2)
      throw Error(Status::usage, "this set asks for the borders of " + std::to_string(bodies.size()) +
                                     " shapes at once; two, which share a border, are the most");
    for (const std::size_t d : shapes_.axes)
      if (piece.lower[d] == piece.upper[d])
        throw Error(Status::usage, "'" + text(on) + "' fixes " + coordinates_[d] +
                                       ", in which the border of a shape lies; choose a part of it by inequalities");
    const bool two = bodies.size() == 2;
    for (const auto& border : border_pieces(bodies[0].body)) {
      Piece part = piece;
      part.border = std::make_shared<BorderPart>(BorderPart{bodies[0].name + (two ? " & " + bodies[1].name : ""), border,
                                                            two ? bodies[1].body : nullptr, shapes_.domain, shapes_.axes,
                                                            of_axes(lower_), of_axes(upper_)});
      for (std::size_t k = 0; k < shapes_.axes.size(); ++k) {
        const std::size_t d = shapes_.axes[k];
        part.lower[d] = std::max(part.lower[d], border->shape().lower()[k]);
        part.upper[d] = std::min(part.upper[d], border->shape().upper()[k]);
      }
      if (!empty(part)) region.pieces.push_back(std::move(part));
    }
  }

  std::vector<double> of_axes(const std::vector<double>& bounds) const {
    std::vector<double> out;
    for (const std::size_t d : shapes_.axes) out.push_back(bounds[d]);
    return out;
  }

  void fix(Piece& piece, NodeId id, const Node& node) {
    const auto bound = bound_of(graph_, node);
    if (!bound)
      throw Error(Status::usage, "'" + text(id) +
                                     "' cannot fix a coordinate; write equalities as coordinate == constant, such as " +
                                     coordinates_[0] + " == " + shown(lower_[0]));
    const auto d = static_cast<std::size_t>(bound->coordinate);
    double value = bound->value;
    // A bound of the domain computed another way (0.1 + 0.2 and 0.3) is still that bound.
    const double slack = 8 * std::numeric_limits<double>::epsilon() * std::max({std::fabs(lower_[d]), std::fabs(upper_[d])});
    for (double end : {lower_[d], upper_[d]})
      if (std::fabs(value - end) <= slack) value = end;
    if (!(value >= lower_[d] && value <= upper_[d]))
      throw Error(Status::usage, "'" + text(id) + "' lies outside the domain, where " + coordinates_[d] + " goes from " +
                                     shown(lower_[d]) + " to " + shown(upper_[d]));
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
  void drop_contained(PointRegion& region) const {
    std::vector<Narrowed> pieces;
    for (Piece& piece : region.pieces) pieces.push_back({std::move(piece), {}});
    for (auto& [piece, dimensions] : pieces)
      for (std::size_t d = 0; d < lower_.size(); ++d)
        if (piece.lower[d] > lower_[d] || piece.upper[d] < upper_[d]) dimensions.push_back(d);
    for (std::size_t i = 0; i < pieces.size();) {
      bool inside = false;
      for (std::size_t j = 0; j < pieces.size() && !inside; ++j)
        inside = i != j && contains(pieces[j], pieces[i]) && !(j > i && contains(pieces[i], pieces[j]));
      if (inside) pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i));
      else ++i;
    }
    region.pieces.clear();
    for (Narrowed& kept : pieces) region.pieces.push_back(std::move(kept.piece));
  }

  // A piece and the dimensions in which it is smaller than the domain: the others contain anything.
  struct Narrowed {
    Piece piece;
    std::vector<std::size_t> dimensions;
  };

  static bool contains(const Narrowed& outer, const Narrowed& inner) {
    if (outer.piece.border != inner.piece.border) return false;
    if (outer.piece.condition >= 0 && outer.piece.condition != inner.piece.condition) return false;
    return std::all_of(outer.dimensions.begin(), outer.dimensions.end(), [&](std::size_t d) {
      return inner.piece.lower[d] >= outer.piece.lower[d] && inner.piece.upper[d] <= outer.piece.upper[d];
    });
  }

  std::string text(NodeId id) const { return to_text(graph_, id, coordinates_, {}); }

  ExpressionGraph& graph_;
  const std::vector<double>&lower_, &upper_;
  const std::vector<std::string>& coordinates_;
  const Shapes& shapes_;
};

}  // namespace

bool has_border(const PointRegion& region) {
  return std::any_of(region.pieces.begin(), region.pieces.end(), [](const Piece& piece) { return piece.border != nullptr; });
}

PointRegion domain_region(const std::vector<double>& lower, const std::vector<double>& upper) {
  Piece piece{lower, upper};
  if (empty(piece))
    throw Error(Status::usage, "the domain is empty: every coordinate needs a lower bound below its upper bound");
  return {{piece}, lower, upper};
}

PointRegion boundary_region(const std::vector<double>& lower, const std::vector<double>& upper, std::size_t coordinates) {
  PointRegion region{{}, lower, upper};
  for (std::size_t d = 0; d < coordinates; ++d)
    for (const double bound : {lower[d], upper[d]}) {
      Piece face{lower, upper};
      face.lower[d] = face.upper[d] = bound;
      region.pieces.push_back(std::move(face));
    }
  return region;
}

std::string piece_name(const PointRegion& region, const Piece& piece, const ExpressionGraph& graph,
                       const std::vector<std::string>& coordinates) {
  std::string name;
  const auto add = [&name](const std::string& part) { name += (name.empty() ? "" : " && ") + part; };
  std::vector<double> lower = region.lower, upper = region.upper;
  if (const BorderPart* part = piece.border.get()) {  // bounds that its shape has by itself tell nothing
    add(part->name);
    for (std::size_t k = 0; k < part->axes.size(); ++k) {
      const Shape& shape = part->border->shape();
      lower[part->axes[k]] = std::max(lower[part->axes[k]], shape.lower()[k]);
      upper[part->axes[k]] = std::min(upper[part->axes[k]], shape.upper()[k]);
    }
  }
  for (std::size_t d = 0; d < piece.lower.size(); ++d) {
    if (piece.lower[d] == piece.upper[d]) {
      add(coordinates[d] + " == " + shown(piece.lower[d], 6));
      continue;
    }
    if (piece.lower[d] > lower[d]) add(coordinates[d] + " >= " + shown(piece.lower[d], 6));
    if (piece.upper[d] < upper[d]) add(coordinates[d] + " <= " + shown(piece.upper[d], 6));
  }
  if (piece.condition >= 0) add(to_text(graph, piece.condition, coordinates, {}));
  return name.empty() ? "the domain" : name;
}

PointRegion condition_region(ExpressionGraph& graph, NodeId on, const std::vector<double>& lower,
                             const std::vector<double>& upper, const std::vector<std::string>& coordinates,
                             const Shapes& shapes) {
  return Builder(graph, lower, upper, coordinates, shapes).build(on);
}

}  // namespace jetpinn
