#include "jetpinn/problem/set_names.hpp"

#include "jetpinn/geometry/border.hpp"
#include "jetpinn/problem/at_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

class Namer {
 public:
  Namer(ExpressionGraph& graph, const ProblemText& text, const SymbolTable& without_fields, const std::vector<double>& lower,
        const std::vector<double>& upper)
      : graph_(graph), text_(text), symbols_(without_fields), lower_(lower), upper_(upper) {
    for (std::size_t d = 0; d < text.coordinates.size(); ++d)
      if (static_cast<int>(d) != symbols_.time) {
        names_.shapes.axes.push_back(d);
        space_.push_back(text.coordinates[d]);
      }
  }

  SetNames name(const SymbolTable& constants) {
    std::map<std::string, ShapePointer> bodies = read_shapes(text_.geometry, constants, space_.size());
    NodeId around = -1;  // the border of the domain
    for (const auto& [name, body] : bodies) {
      const SourceText& place = name.empty() ? *text_.geometry.domain : text_.geometry.shapes.at(name).place;
      const std::string level = body->level(space_);
      const NodeId value = level_of(level, place);
      const NodeId border = graph_.make(Op::equal, value, graph_.constant(0));
      if (name.empty())
        set_domain(body, value, around = border);
      else
        name_set(name, body, level, value, border);
    }
    // unless it is that of a shape, which is called by its name
    if (names_.shapes.domain) names_.shapes.borders.emplace(around, NamedShape{"the domain", names_.shapes.domain});
    return std::move(names_);
  }

 private:
  // As what sets and regions name it, and as what messages call it: the first of equal shapes gives all of them its name.
  void name_set(const std::string& name, const ShapePointer& body, const std::string& level, NodeId value, NodeId border) {
    names_.borders[name] = border;
    names_.bodies[name] = "(" + level + ") <= 0";
    if (!names_.shapes.borders.emplace(border, NamedShape{name, body}).second) return;
    graph_.name_briefly(border, name);
    graph_.name_briefly(graph_.make(Op::less_equal, value, graph_.constant(0)), name);
    graph_.name_briefly(graph_.make(Op::less, graph_.constant(0), value), "!" + name);
  }

  // The text is made here: its places mean nothing to a reader.
  NodeId level_of(const std::string& text, const SourceText& place) {
    try {
      return parse_expression(graph_, symbols_, text);
    } catch (const std::runtime_error& error) {  // of its text, or of the graph that it makes
      fail_at(place, std::string("this shape is too large to be written as an expression (") + error.what() +
                         "); join fewer bodies, or without brackets in brackets");
    }
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
    if (const int time = symbols_.time; time >= 0)
      for (const double bound : {lower_[static_cast<std::size_t>(time)], upper_[static_cast<std::size_t>(time)]})
        names_.boundary = graph_.make(Op::logical_or, names_.boundary,
                                      graph_.make(Op::equal, graph_.coordinate(time), graph_.constant(bound)));
  }

  ExpressionGraph& graph_;
  const ProblemText& text_;
  const SymbolTable& symbols_;
  const std::vector<double>&lower_, &upper_;
  std::vector<std::string> space_;  // names of the coordinates that shapes live in
  SetNames names_;
};

}  // namespace

SetNames name_shapes(ExpressionGraph& graph, const ProblemText& text, const SymbolTable& constants,
                     const SymbolTable& without_fields, const std::vector<double>& lower, const std::vector<double>& upper) {
  return Namer(graph, text, without_fields, lower, upper).name(constants);
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
