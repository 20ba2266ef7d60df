#include "jetpinn/problem/set_names.hpp"

#include "jetpinn/geometry/border.hpp"
#include "jetpinn/problem/at_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

class Namer {
 public:
  Namer(ExpressionGraph& graph, const ProblemText& text, int time, const std::vector<double>& lower,
        const std::vector<double>& upper)
      : graph_(graph), text_(text), time_(time), lower_(lower), upper_(upper) {
    for (std::size_t d = 0; d < text.coordinates.size(); ++d)
      if (static_cast<int>(d) != time_) {
        names_.shapes.axes.push_back(d);
        space_.push_back(text.coordinates[d]);
      }
  }

  SetNames name(const SymbolTable& constants) {
    std::map<std::string, ShapePointer> bodies = read_shapes(text_.geometry, constants, space_.size());
    NodeId around = -1;  // the border of the domain
    for (const auto& [name, body] : bodies) {
      const NodeId level = level_of(body);
      const NodeId border = graph_.make(Op::equal, level, graph_.constant(0));
      if (name.empty())
        set_domain(body, level, around = border);
      else
        name_set(name, body, level, border);
    }
    // unless it is that of a shape, which is called by its name
    if (names_.shapes.domain) names_.shapes.borders.emplace(around, NamedShape{"the domain", names_.shapes.domain});
    return std::move(names_);
  }

 private:
  // As what sets and regions name it, and as what messages call it: the first of equal shapes gives all of them its name.
  void name_set(const std::string& name, const ShapePointer& body, NodeId level, NodeId border) {
    names_.borders[name] = border;
    names_.bodies[name] = graph_.make(Op::less_equal, level, graph_.constant(0));
    if (!names_.shapes.borders.emplace(border, NamedShape{name, body}).second) return;
    graph_.name_briefly(border, name);
    graph_.name_briefly(names_.bodies[name], name);
    graph_.name_briefly(graph_.make(Op::less, graph_.constant(0), level), "!" + name);
  }

  // The signed distance; one node for a body that has two names.
  NodeId level_of(const ShapePointer& body) {
    const auto known = levels_.find(body);
    if (known != levels_.end()) return known->second;
    constexpr std::size_t operations_of_a_surface = 8;
    std::size_t surfaces = 0;
    for (const Shape::Leaf& leaf : body->leaves()) surfaces += leaf.surfaces.size();
    const auto distance = [body, axes = names_.shapes.axes](const double* point) {
      double place[most_shape_coordinates];
      for (std::size_t k = 0; k < axes.size(); ++k) place[k] = point[axes[k]];
      return body->distance(place);
    };
    return levels_[body] = graph_.level({distance, operations_of_a_surface * surfaces});
  }

  void set_domain(const ShapePointer& body, NodeId level, NodeId border) {
    const SourceText& place = *text_.geometry.domain;
    for (std::size_t k = 0; k < space_.size(); ++k) {
      const std::size_t d = names_.shapes.axes[k];
      const double slack = 4 * rounding_room(lower_[d], upper_[d], false);
      if (body->lower()[k] < lower_[d] - slack || body->upper()[k] > upper_[d] + slack)
        fail_at(
            place,
            fmt::format("the geometry goes from {0} = {1:.6g} to {2:.6g}, and problem.domain.{0} from {3:.6g} to {4:.6g}; "
                        "the box holds all of the geometry, so make it larger or cut the geometry with it",
                        space_[k], body->lower()[k], body->upper()[k], lower_[d], upper_[d]));
    }
    names_.shapes.domain = body;
    names_.shapes.inside = graph_.make(Op::less_equal, level, graph_.constant(0));
    names_.boundary = border;
    if (time_ >= 0)
      for (const double bound : {lower_[static_cast<std::size_t>(time_)], upper_[static_cast<std::size_t>(time_)]})
        names_.boundary = graph_.make(Op::logical_or, names_.boundary,
                                      graph_.make(Op::equal, graph_.coordinate(time_), graph_.constant(bound)));
  }

  ExpressionGraph& graph_;
  const ProblemText& text_;
  int time_;  // the coordinate that is time; -1: none
  const std::vector<double>&lower_, &upper_;
  std::vector<std::string> space_;  // names of the coordinates that shapes live in
  SetNames names_;
  std::map<ShapePointer, NodeId> levels_;
};

}  // namespace

SetNames name_shapes(ExpressionGraph& graph, const ProblemText& text, const SymbolTable& constants, int time,
                     const std::vector<double>& lower, const std::vector<double>& upper) {
  return Namer(graph, text, time, lower, upper).name(constants);
}

SourceText set_text(const SourceText& on) {
  SourceText out = on;
  for (std::size_t i = 0; i < out.text.size(); ++i) {
    if (out.text[i] != '&') continue;
    if (out.text.compare(i, 2, "&&") != 0) {
      if (out.text.compare(i, 2, "& ") == 0)
        out.text[i + 1] = '&';  // what follows keeps its column
      else
        out.text.insert(i, 1, '&');
    }
    ++i;
  }
  return out;
}

}  // namespace jetpinn
