#include "jetpinn/problem/hard_conditions.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/summands.hpp"
#include "jetpinn/geometry/place_text.hpp"
#include "jetpinn/geometry/smooth_level.hpp"
#include "jetpinn/problem/at_place.hpp"
#include "jetpinn/sampling/random.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t trial_points = 1024;

struct Trials {
  std::size_t dimensions = 0;
  std::vector<double> points;  // [points, dimensions]

  std::size_t count() const { return points.size() / dimensions; }
  const double* at(std::size_t i) const { return points.data() + i * dimensions; }
};

Trials trials_in(const Problem& problem, const PointRegion& region) {
  const auto pieces = static_cast<std::int64_t>(region.pieces.size());
  const Sampler sampler(SamplingMethod::sobol, region, problem.graph, std::max(trial_points, 16 * pieces), PointKey{});
  Trials trials{static_cast<std::size_t>(problem.dimensions()), {}};
  const auto count = static_cast<std::size_t>(sampler.count());
  std::vector<double> columns(count * trials.dimensions);
  sampler.generate(0, sampler.count(), columns.data(), sampler.count());
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t d = 0; d < trials.dimensions; ++d) trials.points.push_back(columns[d * count + i]);
  return trials;
}

// The same expression where a coordinate has one value.
NodeId at_value(ExpressionGraph& graph, NodeId root, int coordinate, double value) {
  std::map<NodeId, NodeId> now;
  for (const NodeId id : reachable(graph, {root})) {
    const Node node = graph[id];  // a copy: the graph grows
    if (node.op == Op::coordinate && node.index == coordinate)
      now[id] = graph.constant(value);
    else if (operand_count(node.op) == 0)
      now[id] = id;
    else
      now[id] = graph.make(node.op, now[node.operand[0]], node.operand[1] < 0 ? -1 : now[node.operand[1]],
                           node.operand[2] < 0 ? -1 : now[node.operand[2]]);
  }
  return now[root];
}

// What vanishes on the sets of conditions.
class Levels {
 public:
  Levels(Problem& problem, const PointRegion& domain, const Trials& trials)
      : problem_(problem), graph_(problem.graph), domain_(domain), trials_(trials) {
    for (int d = 0; d < problem.dimensions(); ++d) coordinates_.push_back(graph_.coordinate(d));
  }

  // One for each face and border, each once.
  std::vector<NodeId> of(const PointRegion& region) {
    std::vector<NodeId> levels;
    for (const Piece& piece : region.pieces) {
      require_whole(region, piece);
      const NodeId level = piece.border ? of_border(*piece.border) : of_face(piece);
      if (std::find(levels.begin(), levels.end(), level) == levels.end()) levels.push_back(level);
    }
    return levels;
  }

 private:
  double length(std::size_t d) const { return domain_.upper[d] - domain_.lower[d]; }

  // Several fixed coordinates are fewer dimensions at once, to which a sum of squares is 0.
  NodeId of_face(const Piece& piece) {
    const std::vector<FixedCoordinate> fixed = fixed_coordinates(piece);
    NodeId squares = graph_.constant(0), level = -1;
    for (const auto& [coordinate, value] : fixed) {
      const auto d = static_cast<std::size_t>(coordinate);
      level = graph_.multiply(graph_.constant((value == domain_.upper[d] ? -1 : 1) / length(d)),
                              graph_.subtract(coordinates_[d], graph_.constant(value)));
      squares = graph_.add(squares, graph_.power(level, 2));
    }
    if (fixed.empty()) throw Error(Status::usage, "hard = true is for a border, and this set is a part of the domain");
    return fixed.size() == 1 ? level : squares;
  }

  NodeId of_border(const BorderPart& border) {
    if (border.other)
      throw Error(Status::usage, "hard = true takes whole borders, and '" + border.name + "' is what two of them share");
    const ShapePointer& body = border.border->body();
    if (const auto known = bodies_.find(body.get()); known != bodies_.end()) return known->second;
    std::vector<NodeId> x;
    for (const std::size_t d : border.axes) x.push_back(coordinates_[d]);
    return bodies_[body.get()] = body->smooth_level(graph_, x, side_of(*body, border.axes));
  }

  // On which side of a border the domain lies.
  Shape::Where side_of(const Shape& body, const std::vector<std::size_t>& axes) const {
    bool inside = false, outside = false;
    std::vector<double> place(axes.size());
    for (std::size_t i = 0; i < trials_.count(); ++i) {
      for (std::size_t a = 0; a < axes.size(); ++a) place[a] = trials_.at(i)[axes[a]];
      (body.holds(place.data()) ? inside : outside) = true;
    }
    return inside && outside ? Shape::Where::both : outside ? Shape::Where::outside : Shape::Where::inside;
  }

  // Bounds clip the box of a piece, everything else is its condition.
  void require_whole(const PointRegion& region, const Piece& piece) const {
    const auto refuse = [&] {
      throw Error(Status::usage, "hard = true takes whole faces and borders, and this set holds a part of one: " +
                                     piece_name(region, piece, graph_, problem_.symbols.coordinates));
    };
    std::vector<double> lower = domain_.lower, upper = domain_.upper;
    if (piece.border)
      for (std::size_t a = 0; a < piece.border->axes.size(); ++a) {
        const std::size_t d = piece.border->axes[a];
        lower[d] = std::max(lower[d], piece.border->border->lower()[a]);
        upper[d] = std::min(upper[d], piece.border->border->upper()[a]);
      }
    constexpr double rounding = 1e-9;  // of a bound that is strict, and of a border
    for (std::size_t d = 0; d < lower.size(); ++d) {
      const bool fixed = piece.lower[d] == piece.upper[d];
      if (!fixed && (piece.lower[d] > lower[d] + rounding * length(d) || piece.upper[d] < upper[d] - rounding * length(d)))
        refuse();
    }
    if (piece.condition < 0 || piece.condition == region.inside) return;
    const std::vector<std::size_t> free = free_coordinates(piece);
    std::vector<double> fractions(static_cast<std::size_t>(parameters_of(piece))), point(lower.size());
    for (std::uint64_t i = 0; i < trial_points; ++i) {
      for (std::size_t k = 0; k < fractions.size(); ++k)
        fractions[k] = unit_interval(random_words({0, 0, 0}, Draw::uniform, i, k)[0]);
      place_in(piece, free, fractions.data(), point.data());
      const bool counts =
          std::isfinite(point[0]) && (region.inside < 0 || evaluate(graph_, region.inside, point.data()) != 0);
      if (counts && evaluate(graph_, piece.condition, point.data()) == 0) refuse();
    }
  }

  Problem& problem_;
  ExpressionGraph& graph_;
  const PointRegion& domain_;
  const Trials& trials_;
  std::vector<NodeId> coordinates_;
  std::map<const Shape*, NodeId> bodies_;
};

// One expression with the values of all conditions on their sets.
class Values {
 public:
  Values(Problem& problem, const std::vector<HardCondition>& conditions, std::vector<NodeId> levels)
      : problem_(problem), graph_(problem.graph), conditions_(conditions), levels_(std::move(levels)) {
    for (const HardCondition& condition : conditions) {
      sets_.push_back(trials_in(problem, condition.region));
      require_numbers(condition, sets_.back());
    }
  }

  NodeId join() {
    for (const HardCondition& condition : conditions_)
      if (!fault(condition.value)) return condition.value;
    if (const auto faces = of_faces(); faces && !fault(*faces)) return *faces;
    const NodeId mean = weighted();
    if (const auto found = fault(mean)) throw Error(Status::usage, *found);
    return mean;
  }

 private:
  void require_numbers(const HardCondition& condition, const Trials& set) const {
    const PointEvaluator asked(graph_, condition.value);
    for (std::size_t i = 0; i < set.count(); ++i)
      if (const double value = asked(set.at(i)); !std::isfinite(value))
        throw Error(Status::usage,
                    fmt::format("the hard condition '{}' asks for {} at {}, which is no number", condition.name, value,
                                place_text(problem_.symbols.coordinates, set.at(i), 4, 4)));
  }

  // Where an expression is not what some condition asks for; nothing: it is, everywhere.
  std::optional<std::string> fault(NodeId values) const {
    constexpr double rounding = 1e-9;
    const PointEvaluator found(graph_, values);
    for (std::size_t c = 0; c < conditions_.size(); ++c) {
      const PointEvaluator asked(graph_, conditions_[c].value);
      double size = 0;
      for (std::size_t i = 0; i < sets_[c].count(); ++i) size = std::max(size, std::abs(asked(sets_[c].at(i))));
      for (std::size_t i = 0; i < sets_[c].count(); ++i) {
        const double wanted = asked(sets_[c].at(i)), got = found(sets_[c].at(i));
        if (!(std::abs(got - wanted) <= rounding * std::max(size, 1.0)))
          return fmt::format(
              "the hard conditions of '{}' have no common field: at {} '{}' asks for {:.4g}, and with the others it is "
              "{:.4g}; "
              "let one of them be soft",
              problem_.symbols.fields[static_cast<std::size_t>(conditions_[c].field)],
              place_text(problem_.symbols.coordinates, sets_[c].at(i), 4, 4), conditions_[c].name, wanted, got);
      }
    }
    return {};
  }

  // Where all sets are faces of the box: G becomes G + what is missing on the faces of a coordinate, one after the other.
  std::optional<NodeId> of_faces() const {
    std::map<int, std::map<double, NodeId>> faces;
    for (const HardCondition& condition : conditions_)
      for (const Piece& piece : condition.region.pieces) {
        const std::vector<FixedCoordinate> fixed = fixed_coordinates(piece);
        if (piece.border || fixed.size() != 1) return {};
        faces[fixed[0].coordinate][fixed[0].value] = condition.value;
      }
    NodeId sum = graph_.constant(0);
    for (const auto& [coordinate, values] : faces) {
      if (values.size() > 2) return {};
      NodeId more = graph_.constant(0);
      for (const auto& [value, asked] : values) {
        const NodeId missing = at_value(graph_, graph_.subtract(asked, sum), coordinate, value);
        const double other = values.begin()->first == value ? values.rbegin()->first : values.begin()->first;
        const NodeId share = values.size() == 1
                                 ? graph_.constant(1)
                                 : graph_.multiply(graph_.constant(1 / (value - other)),
                                                   graph_.subtract(graph_.coordinate(coordinate), graph_.constant(other)));
        more = graph_.add(more, graph_.multiply(share, missing));
      }
      sum = graph_.add(sum, more);
    }
    return sum;
  }

  // The sum of weights is 0 where sets meet alone, and there the terms above it are too.
  NodeId weighted() const {
    constexpr double least = 1e-300;
    NodeId above = graph_.constant(0), weights = graph_.constant(0);
    for (std::size_t c = 0; c < conditions_.size(); ++c) {
      NodeId weight = graph_.constant(1);
      for (std::size_t k = 0; k < conditions_.size(); ++k)
        if (k != c) weight = graph_.multiply(weight, graph_.power(levels_[k], 2));
      weights = graph_.add(weights, weight);
      above = graph_.add(above, graph_.multiply(weight, conditions_[c].value));
    }
    return graph_.divide(above, graph_.call("max", weights, graph_.constant(least)));
  }

  Problem& problem_;
  ExpressionGraph& graph_;
  const std::vector<HardCondition>& conditions_;
  std::vector<NodeId> levels_;  // [conditions] what vanishes on the set of each
  std::vector<Trials> sets_;    // [conditions]
};

// The largest size of an expression in the domain, where it is finite.
double largest(const ExpressionGraph& graph, NodeId node, const Trials& trials) {
  const PointEvaluator value(graph, node);
  double most = 0;
  for (std::size_t i = 0; i < trials.count(); ++i) {
    const double size = std::abs(value(trials.at(i)));
    if (std::isfinite(size)) most = std::max(most, size);
  }
  return most;
}

}  // namespace

HardCondition hard_condition(Problem& problem, NodeId residual) {
  ExpressionGraph& graph = problem.graph;
  const auto refuse = [](const std::string& reason) {
    throw Error(Status::usage,
                "hard = true is for a residual u - g, with a field u and an expression g of coordinates, and " + reason);
  };
  HardCondition condition;
  double factor = 0;
  NodeId rest = graph.constant(0);
  condition.field = -1;
  for (const Summand& summand : summands_of(graph, residual, Alternatives::whole)) {
    const Node& node = graph[summand.node];
    if (node.op == Op::field && node.derivative.order == 0 && (condition.field < 0 || condition.field == node.index)) {
      condition.field = node.index;
      factor += summand.factor;
    } else {
      rest = graph.add(rest, graph.multiply(graph.constant(summand.factor), summand.node));
    }
  }
  for (const NodeId id : reachable(graph, {rest})) {
    const Node& node = graph[id];
    if (node.op == Op::attribute)
      refuse("this one reads the signed distance or the normal, which are known at its points alone; let it be soft");
    if (node.op == Op::data) refuse("this one reads what its points bring");
    if (node.op == Op::trainable) refuse("this one reads a number that is trained");
    if (node.op == Op::field) refuse("this one is not linear in one field without derivatives");
  }
  if (factor == 0) refuse("this one is not linear in one field without derivatives");
  condition.value = graph.multiply(graph.constant(-1 / factor), rest);
  return condition;
}

NodeId hard_output(Problem& problem, const std::vector<HardCondition>& conditions, const PointRegion& domain,
                   NodeId output) {
  ExpressionGraph& graph = problem.graph;
  const Trials trials = trials_in(problem, domain);
  Levels levels(problem, domain, trials);
  std::vector<NodeId> all, of_conditions;
  for (const HardCondition& condition : conditions) {
    const std::vector<NodeId> own = at_place(condition.place, {}, [&] { return levels.of(condition.region); });
    of_conditions.push_back(product(graph, own));
    for (const NodeId level : own)
      if (std::find(all.begin(), all.end(), level) == all.end()) all.push_back(level);
  }
  const NodeId vanishing = product(graph, all);
  const double size = largest(graph, vanishing, trials);
  if (!(size > 0)) throw Error(Status::usage, "the sets of the hard conditions leave nothing of the domain to the network");
  const NodeId factor = graph.multiply(graph.constant(1 / size), vanishing);
  return graph.add(Values(problem, conditions, std::move(of_conditions)).join(), graph.multiply(factor, output));
}

}  // namespace jetpinn
