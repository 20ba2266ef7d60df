// [geometry]: named shapes, as text and as bodies.
#pragma once

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/shape.hpp"
#include "jetpinn/problem/source_text.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// A shape as keys with constant expressions: "disk.center", "disk.radius", "rotate", ...
struct ShapeText {
  struct Points {
    SourceText place;                             // of the value
    std::vector<std::vector<SourceText>> points;  // one of one number for a number
  };
  SourceText place;  // of the whole
  std::map<std::string, Points> values;
};

struct GeometryText {
  std::map<std::string, ShapeText> shapes;
  std::optional<SourceText> domain;  // an expression of shapes
};

inline constexpr std::size_t most_shape_coordinates = 16;  // a moved box has two to the power of them corners

// The bodies by their names, in `dimensions` coordinates; the domain is called by the empty name. Throws Error (usage)
// pointing at what is no body, has another number of coordinates, or is made of itself.
std::map<std::string, ShapePointer> read_shapes(const GeometryText& text, const SymbolTable& constants,
                                                std::size_t dimensions);

}  // namespace jetpinn
