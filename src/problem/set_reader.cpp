#include "jetpinn/problem/set_reader.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/names.hpp"
#include "jetpinn/problem/at_place.hpp"
#include "jetpinn/problem/expression_checks.hpp"
#include "jetpinn/problem/set_names.hpp"
#include "jetpinn/problem/term_weights.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

const char* const all_faces = "boundary";  // what sets call them, unless the config declares the name

// A number that reads back as itself.
std::string exact_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

}  // namespace

void check_declared(const SymbolTable& symbols, const std::map<std::string, SourceText>& places) {
  try {
    check_names(symbols);
  } catch (const ExpressionError& error) {  // "the name 'x' ...": its length says how much of the message it is
    const std::string message = error.what();
    const std::size_t quote = message.find('\'');
    const auto place = places.find(quote == std::string::npos ? "" : message.substr(quote + 1, error.length));
    if (place == places.end()) throw Error(Status::usage, message);
    fail_at(place->second, message);
  }
}

SetReader::SetReader(Problem& problem, const ProblemText& text, const SymbolTable& constants,
                     const SymbolTable& without_fields)
    : problem_(problem), text_(text), in_sets_(without_fields) {
  if (!is_taken(all_faces)) boundary_ = all_faces;
  define_boundary();
  name_shapes_in_sets(constants);
}

bool SetReader::is_taken(const std::string& name) const {
  const std::vector<std::string> names = declared_names(problem_.symbols);
  return std::find(names.begin(), names.end(), name) != names.end();
}

void SetReader::define_boundary() {
  if (boundary_.empty()) return;
  std::string faces;
  for (std::size_t d = 0; d < text_.coordinates.size(); ++d)
    for (const double bound : {problem_.lower[d], problem_.upper[d]})
      faces += (faces.empty() ? "" : " || ") + text_.coordinates[d] + " == " + exact_text(bound);
  in_sets_.definitions[boundary_] = faces;
}

void SetReader::name_shapes_in_sets(const SymbolTable& constants) {
  if (text_.geometry.shapes.empty() && !text_.geometry.domain) return;
  check_names_of_shapes();
  SetNames names = name_shapes(problem_.graph, text_, constants, problem_.symbols.time, problem_.lower, problem_.upper);
  shapes_ = std::move(names.shapes);
  in_bodies_ = in_sets_;
  for (const auto& [name, body] : names.bodies) in_bodies_.trained[name] = body;
  for (const auto& [name, border] : names.borders) in_sets_.trained[name] = border;
  if (names.boundary >= 0 && in_sets_.definitions.erase(boundary_) != 0) in_sets_.trained[boundary_] = names.boundary;
}

void SetReader::check_names_of_shapes() const {
  SymbolTable all = problem_.symbols;
  for (const auto& [name, shape] : text_.geometry.shapes) {
    if (name == all_faces || is_taken(name))
      fail_at(shape.place, "the name '" + name + "' of a shape " +
                               (is_taken(name) ? "is declared already" : "is that of the domain's border in sets") +
                               "; choose another");
    all.definitions[name] = "";
  }
  check_declared(all, text_.name_places);
}

std::vector<std::string> SetReader::shape_facts() const {
  std::vector<std::string> lines;
  for (const auto& [node, shape] : shapes_.borders)
    if (const std::string facts = shape.body->facts(); !facts.empty()) lines.push_back(shape.name + ": " + facts);
  return lines;
}

PointRegion SetReader::whole_domain() {
  if (!shapes_.domain) return domain_region(problem_.lower, problem_.upper);
  const SourceText& place = *text_.geometry.domain;
  return at_place(place, {}, [&] { return region_of(problem_.graph.constant(1), shapes_, place.text); });
}

NodeId SetReader::parse(const SourceText& text, const SymbolTable& symbols) {
  return parse_without_fields(problem_.graph, symbols, text_, text, Meaning::any);
}

PointRegion SetReader::region_of(NodeId set, const Shapes& shapes, const std::string& text) {
  return condition_region(problem_.graph, set, problem_.lower, problem_.upper, problem_.symbols.coordinates, shapes, text);
}

PointRegion SetReader::read(const SourceText& text, const SymbolTable& symbols, const Shapes& shapes) {
  const SourceText on = text_.geometry.shapes.empty() ? text : set_text(text);
  // however many faces there are
  if (!boundary_.empty() && on.text == boundary_ && !shapes.domain)
    return boundary_region(problem_.lower, problem_.upper, text_.coordinates.size());
  const NodeId set = parse(on, symbols);
  if (!is_condition(problem_.graph, set))
    fail_at(on, "a set is described by comparisons, such as " + text_.coordinates[0] +
                    " == " + text_.domain.at(text_.coordinates[0])[0].text + ", or by boundary, and this is a number");
  return at_place(on, text_.definitions, [&] { return region_of(set, shapes, text.text); });
}

PointRegion SetReader::read_in(const SourceText& in) {
  const auto refuse = [&] {
    fail_at(in, "the region of an equation is described by inequalities, such as " + text_.coordinates[0] +
                    " < 0.5, without equalities: what holds on a face or an interface is a condition");
  };
  const SymbolTable& symbols = text_.geometry.shapes.empty() ? in_sets_ : in_bodies_;
  for (const NodeId id : reachable(problem_.graph, {parse(in, symbols)}))
    if (problem_.graph[id].op == Op::equal) refuse();
  PointRegion region = read(in, symbols, shapes_);
  for (const Piece& piece : region.pieces)
    if (dimension_of(piece) < problem_.dimensions()) refuse();
  return region;
}

}  // namespace jetpinn
