// The texts of sets, `on`, `in` and `pair`, as regions of the domain.
#pragma once

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/problem/problem.hpp"

#include <map>
#include <string>
#include <vector>

namespace jetpinn {

// Throws Error (usage) pointing at the name that cannot be declared or is declared twice. places: where each is declared.
void check_declared(const SymbolTable& symbols, const std::map<std::string, SourceText>& places);

// A name in a set is a coordinate, a constant, a definition, a shape, whose border it is in `on` and whose body in `in`, or
// `boundary`: all faces of the domain, those of the time among them, unless the config gives the name another meaning.
class SetReader {
 public:
  // Reads the shapes of [geometry] too; both arguments outlive it. The names and the box of the problem are known, and
  // nothing but its graph grows. constants: what numbers of shapes may name; without_fields: what sets may, and both are
  // copied. Throws Error (usage), as all members do, pointing at what is wrong.
  SetReader(Problem& problem, const ProblemText& text, const SymbolTable& constants, const SymbolTable& without_fields);

  const ShapePointer& domain() const { return shapes_.domain; }  // null: all of the box
  std::vector<std::string> shape_facts() const;                  // of those that have some, behind their names
  PointRegion whole_domain();
  PointRegion read_on(const SourceText& on) { return read(on, in_sets_, shapes_); }
  PointRegion read_pair(const SourceText& pair) { return read(pair, in_sets_, {}); }  // it is `on` that the domain cuts down
  PointRegion read_in(const SourceText& in);  // has as many dimensions as the domain: what lies on a face is no part of it

 private:
  void define_boundary();
  void name_shapes_in_sets(const SymbolTable& constants);
  void check_names_of_shapes() const;
  bool is_taken(const std::string& name) const;
  NodeId parse(const SourceText& text, const SymbolTable& symbols);
  PointRegion region_of(NodeId set, const Shapes& shapes, const std::string& text);
  PointRegion read(const SourceText& text, const SymbolTable& symbols, const Shapes& shapes);

  Problem& problem_;
  const ProblemText& text_;
  SymbolTable in_sets_;
  SymbolTable in_bodies_;  // what `in` sees; empty without shapes
  Shapes shapes_;
  std::string boundary_;  // the name of all faces; empty: the config gives it another meaning
};

}  // namespace jetpinn
