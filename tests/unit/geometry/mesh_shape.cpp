// Surfaces of triangles as bodies, beside primitives of the same form.
#include "jetpinn/geometry/border_piece.hpp"
#include "jetpinn/geometry/triangle_mesh.hpp"
#include "support/triangle_surfaces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using testing::box_surface;
using testing::Corners;

class MeshShape : public ::testing::Test {
 protected:
  std::mt19937_64 random{3};
  double uniform(double lower = 0, double upper = 1) { return std::uniform_real_distribution<double>(lower, upper)(random); }
  // Around a body, up to half of its length away.
  std::vector<double> place(const Shape& body) {
    std::vector<double> point;
    for (std::size_t d = 0; d < 3; ++d) {
      const double room = 0.5 * (body.upper()[d] - body.lower()[d]);
      point.push_back(uniform(body.lower()[d] - room, body.upper()[d] + room));
    }
    return point;
  }
  // The same signed distance, to rounding of coordinates of this size.
  void expect_same(const Shape& mesh, const Shape& body, double size, int places = 5000) {
    for (int i = 0; i < places; ++i) {
      const std::vector<double> point = place(body);
      const double distance = body.distance(point.data());
      EXPECT_NEAR(mesh.distance(point.data()), distance, 1e-14 * size);
      if (std::abs(distance) > 1e-12 * size) {
        EXPECT_EQ(mesh.holds(point.data()), distance < 0);
      }
    }
  }
  struct Totals {
    double area = 0, flux = 0;
  };
  // Of what bounds a body; flux: of the place.
  Totals totals(const ShapePointer& body, int tries = 20000) {
    Totals sums;
    for (const auto& piece : border_pieces(body)) {
      std::vector<double> fractions(static_cast<std::size_t>(piece->surface().parameters())), point(3), normal(3);
      for (int i = 0; i < tries; ++i) {
        for (double& fraction : fractions) fraction = uniform();
        if (!piece->surface().place(fractions.data(), point.data()) || !piece->on_border(point.data())) continue;
        piece->normal(point.data(), normal.data());
        sums.area += piece->surface().measure() / tries;
        for (std::size_t d = 0; d < 3; ++d) sums.flux += piece->surface().measure() / tries * normal[d] * point[d];
      }
    }
    return sums;
  }
};

TEST_F(MeshShape, ABoxIsABox) {
  const ShapePointer mesh = make_mesh(box_surface({-1, 0, 0.5}, {1, 0.7, 2})), box = make_box({-1, 0, 0.5}, {1, 0.7, 2});
  EXPECT_EQ(mesh->lower(), box->lower());
  EXPECT_EQ(mesh->upper(), box->upper());
  expect_same(*mesh, *box, 3);
  for (const double x : {-1.0, -0.3, 1.0})  // faces belong to the body, as edges and corners do
    for (const double y : {0.0, 0.7}) EXPECT_TRUE(mesh->holds(std::vector<double>{x, y, 0.5}.data())) << x << ' ' << y;
}

TEST_F(MeshShape, MovesWithItsPrimitive) {
  const Motion motion{3, {std::cos(0.3), -std::sin(0.3), 0, std::sin(0.3), std::cos(0.3), 0, 0, 0, 1}, {5, -1, 0.25}};
  const ShapePointer mesh = make_mesh(box_surface({-1, 0, 0}, {1, 1, 2}))->moved(motion);
  expect_same(*mesh, *make_box({-1, 0, 0}, {1, 1, 2})->moved(motion), 20);
  const Totals sums = totals(mesh);
  EXPECT_NEAR(sums.area, 16 * 9, 1e-9);
  EXPECT_NEAR(sums.flux / 3, 4 * 27, 2);
  EXPECT_EQ(mesh->facts(), "12 triangles, volume 4, area 16, before its moves");
}

// Between the spheres about its corners and about the middles of its triangles.
TEST_F(MeshShape, ASphereIsNearlyASphere) {
  const ShapePointer mesh = make_mesh(testing::sphere_surface(5));
  const double sagitta = 1.5e-3;
  for (int i = 0; i < 5000; ++i) {
    const std::vector<double> point = place(*mesh);
    const double distance = std::hypot(point[0], point[1], point[2]) - 1;
    EXPECT_GE(mesh->distance(point.data()), distance - 1e-14);
    EXPECT_LE(mesh->distance(point.data()), distance + sagitta);
    if (mesh->distance(point.data()) > 0) {
      EXPECT_GT(distance, -sagitta);
    }
  }
  const double center[] = {0, 0, 0};
  EXPECT_NEAR(mesh->distance(center), -1, sagitta);
}

// The nearest of all triangles, by plain loops, on bodies that are not convex; also far away from the origin.
TEST_F(MeshShape, DistanceIsThatOfTheNearestTriangle) {
  Corners corners = testing::sphere_surface(2);
  for (std::size_t i = 0; i < corners.size(); i += 3) {
    const double bump = 1 + 0.4 * std::sin(5 * corners[i]) * std::cos(4 * corners[i + 1] + corners[i + 2]);
    for (std::size_t d = 0; d < 3; ++d) corners[i + d] = 1000 + bump * corners[i + d];
  }
  const ShapePointer mesh = make_mesh(corners);
  for (int i = 0; i < 300; ++i) {
    const std::vector<double> point = place(*mesh);
    double nearest = HUGE_VAL, turns = 0;
    for (std::size_t t = 0; t < corners.size(); t += 9) {
      const auto from = [&](std::size_t k) {
        Point3 way;
        for (std::size_t d = 0; d < 3; ++d) way[d] = corners[t + 3 * k + d] - point[d];
        return way;
      };
      const Point3 a = from(0), b = from(1), c = from(2);
      for (int u = 0; u <= 60; ++u)
        for (int v = 0; u + v <= 60; ++v) {
          Point3 at;
          for (std::size_t d = 0; d < 3; ++d) at[d] = a[d] + u / 60.0 * (b[d] - a[d]) + v / 60.0 * (c[d] - a[d]);
          nearest = std::min(nearest, std::sqrt(dot(at, at)));
        }
      // The solid angle of a triangle (Van Oosterom and Strackee, 1983): they add up to a full one inside.
      const double la = std::sqrt(dot(a, a)), lb = std::sqrt(dot(b, b)), lc = std::sqrt(dot(c, c));
      turns += 2 * std::atan2(dot(a, cross(b, c)), la * lb * lc + dot(a, b) * lc + dot(b, c) * la + dot(c, a) * lb);
    }
    const double distance = mesh->distance(point.data());
    EXPECT_LE(std::abs(distance), nearest + 1e-11);
    EXPECT_GE(std::abs(distance), nearest - 5e-3);
    EXPECT_EQ(distance<0, turns> 2 * std::numbers::pi) << distance;
  }
}

TEST_F(MeshShape, PointsOfTheBorderAreUniformAndOnIt) {
  const ShapePointer mesh = make_mesh(box_surface({0, 0, 0}, {1, 2, 3}));
  const auto surface = mesh->leaves()[0].surfaces[0];
  EXPECT_NEAR(surface->measure(), 22, 1e-13);
  int low = 0, tries = 40000;
  for (int i = 0; i < tries; ++i) {
    const double fractions[] = {uniform(), uniform(), uniform()};
    double point[3], normal[3];
    surface->place(fractions, point);
    surface->normal(point, normal);
    EXPECT_LT(std::abs(mesh->distance(point)), 1e-15);
    for (std::size_t d = 0; d < 3; ++d)
      EXPECT_EQ(std::abs(normal[d]), (point[d] == 0 || point[d] == mesh->upper()[d]) ? 1 : 0);
    low += point[2] == 0;
  }
  EXPECT_NEAR(static_cast<double>(low) / tries, 2.0 / 22, 5e-3);
  const double first[] = {0, 0, 0}, last[] = {std::nextafter(1, 0), std::nextafter(1, 0), std::nextafter(1, 0)};
  for (const double* fractions : {first, last}) {
    double point[3];
    EXPECT_TRUE(surface->place(fractions, point));
    EXPECT_LT(std::abs(mesh->distance(point)), 1e-15);
  }
}

TEST_F(MeshShape, SetOperationsHoldAsOfPrimitives) {
  const ShapePointer ball = make_ball({0, 0, 1}, 0.5);
  const ShapePointer mesh = make_mesh(box_surface({-1, -1, -1}, {1, 1, 1}));
  const double pi = std::numbers::pi;
  const Totals hollow = totals(intersect(mesh, complement(ball)));
  EXPECT_NEAR(hollow.area, 24 - pi * 0.25 + 2 * pi * 0.25, 0.2);
  EXPECT_NEAR(hollow.flux / 3, 8 - 2.0 / 3 * pi * 0.125, 0.1);
  // a face that two meshes share, or a mesh and a primitive, is inside of the union
  for (const ShapePointer& beside : {make_box({1, -1, -1}, {3, 1, 1}), make_mesh(box_surface({1, -1, -1}, {3, 1, 1}))})
    for (const ShapePointer& both : {unite(mesh, beside), unite(beside, mesh)}) {
      const Totals sums = totals(both);
      EXPECT_NEAR(sums.area, 40, 0.3);
      EXPECT_NEAR(sums.flux / 3, 16, 0.2);
    }
  // a mesh within a mesh
  const ShapePointer inner = make_mesh(box_surface({-0.5, -0.5, -0.5}, {0.5, 0.5, 0.5}));
  const Totals shell = totals(intersect(mesh, complement(inner)));
  EXPECT_NEAR(shell.area, 30, 1e-9);
  EXPECT_NEAR(shell.flux / 3, 7, 0.1);
}

// A narrow wedge along z, whose sharp edge has a corner in its middle on one side alone: a triangle without area is between.
TEST_F(MeshShape, SignsAreRightBesideTrianglesWithoutArea) {
  using Point = std::array<double, 3>;
  for (const double width : {0.02, 0.3, 2.0})
    for (const double off : {0.0, 1e-9, -1e-9}) {
      const Point a{0, 0, 0}, b{0, 0, 1}, m{off, 0, 0.5}, p0{1, width, 0}, p1{1, width, 1}, q0{1, -width, 0},
          q1{1, -width, 1};
      Corners corners;
      for (const std::array<Point, 3>& triangle : {std::array<Point, 3>{a, b, p1},
                                                   {a, p1, p0},
                                                   {b, a, m},
                                                   {m, a, q0},
                                                   {b, m, q1},
                                                   {m, q0, q1},
                                                   {a, p0, q0},
                                                   {b, q1, p1},
                                                   {p0, p1, q1},
                                                   {p0, q1, q0}})
        testing::add_triangle(corners, triangle);
      const TriangleMesh surface = make_triangle_mesh(corners);
      EXPECT_EQ(surface.without_area, 1u);
      EXPECT_NEAR(surface.volume, width, 1e-8);
      const ShapePointer mesh = make_mesh(corners);
      EXPECT_NE(mesh->facts().find("9 triangles, volume"), std::string::npos);
      EXPECT_NE(mesh->facts().find(", 1 more without area left out"), std::string::npos);
      const ShapePointer wedge = make_extrusion(make_polygon({{0, 0}, {1, -width}, {1, width}}), 0, 1);
      for (int i = 0; i < 4000; ++i) {
        const double r = i % 2 == 0 ? 0.05 : 1.5;
        const std::vector<double> point = {uniform(-r, r), uniform(-r, r), uniform(-0.5, 1.5)};
        EXPECT_NEAR(mesh->distance(point.data()), wedge->distance(point.data()), 1e-8) << width << ' ' << off;
      }
    }
}

}  // namespace
}  // namespace jetpinn
