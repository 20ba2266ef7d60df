#include "jetpinn/geometry/triangle_mesh.hpp"

#include "support/expect_error.hpp"
#include "support/triangle_surfaces.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

using testing::box_surface;
using testing::Corners;

void turn_over(Corners& corners, std::size_t triangle) {
  for (std::size_t d = 0; d < 3; ++d) std::swap(corners[9 * triangle + d], corners[9 * triangle + 3 + d]);
}

Corners both(Corners one, const Corners& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

TEST(TriangleMesh, MeasuresAreExact) {
  const TriangleMesh box = make_triangle_mesh(box_surface({-1, 0, 1}, {1, 3, 2}));
  EXPECT_EQ(box.vertices.size(), 8u);
  EXPECT_EQ(box.triangles.size(), 12u);
  EXPECT_EQ(box.without_area, 0u);
  EXPECT_NEAR(box.area, 2 * (6 + 2 + 3), 1e-14);
  EXPECT_NEAR(box.volume, 6, 1e-14);
  const TriangleMesh sphere = make_triangle_mesh(testing::sphere_surface(5));
  EXPECT_EQ(sphere.vertices.size(), sphere.triangles.size() / 2 + 2) << "Euler";
  EXPECT_NEAR(sphere.area, 4 * std::numbers::pi, 0.02);
  EXPECT_NEAR(sphere.volume, 4.0 / 3 * std::numbers::pi, 0.02);
  for (std::size_t v = 0; v < sphere.vertices.size(); ++v) {
    const Point3& normal = sphere.vertex_normals[v];
    EXPECT_GT(dot(normal, sphere.vertices[v]) / std::sqrt(dot(normal, normal)), 0.999);
  }
  const TriangleMesh hollow = make_triangle_mesh([] {
    Corners inner = box_surface({-0.5, -0.5, -0.5}, {0.5, 0.5, 0.5});
    for (std::size_t t = 0; t < 12; ++t) turn_over(inner, t);
    return both(box_surface({-1, -1, -1}, {1, 1, 1}), inner);
  }());
  EXPECT_NEAR(hollow.volume, 7, 1e-14) << "a cavity faces inwards";
}

// Equal corners, and those that single precision may have moved, are one vertex.
TEST(TriangleMesh, CornersAreWelded) {
  Corners corners = box_surface({-1, 0, 1}, {1, 3, 2});
  for (std::size_t i = 0; i < corners.size(); ++i) corners[i] += 1e-8 * static_cast<double>(i % 7);
  EXPECT_EQ(make_triangle_mesh(corners).vertices.size(), 8u);
  for (double& x : corners) x *= 1e-6;
  EXPECT_EQ(make_triangle_mesh(corners).vertices.size(), 8u) << "whatever the unit";
  Corners apart = box_surface({-1, 0, 1}, {1, 3, 2});
  apart[0] += 1e-5;
  testing::expect_error(Status::usage, {"is not closed"}, [&] { make_triangle_mesh(apart); });
}

TEST(TriangleMesh, WhatBoundsNoBodyIsRefused) {
  const auto refused = [](const Corners& corners, const std::string& words) {
    testing::expect_error(Status::usage, {words}, [&] { make_triangle_mesh(corners); });
  };
  const Corners box = box_surface({0, 0, 0}, {1, 1, 1});
  refused({}, "this surface has no triangle");
  refused(Corners(18, 0.5), "which is no extent");
  refused({0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0}, "none of the 2 triangles of this surface has an area");
  refused({0, 0, 0, 0, 0, 0, 2, 0, 0}, "none of the 1 triangles of this surface has an area");
  Corners open = box;
  open.resize(open.size() - 9);
  refused(open, "this surface is not closed: 3 edges have a triangle on one side alone, such as that from (");
  open.resize(open.size() - 9);
  refused(open, "4 edges have a triangle on one side alone");
  Corners flipped = box;
  turn_over(flipped, 3);
  refused(flipped, "1 flipped facet in this surface, as at (1, 0.333333, 0.666667)");
  turn_over(flipped, 7);
  refused(flipped, "2 flipped facets in this surface");
  Corners inside_out = box;
  for (std::size_t t = 0; t < 12; ++t) turn_over(inside_out, t);
  refused(inside_out, "this surface is inside out, as at (");
  for (double& x : inside_out) x += 3;
  refused(both(box, inside_out), "this surface is inside out, as at (");
  refused(both(box, box_surface({1, 1, 0}, {2, 2, 1})),
          "1 edge of this surface has more than two triangles, such as that from (");
  refused(both(box, box_surface({1, 0, 0}, {2, 1, 1})), "edges of this surface have more than two triangles");
}

}  // namespace
}  // namespace jetpinn
