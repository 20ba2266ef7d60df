#include "jetpinn/geometry/point_region.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/utf8.hpp"
#include "jetpinn/geometry/alternatives.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/geometry/normal_form.hpp"
#include "jetpinn/geometry/piece_filter.hpp"
#include "jetpinn/geometry/piece_measure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

namespace jetpinn {
namespace {

std::string shown(double value, int digits = 12) {
  std::ostringstream out;
  out.precision(digits);
  out << (std::abs(value) < std::numeric_limits<double>::min() ? 0 : value);  // beside a strict bound at 0
  return out.str();
}

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

class Builder {
 public:
  Builder(ExpressionGraph& graph, const std::vector<double>& lower, const std::vector<double>& upper,
          const std::vector<std::string>& coordinates, const Shapes& shapes, const std::string& text)
      : graph_(graph),
        lower_(lower),
        upper_(upper),
        coordinates_(coordinates),
        shapes_(shapes),
        text_(text),
        alternatives_(lower, upper) {}

  PointRegion build(NodeId on) {
    for (const Conjunction& conjunction : normal_form(graph_, on)) {
      std::vector<NamedShape> bodies;
      Piece piece = make_piece(conjunction, bodies);
      if (!bodies.empty())
        add_border(piece, bodies, on);
      else if (!is_empty(piece))
        alternatives_.add(piece, {piece});
    }
    if (alternatives_.empty()) refuse(on, "no point of the domain satisfies all of it at once");
    PointRegion region{alternatives_.take(), lower_, upper_, shapes_.inside};
    measure(region.pieces);
    if (region.pieces.empty())
      refuse(on, "none of " + std::to_string(trial_points) +
                     (shapes_.domain ? " trial points satisfies its inequalities and lies in the domain that the shapes make"
                                     : " trial points satisfies its inequalities") +
                     "; check them, or give the thin set by bounds such as x < 0.01");
    return region;
  }

 private:
  [[noreturn]] void refuse(NodeId on, const std::string& why) const {
    if (shapes_.domain && graph_.is_constant(on, 1))
      throw Error(Status::usage, "the domain '" + set(on) + "' is empty: none of " + std::to_string(trial_points) +
                                     " trial points of its box lies in it; look at how its shapes are joined and where they "
                                     "lie, or let the box lie closer around a small one");
    throw Error(Status::usage, "'" + set(on) + "' selects nothing: " + why);
  }

  // Leaves out those of which no trial point is a point.
  void measure(std::vector<Piece>& pieces) const {
    std::size_t operations = 0;
    for (const Piece& piece : pieces) limit_trial_operations(operations += PieceFilter(piece, graph_).operations());
    for (Piece& piece : pieces) draw_near_domain(piece);
    measure_pieces(pieces, graph_, lower_, upper_);
    pieces.erase(std::remove_if(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.measure == 0; }),
                 pieces.end());
  }

  // A domain that is small in its box is drawn, and measured, in the box that its shapes lie in. Of one primitive that the
  // piece holds as a whole the share of that is known.
  void draw_near_domain(Piece& piece) const {
    if (!shapes_.domain || piece.border) return;
    const std::vector<double>&lower = shapes_.domain->lower(), &upper = shapes_.domain->upper();
    std::vector<double> drawn_lower = piece.lower, drawn_upper = piece.upper;
    bool whole = piece.condition == shapes_.inside && piece.earlier.empty();
    double box = 1;  // volume of the part in space
    for (std::size_t k = 0; k < shapes_.axes.size(); ++k) {
      const std::size_t d = shapes_.axes[k];
      const double room = 4 * rounding_room(lower_[d], upper_[d], false);
      whole = whole && piece.lower[d] <= lower[k] + room && piece.upper[d] >= upper[k] - room;
      if (piece.lower[d] == piece.upper[d]) continue;
      drawn_lower[d] = std::max(piece.lower[d], lower[k]);
      drawn_upper[d] = std::min(piece.upper[d], upper[k]);
      if (!(drawn_lower[d] < drawn_upper[d])) return;  // trial points say that nothing lies there
      box *= drawn_upper[d] - drawn_lower[d];
    }
    if (whole) piece.known_share = std::min(shapes_.domain->volume() / box, 1.0);
    piece.drawn_lower = std::move(drawn_lower);
    piece.drawn_upper = std::move(drawn_upper);
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
    if (bodies.empty() && shapes_.inside >= 0) keep_inside(piece);
    return piece;
  }

  void keep_inside(Piece& piece) {
    restrict(piece, shapes_.inside);
    if (shapes_.domain) piece.flat = flat_side(piece, shapes_.domain, shapes_.axes);
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

  // An alternative with a piece for each surface of the first body.
  void add_border(const Piece& piece, const std::vector<NamedShape>& bodies, NodeId on) {
    if (bodies.size() > 2)
      throw Error(Status::usage, "this set asks for the borders of " + std::to_string(bodies.size()) +
                                     " shapes at once; two, which share a border, are the most");
    for (const std::size_t d : shapes_.axes)
      if (piece.lower[d] == piece.upper[d])
        throw Error(Status::usage, "'" + set(on) + "' fixes " + coordinates_[d] +
                                       ", in which the border of a shape lies; choose a part of it by inequalities");
    const std::vector<std::shared_ptr<const BorderPart>>& border = parts_of(bodies);
    Piece whole = piece;
    whole.border = border[0];
    std::vector<Piece> parts;
    for (std::size_t s = 1; s < border.size(); ++s) {
      Piece part = piece;
      part.border = border[s];
      for (std::size_t k = 0; k < shapes_.axes.size(); ++k) {
        const std::size_t d = shapes_.axes[k];
        part.lower[d] = std::max(part.lower[d], border[s]->border->lower()[k]);
        part.upper[d] = std::min(part.upper[d], border[s]->border->upper()[k]);
      }
      if (!is_empty(part)) parts.push_back(std::move(part));
    }
    alternatives_.add(std::move(whole), std::move(parts));
  }

  // One that stands for the whole border, and one for each of its surfaces that may count in the domain. Alternatives share
  // them.
  const std::vector<std::shared_ptr<const BorderPart>>& parts_of(const std::vector<NamedShape>& bodies) {
    const bool two = bodies.size() == 2;
    const ShapePointer other = two ? bodies[1].body : nullptr;
    std::vector<std::shared_ptr<const BorderPart>>& parts = parts_[{bodies[0].body, other}];
    if (!parts.empty()) return parts;
    for (const auto& border : border_pieces(bodies[0].body)) {
      BorderPart part{bodies[0].name + (two ? " & " + bodies[1].name : ""),
                      border,
                      other,
                      shapes_.domain,
                      shapes_.axes,
                      of_axes(lower_),
                      of_axes(upper_)};
      if (parts.empty()) parts.push_back(std::make_shared<BorderPart>(part));
      if (shapes_.domain) {
        const Shape::Local local = shapes_.domain->in_box(border->lower(), border->upper());
        if (!local.body && !local.holds) continue;
        part.domain = local.body;
      }
      parts.push_back(std::make_shared<BorderPart>(std::move(part)));
    }
    return parts;
  }

  std::vector<double> of_axes(const std::vector<double>& bounds) const {
    std::vector<double> out;
    for (const std::size_t d : shapes_.axes) out.push_back(bounds[d]);
    return out;
  }

  // In digits that tell the value and the bound beside it apart.
  [[noreturn]] void refuse_outside(std::size_t d, double value) const {
    const double bound = value < lower_[d] ? lower_[d] : upper_[d];
    int digits = 12;
    while (digits < std::numeric_limits<double>::max_digits10 && shown(value, digits) == shown(bound, digits)) ++digits;
    throw Error(Status::usage, "'" + coordinates_[d] + " == " + shown(value, digits) + "' lies outside the domain, where " +
                                   coordinates_[d] + " goes from " + shown(lower_[d], digits) + " to " +
                                   shown(upper_[d], digits));
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
    if (!(value >= lower_[d] && value <= upper_[d])) refuse_outside(d, value);
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

  std::string text(NodeId id) const { return short_text(graph_, id, coordinates_, {}); }
  std::string set(NodeId on) const { return text_.empty() ? text(on) : shortened(text_, short_text_size); }

  ExpressionGraph& graph_;
  const std::vector<double>&lower_, &upper_;
  const std::vector<std::string>& coordinates_;
  const Shapes& shapes_;
  const std::string& text_;
  Alternatives alternatives_;
  std::map<std::pair<ShapePointer, ShapePointer>, std::vector<std::shared_ptr<const BorderPart>>> parts_;  // by bodies
};

// What is joined by &&, from left to right. root: -1: nothing.
std::vector<NodeId> joined_conditions(const ExpressionGraph& graph, NodeId root) {
  std::vector<NodeId> conditions, open;
  if (root >= 0) open.push_back(root);
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (graph[id].op == Op::logical_and)
      open.insert(open.end(), {graph[id].operand[1], graph[id].operand[0]});
    else
      conditions.push_back(id);
  }
  return conditions;
}

}  // namespace

bool has_border(const PointRegion& region) {
  return std::any_of(region.pieces.begin(), region.pieces.end(), [](const Piece& piece) { return piece.border != nullptr; });
}

PointRegion domain_region(const std::vector<double>& lower, const std::vector<double>& upper) {
  Piece piece{lower, upper};
  if (is_empty(piece))
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
  for (const NodeId condition : joined_conditions(graph, piece.condition))
    if (condition != region.inside) add(short_text(graph, condition, coordinates, {}));
  return name.empty() ? "the domain" : name;
}

PointRegion condition_region(ExpressionGraph& graph, NodeId on, const std::vector<double>& lower,
                             const std::vector<double>& upper, const std::vector<std::string>& coordinates,
                             const Shapes& shapes, const std::string& text) {
  return Builder(graph, lower, upper, coordinates, shapes, text).build(on);
}

}  // namespace jetpinn
