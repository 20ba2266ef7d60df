#include "jetpinn/problem/shape_text.hpp"

#include "jetpinn/io/stl_file.hpp"
#include "jetpinn/problem/at_place.hpp"
#include "jetpinn/problem/shape_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using Numbers = std::vector<double>;

constexpr std::size_t most_open = 100;        // shapes whose expressions are being read, one within the other

// A turn in the plane of two coordinates, applied after what `turn` does. [n, n]
Numbers turned(const Numbers& turn, std::size_t n, std::size_t from, std::size_t to, double angle) {
  Numbers out = turn;
  for (std::size_t c = 0; c < n; ++c) {
    out[from * n + c] = std::cos(angle) * turn[from * n + c] - std::sin(angle) * turn[to * n + c];
    out[to * n + c] = std::sin(angle) * turn[from * n + c] + std::cos(angle) * turn[to * n + c];
  }
  return out;
}

// The values of one shape as numbers.
class ShapeValues {
 public:
  ShapeValues(const ShapeText& text, const SymbolTable& constants, std::size_t dimensions)
      : text_(text), constants_(constants), dimensions_(dimensions) {}

  bool has(const std::string& key) const { return text_.values.count(key) != 0; }

  const ShapeText::Points& at(const std::string& key) const {
    const auto found = text_.values.find(key);
    if (found == text_.values.end()) fail_at(text_.place, "this shape needs '" + key + "'");
    return found->second;
  }
  double number(const std::string& key) const {
    const ShapeText::Points& value = at(key);
    return value_of(value.points[0][0]);
  }
  Numbers numbers(const std::string& key, std::size_t count) const {
    const ShapeText::Points& value = at(key);
    return point(value.place, value.points[0], count);
  }
  // One number for each coordinate.
  Numbers point(const std::string& key) const { return numbers(key, dimensions_); }
  std::vector<Numbers> points(const std::string& key, std::size_t coordinates) const {
    std::vector<Numbers> all;
    const ShapeText::Points& value = at(key);
    for (const auto& item : value.points) all.push_back(point(item[0], item, coordinates));
    return all;
  }
  std::size_t dimensions() const { return dimensions_; }
  void require_dimensions(const std::string& key, std::size_t dimensions) const {
    if (dimensions_ != dimensions)
      fail_at(text_.place, fmt::format("'{}' is a shape in {} dimension{}, and the problem has {} space coordinate{}", key,
                                       dimensions, dimensions == 1 ? "" : "s", dimensions_, dimensions_ == 1 ? "" : "s"));
  }
  const SourceText& place() const { return text_.place; }

 private:
  Numbers point(const SourceText& place, const std::vector<SourceText>& items, std::size_t count) const {
    if (items.size() != count)
      fail_at(place, fmt::format("{} number{} wanted here, and there {} {}", count, count == 1 ? " is" : "s are",
                                 items.size() == 1 ? "is" : "are", items.size()));
    Numbers numbers;
    for (const SourceText& item : items) numbers.push_back(value_of(item));
    return numbers;
  }
  double value_of(const SourceText& place) const {
    return at_place(place, {}, [&] {
      const double value = parse_constant(place.text, constants_);
      if (!std::isfinite(value)) throw Error(Status::usage, "this is not a finite number");
      return value;
    });
  }

  const ShapeText& text_;
  const SymbolTable& constants_;
  std::size_t dimensions_;
};

std::vector<std::array<double, 2>> plane_corners(const ShapeValues& values, const std::string& key) {
  std::vector<std::array<double, 2>> corners;
  for (const Numbers& corner : values.points(key, 2)) corners.push_back({corner[0], corner[1]});
  return corners;
}

std::vector<Numbers> two_corners(const ShapeValues& values, const std::string& key, std::size_t dimensions) {
  std::vector<Numbers> corners = values.points(key, dimensions);
  if (corners.size() != 2) fail_at(values.at(key).place, "two corners are wanted here, as in [[0, 0], [1, 2]]");
  return corners;
}

ShapePointer box_of(const ShapeValues& values) {
  const std::vector<Numbers> corners = two_corners(values, "box", values.dimensions());
  return make_box(corners[0], corners[1]);
}

// Any two corners that face each other.
ShapePointer rectangle_of(const ShapeValues& values) {
  std::vector<Numbers> corners = two_corners(values, "rectangle", 2);
  for (std::size_t d = 0; d < 2; ++d)
    if (corners[0][d] > corners[1][d]) std::swap(corners[0][d], corners[1][d]);
  return make_box(corners[0], corners[1]);
}

ShapePointer annulus_of(const ShapeValues& values) {
  const double inner = values.number("annulus.inner"), outer = values.number("annulus.outer");
  if (!(inner < outer))
    fail_at(values.at("annulus.inner").place, "the hole of an annulus is smaller than its border outside");
  const Numbers center = values.numbers("annulus.center", 2);
  return intersect(make_ball(center, outer), complement(make_ball(center, inner)));
}

ShapePointer cylinder_of(const ShapeValues& values) {
  const Numbers center = values.numbers("cylinder.center", 3);
  const double half = values.number("cylinder.height") / 2;
  return make_extrusion(make_ball({center[0], center[1]}, values.number("cylinder.radius")), center[2] - half,
                        center[2] + half);
}

ShapePointer extrusion_of(const ShapeValues& values) {
  const Numbers ends = values.numbers("extrusion.between", 2);
  return make_extrusion(make_polygon(plane_corners(values, "extrusion.polygon")), ends[0], ends[1]);
}

ShapePointer stl_of(const ShapeValues& values) {
  const SourceText& file = values.at("stl").points[0][0];
  return at_place(file, {}, [&] {
    const std::vector<double> corners = read_stl(file.text);
    try {
      return make_mesh(corners);
    } catch (const Error& error) {
      throw Error(Status::usage, file.text + ": " + error.what());
    }
  });
}

// A row per primitive: its key, the dimensions that it needs (0: any), and how it is made.
struct PrimitiveRow {
  const char* key;
  std::size_t dimensions;
  ShapePointer (*make)(const ShapeValues& values);
};

constexpr PrimitiveRow primitives[] = {
    {"interval", 1,
     [](const ShapeValues& v) {
       const Numbers ends = v.numbers("interval", 2);
       return make_box({ends[0]}, {ends[1]});
     }},
    {"rectangle", 2, rectangle_of},
    {"box", 0, box_of},
    {"polygon", 2, [](const ShapeValues& v) { return make_polygon(plane_corners(v, "polygon")); }},
    {"simplex", 0, [](const ShapeValues& v) { return make_simplex(v.points("simplex", v.dimensions())); }},
    {"disk", 2, [](const ShapeValues& v) { return make_ball(v.point("disk.center"), v.number("disk.radius")); }},
    {"sphere", 3, [](const ShapeValues& v) { return make_ball(v.point("sphere.center"), v.number("sphere.radius")); }},
    {"ball", 0, [](const ShapeValues& v) { return make_ball(v.point("ball.center"), v.number("ball.radius")); }},
    {"ellipse", 2, [](const ShapeValues& v) { return make_ellipsoid(v.point("ellipse.center"), v.point("ellipse.axes")); }},
    {"ellipsoid", 3,
     [](const ShapeValues& v) { return make_ellipsoid(v.point("ellipsoid.center"), v.point("ellipsoid.axes")); }},
    {"annulus", 2, annulus_of},
    {"cylinder", 3, cylinder_of},
    {"extrusion", 3, extrusion_of},
    {"stl", 3, stl_of},
};

class Reader {
 public:
  Reader(const GeometryText& text, const SymbolTable& constants, std::size_t dimensions)
      : text_(text), constants_(constants), dimensions_(dimensions) {}

  std::map<std::string, ShapePointer> read() {
    if (!text_.shapes.empty() && dimensions_ > most_shape_coordinates)
      fail_at(text_.shapes.begin()->second.place,
              fmt::format("shapes live in {} coordinates at most, and the problem has {} of space; describe its sets by "
                          "inequalities",
                          most_shape_coordinates, dimensions_));
    for (const auto& [name, shape] : text_.shapes) body(name);
    if (text_.domain) bodies_[""] = expression(*text_.domain);
    return std::move(bodies_);
  }

 private:
  ShapePointer body(const std::string& name) {
    if (const auto known = bodies_.find(name); known != bodies_.end()) return known->second;
    const ShapeText& text = text_.shapes.at(name);
    if (open_.size() == most_open)
      fail_at(text.place, fmt::format("the shape '{}' is the last in a chain of more than {} shapes that are made of one "
                                      "another; join them in fewer expressions",
                                      name, most_open));
    open_.insert(name);
    const ShapePointer shape = make(name, text);
    open_.erase(name);
    return bodies_[name] = at_place(text.place, {}, [&] { return move(shape, text); });
  }

  ShapePointer make(const std::string& name, const ShapeText& text) {
    const ShapeValues values(text, constants_, dimensions_);
    std::vector<std::string> given;
    for (const auto& [key, value] : text.values) {
      const std::string kind = key.substr(0, key.find('.'));
      if (kind != "scale" && kind != "rotate" && kind != "translate" && (given.empty() || given.back() != kind))
        given.push_back(kind);
    }
    if (given.size() != 1)
      fail_at(text.place, given.empty() ? "the shape '" + name + "' has no primitive, such as disk or box"
                                        : "the shape '" + name + "' is one primitive, and there are " + given[0] + " and " +
                                              given[1] + "; give each a name, and join them by an expression");
    if (given[0] == "body") return expression(values.at("body").place);
    const PrimitiveRow& row = *std::find_if(std::begin(primitives), std::end(primitives),
                                            [&](const PrimitiveRow& row) { return row.key == given[0]; });
    if (row.dimensions != 0) values.require_dimensions(row.key, row.dimensions);
    return at_place(text.place, {}, [&] { return row.make(values); });
  }

  ShapePointer expression(const SourceText& place) {
    return at_place(place, {}, [&] {
      return parse_shape_expression(place.text, [&](const std::string& name, std::size_t offset) {
        if (text_.shapes.count(name) == 0) {
          std::vector<std::string> known;
          for (const auto& entry : text_.shapes) known.push_back(entry.first);
          const std::string nearest = nearest_name(name, known);
          throw ExpressionError(
              "unknown shape '" + name + "'" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"), offset,
              name.size());
        }
        if (open_.count(name) != 0) throw ExpressionError("the shape '" + name + "' is made of itself", offset, name.size());
        return body(name);
      });
    });
  }

  ShapePointer move(ShapePointer shape, const ShapeText& text) const {
    const ShapeValues values(text, constants_, dimensions_);
    const std::size_t n = dimensions_;
    Motion motion;
    if (values.has("scale")) {
      motion.factor = values.number("scale");
      if (!(motion.factor > 0)) fail_at(values.at("scale").place, "a scale is above 0");
    }
    if (values.has("rotate")) {
      if (n != 2 && n != 3) fail_at(values.at("rotate").place, "shapes are turned in two or three dimensions");
      const Numbers angles = values.numbers("rotate", n == 2 ? 1 : 3);
      motion.turn.assign(n * n, 0.0);
      for (std::size_t d = 0; d < n; ++d) motion.turn[d * n + d] = 1;
      if (n == 2) motion.turn = turned(motion.turn, 2, 0, 1, angles[0]);
      for (std::size_t axis = 0; n == 3 && axis < 3; ++axis)
        motion.turn = turned(motion.turn, 3, (axis + 1) % 3, (axis + 2) % 3, angles[axis]);
    }
    if (values.has("translate")) motion.shift = values.point("translate");
    const bool stays = motion.factor == 1 && motion.turn.empty() && motion.shift.empty();
    return stays ? shape : shape->moved(motion);
  }

  const GeometryText& text_;
  const SymbolTable& constants_;
  std::size_t dimensions_;
  std::map<std::string, ShapePointer> bodies_;
  std::set<std::string> open_;
};

}  // namespace

std::map<std::string, ShapePointer> read_shapes(const GeometryText& text, const SymbolTable& constants,
                                                std::size_t dimensions) {
  return Reader(text, constants, dimensions).read();
}

}  // namespace jetpinn
