#include "jetpinn/geometry/point_region.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/geometry/piece_filter.hpp"
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
    for (const Conjunction& conjunction : NormalForm(graph_).of(on)) {
      std::vector<NamedShape> bodies;
      Piece piece = make_piece(conjunction, bodies);
      if (!bodies.empty())
        add_border(piece, bodies, on);
      else if (!empty(piece))
        add(piece, std::make_shared<Piece>(piece));
    }
    require_some(pieces_.size(), on, "no point of the domain satisfies all of it at once");
    drop_contained();
    leave_out_earlier();
    PointRegion region{{}, lower_, upper_};
    measure(region);
    require_some(
        region.pieces.size(), on,
        "none of " + std::to_string(trial_points) +
            " trial points satisfies its inequalities; check them, or give the thin set by bounds such as x < 0.01");
    return region;
  }

 private:
  // A piece that may be one, with the alternative that it belongs to, and the dimensions in which it is smaller than the
  // domain: the others contain anything.
  struct Candidate {
    Piece piece;
    std::size_t alternative;
    std::vector<std::size_t> dimensions;
  };

  // whole: the alternative, of all surfaces of its border.
  void add(Piece piece, const std::shared_ptr<const Piece>& whole) {
    if (alternatives_.empty() || alternatives_.back() != whole) alternatives_.push_back(whole);
    std::vector<std::size_t> dimensions;
    for (std::size_t d = 0; d < lower_.size(); ++d)
      if (piece.lower[d] > lower_[d] || piece.upper[d] < upper_[d]) dimensions.push_back(d);
    pieces_.push_back({std::move(piece), alternatives_.size() - 1, std::move(dimensions)});
  }

  void require_some(std::size_t pieces, NodeId on, const std::string& why) const {
    if (pieces == 0) throw Error(Status::usage, "'" + text(on) + "' selects nothing: " + why);
  }

  static void limit_trial(std::size_t operations) {
    if (operations > most_trial_operations)
      throw Error(Status::usage, "the conditions of this set take more than " + std::to_string(most_trial_operations) +
                                     " operations to evaluate; describe it with fewer alternatives or simpler inequalities");
  }

  void measure(PointRegion& region) {
    std::size_t operations = 0;
    for (Candidate& one : pieces_) {
      operations += PieceFilter(one.piece, graph_).operations();
      limit_trial(operations);
      measure_piece(one.piece, graph_, lower_, upper_);
      if (one.piece.measure != 0) region.pieces.push_back(std::move(one.piece));
    }
  }

  // bodies: those whose border the conjunction names.
  Piece make_piece(const Conjunction& conjunction, std::vector<NamedShape>& bodies) {
    Piece piece{lower_, upper_};
    for (NodeId id : conjunction) {
      if (const auto named = shapes_.borders.find(id); named != shapes_.borders.end()) {
        bodies.push_back(named->second);
        continue;
      }
      require_no_border(id);
      const Node node = graph_[id];
      if (node.op == Op::equal)
        fix(piece, id, node);
      else if (!clip(piece, node))
        restrict(piece, id);
    }
    if (bodies.empty() && shapes_.inside >= 0) restrict(piece, shapes_.inside);
    return piece;
  }

  // The border of a shape is a set, no truth value that anything is made of.
  void require_no_border(NodeId id) {
    if (shapes_.borders.empty()) return;
    const std::vector<NodeId> nodes = reachable(graph_, {id});
    const auto is_border = [&](NodeId node) { return shapes_.borders.count(node) != 0; };
    const Node node = graph_[id];
    const bool outside = node.op == Op::not_equal && is_border(graph_.make(Op::equal, node.operand[0], node.operand[1]));
    if (outside || std::any_of(nodes.begin(), nodes.end(), is_border))
      throw Error(
          Status::usage,
          "in a set the name of a shape is its border, which is joined to other sets by && and || and stands neither "
          "behind ! nor in a comparison or a function; say what is wanted by further shapes or inequalities");
  }

  void restrict(Piece& piece, NodeId condition) {
    piece.condition = piece.condition < 0 ? condition : graph_.make(Op::logical_and, piece.condition, condition);
  }

  // A piece for each surface of the first body.
  void add_border(const Piece& piece, const std::vector<NamedShape>& bodies, NodeId on) {
    if (bodies.size() > 2)
      throw Error(Status::usage, "this set asks for the borders of " + std::to_string(bodies.size()) +
                                     " shapes at once; two, which share a border, are the most");
    for (const std::size_t d : shapes_.axes)
      if (piece.lower[d] == piece.upper[d])
        throw Error(Status::usage, "'" + text(on) + "' fixes " + coordinates_[d] +
                                       ", in which the border of a shape lies; choose a part of it by inequalities");
    const bool two = bodies.size() == 2;
    std::shared_ptr<const Piece> whole;
    for (const auto& border : border_pieces(bodies[0].body)) {
      BorderPart of_surface{bodies[0].name + (two ? " & " + bodies[1].name : ""),
                            border,
                            two ? bodies[1].body : nullptr,
                            shapes_.domain,
                            shapes_.axes,
                            of_axes(lower_),
                            of_axes(upper_)};
      if (!whole) {
        Piece all = piece;
        all.border = std::make_shared<BorderPart>(of_surface);
        whole = std::make_shared<Piece>(std::move(all));
      }
      if (shapes_.domain) {
        const Shape::Local local = shapes_.domain->in_box(border->lower(), border->upper());
        if (!local.body && !local.holds) continue;
        of_surface.domain = local.body;
      }
      Piece part = piece;
      for (std::size_t k = 0; k < shapes_.axes.size(); ++k) {
        const std::size_t d = shapes_.axes[k];
        part.lower[d] = std::max(part.lower[d], border->lower()[k]);
        part.upper[d] = std::min(part.upper[d], border->upper()[k]);
      }
      part.border = std::make_shared<BorderPart>(std::move(of_surface));
      if (!empty(part)) add(std::move(part), whole);
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
  void drop_contained() {
    for (std::size_t i = 0; i < pieces_.size();) {
      bool inside = false;
      for (std::size_t j = 0; j < pieces_.size() && !inside; ++j)
        inside = i != j && contains(pieces_[j], pieces_[i]) && !(j > i && contains(pieces_[i], pieces_[j]));
      if (inside)
        pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(i));
      else ++i;
    }
  }

  static bool contains(const Candidate& outer, const Candidate& inner) {
    const BorderPart *a = outer.piece.border.get(), *b = inner.piece.border.get();
    if ((a || b) && !(a && b && a->border->same_surface(*b->border) && a->other == b->other)) return false;
    if (!meets_condition(outer.piece, inner.piece)) return false;
    return std::all_of(outer.dimensions.begin(), outer.dimensions.end(), [&](std::size_t d) {
      return inner.piece.lower[d] >= outer.piece.lower[d] && inner.piece.upper[d] <= outer.piece.upper[d];
    });
  }

  // Whether all points of the inner piece meet the outer one's condition.
  static bool meets_condition(const Piece& outer, const Piece& inner) {
    return outer.condition < 0 || outer.condition == inner.condition;
  }

  // "x < 0.5 || y < 0.5": what two alternatives have in common belongs to the first of them.
  void leave_out_earlier() {
    std::size_t comparisons = 0;
    std::set<std::size_t> kept;
    for (const Candidate& one : pieces_) kept.insert(one.alternative);
    for (Candidate& one : pieces_) {
      Piece& piece = one.piece;
      for (auto e = kept.begin(); e != kept.end() && *e < one.alternative; ++e)
        if (may_overlap(*alternatives_[*e], piece) && !cut_off(*alternatives_[*e], piece))
          piece.earlier.push_back(alternatives_[*e]);
      const auto apart = [&](const auto& earlier) { return !may_overlap(*earlier, piece); };
      piece.earlier.erase(std::remove_if(piece.earlier.begin(), piece.earlier.end(), apart), piece.earlier.end());
      comparisons += piece.earlier.size() * piece.lower.size();
      limit_trial(comparisons);
    }
    pieces_.erase(std::remove_if(pieces_.begin(), pieces_.end(), [](const Candidate& one) { return empty(one.piece); }),
                  pieces_.end());
  }

  // Takes what an earlier alternative holds away from a piece where a box is left, which needs no trials.
  bool cut_off(const Piece& earlier, Piece& piece) const {
    const BorderPart *a = earlier.border.get(), *b = piece.border.get();
    if ((a || b) && !(a && b && a->border->body() == b->border->body() && a->other == b->other)) return false;
    if (!meets_condition(earlier, piece)) return false;
    std::vector<std::size_t> beyond;
    for (std::size_t d = 0; d < lower_.size(); ++d)
      if (piece.lower[d] < earlier.lower[d] || piece.upper[d] > earlier.upper[d]) beyond.push_back(d);
    if (beyond.size() > 1) return false;
    const std::size_t d = beyond.empty() ? 0 : beyond[0];
    const bool from_below = earlier.lower[d] <= piece.lower[d], from_above = earlier.upper[d] >= piece.upper[d];
    if (!from_below && !from_above) return false;
    if (from_below)
      piece.lower[d] = std::nextafter(earlier.upper[d], HUGE_VAL);
    else
      piece.upper[d] = std::nextafter(earlier.lower[d], -HUGE_VAL);
    // What is left beside a strict bound is the bound.
    if (piece.upper[d] - piece.lower[d] <= rounding_room(lower_[d], upper_[d], false)) piece.upper[d] = -HUGE_VAL;
    return true;
  }

  std::string text(NodeId id) const { return to_text(graph_, id, coordinates_, {}); }

  ExpressionGraph& graph_;
  const std::vector<double>&lower_, &upper_;
  const std::vector<std::string>& coordinates_;
  const Shapes& shapes_;
  std::vector<Candidate> pieces_;
  std::vector<std::shared_ptr<const Piece>> alternatives_;
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
      lower[part->axes[k]] = std::max(lower[part->axes[k]], part->border->lower()[k]);
      upper[part->axes[k]] = std::min(upper[part->axes[k]], part->border->upper()[k]);
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
