// A closed surface of triangles, and which way is out of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

using Point3 = std::array<double, 3>;

inline Point3 operator-(const Point3& a, const Point3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
inline double dot(const Point3& a, const Point3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Point3 cross(const Point3& a, const Point3& b);

struct TriangleMesh {
  std::vector<Point3> vertices;
  std::vector<std::array<std::int32_t, 3>> triangles;  // counterclockwise as seen from outside; all have an area
  std::size_t without_area = 0;                        // triangles that were left out, for they have none
  double area = 0, volume = 0;                         // volume: by the divergence theorem
  std::vector<double> areas;                           // [triangles]

  // What points away from the body at a face, at side k from corner k to the next, and at a vertex: the normal of the face,
  // the sum of both faces' normals, and the sum of all faces' normals weighted by their angles. The sign of the product with
  // the way from the nearest point of the surface is that of the distance (Baerentzen and Aanaes, Signed distance
  // computation using the angle weighted pseudonormal, 2005). Of length one at faces alone.
  std::vector<Point3> face_normals;                 // [triangles]
  std::vector<std::array<Point3, 3>> side_normals;  // [triangles]
  std::vector<Point3> vertex_normals;               // [vertices]
};

// corners: [triangles, 3, 3], finite. Corners that are equal, or no farther from one another than single precision resolves
// of the surface's box, are one vertex. A triangle that is not higher than that has no area: its neighbours meet through it.
// Throws Error (usage), without a place, for a surface that is not closed, whose triangles face different ways or inwards,
// or on which more than two triangles meet in an edge. Whether it cuts itself is not looked at.
TriangleMesh make_triangle_mesh(const std::vector<double>& corners);

}  // namespace jetpinn
