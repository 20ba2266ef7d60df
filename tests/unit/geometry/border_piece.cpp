#include "jetpinn/geometry/border_piece.hpp"

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace jetpinn {
namespace {

constexpr double pi = std::numbers::pi;

// Length or area, and outward flux over dimensions, of the border of a body.
struct Totals {
  double border = 0, volume = 0;
};

Totals totals(const ShapePointer& body, int tries = 20000) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> draw(0, 1);
  Totals sums;
  for (const auto& piece : border_pieces(body)) {
    const Surface& surface = piece->surface();
    std::vector<double> fractions(static_cast<std::size_t>(surface.parameters())), point(body->dimensions()),
        normal(body->dimensions());
    for (int i = 0; i < tries; ++i) {
      for (double& fraction : fractions) fraction = draw(random);
      if (!surface.place(fractions.data(), point.data()) || !piece->on_border(point.data())) continue;
      piece->normal(point.data(), normal.data());
      sums.border += surface.measure() / tries;
      for (std::size_t d = 0; d < point.size(); ++d)
        sums.volume += surface.measure() / tries * normal[d] * point[d] / static_cast<double>(point.size());
    }
  }
  return sums;
}

void expect_totals(const ShapePointer& body, double border, double volume) {
  const Totals sums = totals(body);
  EXPECT_NEAR(sums.border, border, 0.01 * border);
  EXPECT_NEAR(sums.volume, volume, 0.02 * std::abs(volume) + 0.02);
}

TEST(BorderPiece, HolesHaveNormalsIntoThem) {
  const ShapePointer square = make_box({-1, -1}, {1, 1}), disk = make_ball({0.2, 0}, 0.3);
  expect_totals(intersect(square, complement(disk)), 8 + 2 * pi * 0.3, 4 - pi * 0.09);
}

TEST(BorderPiece, PartsOfOverlappingBodies) {
  const ShapePointer a = make_ball({0, 0}, 1), b = make_ball({1, 0}, 1);  // a third of each circle lies in the other
  const double lens = 2 * pi / 3 - std::sqrt(3.0) / 2;
  expect_totals(unite(a, b), 8 * pi / 3, 2 * pi - lens);
  expect_totals(intersect(a, b), 4 * pi / 3, lens);
  expect_totals(intersect(a, complement(b)), 2 * pi, pi - lens);
}

// Faces that lie in one another count once, or not at all where both sides are inside or both outside.
TEST(BorderPiece, SharedFaces) {
  const ShapePointer left = make_box({0, 0}, {1, 1}), right = make_box({1, 0}, {2, 1});
  expect_totals(unite(left, right), 6, 2);
  const ShapePointer whole = make_box({0, 0}, {2, 2}), corner = make_box({1, 1}, {2, 2});
  expect_totals(intersect(whole, complement(corner)), 8, 3);  // an L
  expect_totals(unite(whole, corner), 8, 4);
  expect_totals(intersect(whole, corner), 4, 1);
}

TEST(BorderPiece, InThreeDimensions) {
  const ShapePointer cube = make_box({-1, -1, -1}, {1, 1, 1}), ball = make_ball({0, 0, 1}, 0.5);
  expect_totals(intersect(cube, complement(ball)), 24 - pi * 0.25 + 2 * pi * 0.25, 8 - 2.0 / 3 * pi * 0.125);
}

// t in [0, 3], x and y in [-1, 1]; a square with a hole in x and y.
struct Plate {
  std::vector<double> lower{0, -1, -1}, upper{3, 1, 1};
  std::vector<std::string> names{"t", "x", "y"};
  ExpressionGraph graph;
  SymbolTable symbols;
  Shapes shapes;
  Plate() {
    symbols.coordinates = names;
    const ShapePointer square = make_box({-1, -1}, {1, 1}), disk = make_ball({0.2, 0}, 0.3);
    shapes.axes = {1, 2};
    shapes.domain = intersect(square, complement(disk));
    shapes.inside =
        graph.make(Op::less_equal, parse_expression(graph, symbols, shapes.domain->level({"x", "y"})), graph.constant(0));
    name("square", square);
    name("disk", disk);
    name("slab", make_box({-1, -1}, {1, 0.1}));
  }
  void name(const std::string& called, const ShapePointer& body) {
    const NodeId node = graph.make(Op::equal, parse_expression(graph, symbols, body->level({"x", "y"})), graph.constant(0));
    shapes.borders[node] = {called, body};
    symbols.trained[called] = node;
  }
  PointRegion on(const std::string& text) {
    return condition_region(graph, parse_expression(graph, symbols, text), lower, upper, names, shapes);
  }
};

double size(const PointRegion& region) {
  double sum = 0;
  for (const Piece& piece : region.pieces) sum += piece.size;
  return sum;
}

TEST(ShapeRegion, BordersTimesTheTime) {
  Plate plate;
  const PointRegion disk = plate.on("disk");
  ASSERT_EQ(disk.pieces.size(), 1u);
  EXPECT_NEAR(size(disk), 3 * 2 * pi * 0.3, 1e-9);
  // each coordinate in the domain's length: the circle is half as large, the time goes over 1
  EXPECT_NEAR(disk.pieces[0].measure, 2 * pi * 0.15, 1e-6);
  const BoxRegion region(disk, plate.graph);
  EXPECT_EQ(region.parameters(0), 2);
  std::vector<double> point(3), normal(3);
  region.place(0, std::vector<double>{0.25, 0.5}.data(), point.data());
  EXPECT_TRUE(region.accepts(0, point.data()));
  EXPECT_NEAR(point[0], 1.5, 1e-15);
  EXPECT_NEAR(point[1], 0.2, 1e-15);
  EXPECT_NEAR(point[2], 0.3, 1e-15);
  ASSERT_TRUE(region.normal(0, point.data(), normal.data()));
  EXPECT_NEAR(normal[2], -1, 1e-12) << "out of the domain, into the hole";
  EXPECT_EQ(normal[0], 0);
}

TEST(ShapeRegion, InequalitiesChooseAPart) {
  Plate plate;
  EXPECT_NEAR(size(plate.on("disk && y < 0")), 3 * pi * 0.3, 0.01);
  EXPECT_NEAR(size(plate.on("square && x < -0.99999999")), 3 * 2, 0.01);
  EXPECT_NEAR(size(plate.on("disk && t == 1")), 2 * pi * 0.3, 1e-9) << "one time";
  EXPECT_NEAR(size(plate.on("square || disk")), 3 * (8 + 2 * pi * 0.3), 0.01);
}

TEST(ShapeRegion, BordersEndWhereTheDomainDoes) {
  Plate plate;
  const double chord = 2 * std::sqrt(0.3 * 0.3 - 0.1 * 0.1);  // of the slab's upper side in the hole
  EXPECT_NEAR(size(plate.on("slab")), 3 * (2 * 2 + 2 * 1.1 - chord), 0.02);
}

// The border of one that lies on the border of the other: none of the hole's, and a part of the square's.
TEST(ShapeRegion, WhatTwoBordersShare) {
  Plate plate;
  EXPECT_NEAR(size(plate.on("square && slab")), 3 * (2 + 2 * 1.1), 0.02);
  testing::expect_error(Status::usage, {"selects nothing"}, [&] { plate.on("square && disk"); });
  testing::expect_error(Status::usage, {"two"}, [&] { plate.on("square && slab && disk"); });
}

// Beside borders, sets are cut down to the domain.
TEST(ShapeRegion, OtherSetsLieInTheDomain) {
  Plate plate;
  const PointRegion initial = plate.on("t == 0");
  ASSERT_EQ(initial.pieces.size(), 1u);
  EXPECT_NEAR(initial.pieces[0].measure, 1 - pi * 0.09 / 4, 0.01);
  const BoxRegion region(initial, plate.graph);
  EXPECT_FALSE(region.accepts(0, std::vector<double>{0, 0.2, 0.1}.data()));
  EXPECT_TRUE(region.accepts(0, std::vector<double>{0, 0.2, 0.9}.data()));
}

TEST(ShapeRegion, WhatIsNoSet) {
  Plate plate;
  testing::expect_error(Status::usage, {"border"}, [&] { plate.on("!disk"); });
  testing::expect_error(Status::usage, {"fixes x"}, [&] { plate.on("disk && x == 0.2"); });
}

}  // namespace
}  // namespace jetpinn
