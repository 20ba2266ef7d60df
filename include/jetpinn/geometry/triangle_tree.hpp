// The triangle nearest to a point, by a tree of boxes (Ericson, Real-time collision detection, 2005, 6).
#pragma once

#include "jetpinn/geometry/triangle_mesh.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

class TriangleTree {
 public:
  // mesh: what it is made of is copied.
  explicit TriangleTree(const TriangleMesh& mesh);

  struct Nearest {
    enum class Feature : std::uint8_t { face, side, vertex };
    std::int32_t triangle = -1;
    Feature feature = Feature::face;
    std::int32_t number = 0;  // of the side, or of the corner, in the triangle
    double square = 0;        // of the distance
    Point3 away{};            // the way from the nearest point of the triangle
  };
  Nearest nearest(const Point3& point) const;

  // Numbers of the triangles in an order in which neighbours are near. [triangles]
  const std::vector<std::int32_t>& order() const { return order_; }

 private:
  struct Node {
    Point3 lower, upper;
    std::int32_t first = 0, count = 0;  // of a leaf: its triangles in their order; of another node count is 0, ...
    std::int32_t second = 0;            // ... and its children are the next node and this one
    double square(const Point3& point) const;
  };
  struct Triangle {
    std::array<Point3, 3> corners;
    Point3 normal;
    void take_nearer(const Point3& point, std::int32_t number, Nearest& nearest) const;
  };

  void build(const std::vector<Point3>& middles, std::int32_t first, std::int32_t count, const TriangleMesh& mesh);

  std::vector<std::int32_t> order_;
  std::vector<Triangle> triangles_;  // [order]
  std::vector<Node> nodes_;
};

}  // namespace jetpinn
