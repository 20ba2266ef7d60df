#include "jetpinn/config/schema_rows.hpp"

namespace jetpinn {
namespace {

// What stands at a key of a shape: a number, a point, or a list of points, always as a list of points.
std::vector<std::vector<SourceText>> points_of(const Value& value) {
  const bool nested = value.kind == Value::Kind::list && value.items[0].kind == Value::Kind::list;
  if (!nested) return {places(value)};
  std::vector<std::vector<SourceText>> points;
  for (const Value& item : value.items) points.push_back(places(item));
  return points;
}

}  // namespace

void add_geometry_keys(std::vector<Key>& keys) {
  const std::string path = "geometry.shapes.<name>";
  KeyRow(keys, path, KeyType::table, "",
         "A shape in the space coordinates: one primitive with its moves, or an expression of other shapes.")
      .shorthand("body")
      .set([](const KeySlot& s, const Value& v) { s.config.problem.geometry.shapes[s.name].place = v.place; });
  const auto row = [&](const std::string& name, KeyType type, const std::string& doc) {
    KeyRow(keys, path + "." + name, type, "", doc).standard("none").set([name](const KeySlot& s, const Value& v) {
      s.config.problem.geometry.shapes[s.name].values[name] = {v.place, points_of(v)};
    });
  };
  row("body", KeyType::text, "Other shapes joined by + (union), & (intersection), - (difference) and ~ (complement).");
  row("interval", KeyType::bounds, "Of one coordinate: [lower, upper].");
  row("rectangle", KeyType::corners, "Two corners, [[x, y], [x, y]].");
  row("box", KeyType::corners, "The least and the greatest corner, in any number of dimensions.");
  row("polygon", KeyType::corners, "Corners in their order around it, either way round.");
  row("simplex", KeyType::corners, "One corner more than dimensions: a triangle, a tetrahedron, ...");
  for (const char* name : {"disk", "sphere", "ball"}) {
    const std::string round = name;
    row(round + ".center", KeyType::expressions, "Its center.");
    row(round + ".radius", KeyType::expression, "Its radius.");
  }
  for (const char* name : {"ellipse", "ellipsoid"}) {
    const std::string round = name;
    row(round + ".center", KeyType::expressions, "Its center.");
    row(round + ".axes", KeyType::expressions, "Its semi-axes along the coordinates.");
  }
  row("annulus.center", KeyType::expressions, "Its center.");
  row("annulus.inner", KeyType::expression, "Radius of the hole.");
  row("annulus.outer", KeyType::expression, "Radius of the border outside.");
  row("cylinder.center", KeyType::expressions, "The middle of its axis, which lies along the third coordinate.");
  row("cylinder.radius", KeyType::expression, "Its radius.");
  row("cylinder.height", KeyType::expression, "Its length.");
  row("extrusion.polygon", KeyType::corners, "A polygon in the first two coordinates.");
  row("extrusion.between", KeyType::bounds, "Its ends along the third coordinate.");
  row("stl", KeyType::file, "An STL file, ASCII or binary: a closed surface of triangles.");
  row("scale", KeyType::expression, "Factor by which the shape is scaled about the origin, first of its moves.");
  row("rotate", KeyType::expressions,
      "Then turned about the origin: an angle in radians in two dimensions; in three a list, about the first, the second "
      "and the "
      "third coordinate in turn.");
  row("translate", KeyType::expressions, "Then shifted by so much along each coordinate.");
  KeyRow(keys, "geometry.domain", KeyType::text, "",
         "What the domain is cut down to: an expression of shapes, as body. problem.domain stays the box that scales the "
         "inputs.")
      .standard("the box")
      .set([](const KeySlot& s, const Value& v) { s.config.problem.geometry.domain = v.place; });
}

}  // namespace jetpinn
