// Closed surfaces of triangles, and STL files of them.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace jetpinn::testing {

using Corners = std::vector<double>;  // [triangles, 3, 3]

inline void add_triangle(Corners& corners, const std::array<std::array<double, 3>, 3>& triangle) {
  for (const auto& corner : triangle) corners.insert(corners.end(), corner.begin(), corner.end());
}

// A box, of two triangles a face.
inline Corners box_surface(const std::array<double, 3>& lower, const std::array<double, 3>& upper) {
  Corners corners;
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const bool high : {false, true}) {
      const std::size_t one = (axis + 1) % 3, other = (axis + 2) % 3;
      const auto corner = [&](bool a, bool b) {
        std::array<double, 3> point{};
        point[axis] = high ? upper[axis] : lower[axis];
        point[one] = a ? upper[one] : lower[one];
        point[other] = b ? upper[other] : lower[other];
        return point;
      };
      const auto a = corner(false, false), b = corner(high, !high), c = corner(true, true), d = corner(!high, high);
      add_triangle(corners, {a, b, c});
      add_triangle(corners, {a, c, d});
    }
  return corners;
}

// The unit sphere: an octahedron whose triangles are cut in four, again and again. 8 * 4^halvings triangles
inline Corners sphere_surface(int halvings) {
  using Point = std::array<double, 3>;
  Corners corners;
  const auto middle = [](const Point& a, const Point& b) {
    Point sum{a[0] + b[0], a[1] + b[1], a[2] + b[2]};
    const double size = std::sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
    for (double& x : sum) x /= size;
    return sum;
  };
  const auto cut = [&](const auto& self, const Point& a, const Point& b, const Point& c, int left) -> void {
    if (left == 0) return add_triangle(corners, {a, b, c});
    const Point ab = middle(a, b), bc = middle(b, c), ca = middle(c, a);
    self(self, a, ab, ca, left - 1);
    self(self, ab, b, bc, left - 1);
    self(self, ca, bc, c, left - 1);
    self(self, ab, bc, ca, left - 1);
  };
  for (const double x : {1.0, -1.0})
    for (const double y : {1.0, -1.0})
      for (const double z : {1.0, -1.0}) {
        const Point a{x, 0, 0}, b{0, y, 0}, c{0, 0, z};
        x* y* z > 0 ? cut(cut, a, b, c, halvings) : cut(cut, a, c, b, halvings);
      }
  return corners;
}

inline std::string ascii_stl(const Corners& corners) {
  std::string text = "solid part made by a test\n";
  char line[128];
  for (std::size_t i = 0; i < corners.size(); i += 3) {
    if (i % 9 == 0) text += " facet normal 0 0 0\n  outer loop\n";
    std::snprintf(line, sizeof line, "   vertex %.17g %.17g %.17g\n", corners[i], corners[i + 1], corners[i + 2]);
    text += line;
    if (i % 9 == 6) text += "  endloop\n endfacet\n";
  }
  return text + "endsolid part\n";
}

inline std::string binary_stl(const Corners& corners) {
  std::string bytes = "solid or not, a header of 80 bytes";
  bytes.resize(80, ' ');
  const auto count = static_cast<std::uint32_t>(corners.size() / 9);
  bytes.append(reinterpret_cast<const char*>(&count), 4);
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (i % 9 == 0) bytes.append(12, '\0');
    const auto number = static_cast<float>(corners[i]);
    bytes.append(reinterpret_cast<const char*>(&number), 4);
    if (i % 9 == 8) bytes.append(2, '\0');
  }
  return bytes;
}

}  // namespace jetpinn::testing
