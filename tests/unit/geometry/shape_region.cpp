// Sets that conditions choose on the borders of shapes, and what is left of other sets by a domain of shapes.
#include "jetpinn/geometry/box_region.hpp"

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/border_piece.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using std::numbers::pi;

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
    shapes.inside = graph.make(Op::less_equal, level(shapes.domain), graph.constant(0));
    name("square", square);
    name("disk", disk);
    name("slab", make_box({-1, -1}, {1, 0.1}));
  }
  NodeId level(const ShapePointer& body) {
    return graph.level({[body](const double* point) { return body->distance(point + 1); }});
  }
  void name(const std::string& called, const ShapePointer& body) {
    const NodeId node = graph.make(Op::equal, level(body), graph.constant(0));
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

// No point that a piece takes is one that another takes, and together they are as large as what they are the union of.
void expect_apart(Plate& plate, const std::string& set, double expected, double tolerance) {
  const PointRegion pieces = plate.on(set);
  const BoxRegion region(pieces, plate.graph);
  std::mt19937_64 random(13);
  std::uniform_real_distribution<double> draw(0, 1);
  std::vector<double> point(3);
  int taken = 0;
  for (std::size_t p = 0; p < region.parts(); ++p) {
    std::vector<double> fractions(static_cast<std::size_t>(region.parameters(p)));
    for (int i = 0; i < 1000; ++i) {
      for (double& fraction : fractions) fraction = draw(random);
      region.place(p, fractions.data(), point.data());
      if (!region.accepts(p, point.data())) continue;
      ++taken;
      for (std::size_t q = 0; q < region.parts(); ++q) {
        const auto &one = pieces.pieces[p].border, &other = pieces.pieces[q].border;  // it asks for points of its surface
        if (q == p || (other && !(one && one->border->same_surface(*other->border)))) continue;
        EXPECT_FALSE(is_in(pieces.pieces[q], point.data()) && region.accepts(q, point.data()))
            << set << ": piece " << p << " and piece " << q;
      }
    }
  }
  EXPECT_GT(taken, 100) << set;
  EXPECT_NEAR(region.measure(), expected, tolerance) << set;
}

TEST(ShapeRegion, AlternativesShareNothing) {
  Plate plate;
  const auto measure = [&](const std::string& set) { return BoxRegion(plate.on(set), plate.graph).measure(); };
  const double disk = measure("disk"), square = measure("square");
  // pieces of one surface are measured by the same trial points: nothing is lost between them, and nothing counted twice
  expect_apart(plate, "disk && x < 0.2 || disk && x < 0.4", measure("disk && x < 0.4"), 1e-9);
  expect_apart(plate, "disk && x < 0.2 || disk", disk, 1e-9);
  expect_apart(plate, "disk || disk && x < 0.2", disk, 1e-9);
  expect_apart(plate, "disk && x > 0.1 && x < 0.3 || disk", disk, 1e-9);
  expect_apart(plate, "disk && x*y < 0.01 || disk && y < 0.1 || disk", disk, 1e-9);
  expect_apart(plate, "disk && x*y < 0.01 || disk && x*y >= 0.01", disk, 1e-9);
  expect_apart(plate, "disk && t < 1 || disk && t < 2", 2.0 / 3 * disk, 1e-9);
  expect_apart(plate, "disk && t < 1 && x < 0.2 || disk", disk, 0.01 * disk);
  expect_apart(plate, "square && slab || square", square, 1e-9);
  expect_apart(plate, "square || square && slab", square, 1e-9);
  // one border by two names, and faces of the domain's box that are faces of a shape
  const double upper_side = measure("slab && y > 0.09999");
  expect_apart(plate, "slab || square", square + upper_side, 0.01 * square);
  expect_apart(plate, "square || slab", square + upper_side, 0.01 * square);
  expect_apart(plate, "square || x == 1", square, 1e-3 * square);
  expect_apart(plate, "x == 1 && y < 0.3 || square", square, 1e-3 * square);
  expect_apart(plate, "x == 1 || y == 1 || square", square, 1e-3 * square);
  EXPECT_EQ(plate.on("disk && x < 0.2 || disk").pieces.size(), 1u) << "the first lies in the second";
}

// Two circles that cross, of which each alternative holds one and cuts the other.
TEST(ShapeRegion, AlternativesShareNothingOfSeveralSurfaces) {
  Plate plate;
  plate.name("ab", unite(make_ball({-0.5, -0.4}, 0.3), make_ball({-0.1, -0.6}, 0.3)));
  const auto measure = [&](const std::string& set) { return BoxRegion(plate.on(set), plate.graph).measure(); };
  const double all = measure("ab");
  expect_apart(plate, "ab && x < 0.1 || ab && y < 0.5", all, 1e-9);
  expect_apart(plate, "ab && x < 0.1 || ab && y < -0.2", measure("ab && x < 0.1") + measure("ab && x >= 0.1 && y < -0.2"),
               1e-9);
  expect_apart(plate, "ab && y < -0.2 || ab && x < 0.1", measure("ab && x < 0.1") + measure("ab && x >= 0.1 && y < -0.2"),
               1e-9);
  expect_apart(plate, "ab && x < 0.1 && t < 1 || ab && y < -0.2 || ab", all, 0.01 * all);
  EXPECT_EQ(plate.on("ab && x < 0.1 || ab && y < 0.5").pieces.size(), 2u) << "the first lies in the second";
}

// Sets of random alternatives: each point of the border that meets one of them is in one piece, and no other point is in
// any.
TEST(ShapeRegion, EachPointOfASetIsInOnePiece) {
  Plate plate;
  const ShapePointer body =
      unite(make_ball({-0.5, -0.4}, 0.3), unite(make_ball({-0.1, -0.6}, 0.3), make_box({-1, 0}, {0, 1})));
  plate.name("ab", body);
  const PointRegion whole = plate.on("ab");
  const BoxRegion border(whole, plate.graph);
  std::mt19937_64 random(17);
  std::uniform_real_distribution<double> draw(0, 1);
  const auto bound = [&] {
    const std::string at = std::to_string(2 * draw(random) - 1);
    switch (random() % 5) {
      case 0:
        return "x < " + at;
      case 1:
        return "x > " + at;
      case 2:
        return "y < " + at;
      case 3:
        return "t < " + std::to_string(3 * draw(random));
      default:
        return std::string("x*y < 0.01");
    }
  };
  int points = 0, outside = 0;
  for (int set = 0; set < 25; ++set) {
    std::string on, meets;
    for (int k = 0; k < 3; ++k) {
      const std::string bounds = bound() + " && " + bound();
      on += (k == 0 ? "ab && " : " || ab && ") + bounds;
      meets += (k == 0 ? "(" : " || (") + bounds + ")";
    }
    PointRegion pieces;
    try {
      pieces = plate.on(on);
    } catch (const Error&) {
      continue;  // it selects nothing
    }
    const BoxRegion region(pieces, plate.graph);
    const NodeId condition = parse_expression(plate.graph, plate.symbols, meets);
    std::vector<double> point(3);
    for (std::size_t p = 0; p < border.parts(); ++p)
      for (int i = 0; i < 40; ++i) {
        std::vector<double> fractions(static_cast<std::size_t>(border.parameters(p)));
        for (double& fraction : fractions) fraction = draw(random);
        border.place(p, fractions.data(), point.data());
        if (!border.accepts(p, point.data())) continue;
        int taken = 0;
        for (std::size_t q = 0; q < region.parts(); ++q)
          taken += pieces.pieces[q].border->border->same_surface(*whole.pieces[p].border->border) &&
                   region.accepts(q, point.data());
        const bool meant = evaluate(plate.graph, condition, point.data()) != 0;
        EXPECT_EQ(taken, meant ? 1 : 0) << on << " at t = " << point[0] << ", x = " << point[1] << ", y = " << point[2];
        ++points, outside += !meant;
      }
  }
  EXPECT_GT(points, 4000);
  EXPECT_GT(outside, points / 20);
}

// Edges along a coordinate lie where their corners do, to the last bit; a box about them takes in what rounding adds.
TEST(ShapeRegion, NoPointOfAnEdgeIsLost) {
  Plate plate;
  const std::vector<std::array<double, 2>> corners = {{-0.7, 0.3}, {-0.3, 0.3}, {-0.3, 0.9}, {-0.7, 0.9}};
  plate.name("polygon", make_polygon(corners));
  EXPECT_NEAR(size(plate.on("polygon")), 3 * 2, 1e-9);
  EXPECT_NEAR(size(plate.on("polygon && x <= -0.3")), 3 * 2, 1e-9);
  EXPECT_NEAR(size(plate.on("polygon && x < -0.3")), 3 * 1.4, 1e-9);
  plate.name("turned", make_box({-0.3, 0.3}, {0.3, 0.7})->moved({1, {0, -1, 1, 0}, {0, 0}}));
  EXPECT_NEAR(size(plate.on("turned")), 3 * 2, 1e-9);
  const double angle = 0.5 * pi;
  plate.name("turned_by_angle", make_box({-0.3, 0.3}, {0.3, 0.7})
                                    ->moved({1, {std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)}, {}}));
  EXPECT_NEAR(size(plate.on("turned_by_angle")), 3 * 2, 1e-9);
}

TEST(ShapeRegion, FacesOfADomainFarFromTheOrigin) {
  for (const double far : {1e3, 1e6, 1e8}) {
    Plate plate;
    plate.lower = {0, far, -far - 1};
    plate.upper = {3, far + 1, -far};
    const double angle = 0.5 * pi;
    const ShapePointer square =
        make_box({-0.5, -0.5}, {0.5, 0.5})
            ->moved({1, {std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)}, {far + 0.5, -far - 0.5}});
    plate.shapes.domain = square;
    plate.name("whole", square);
    EXPECT_NEAR(size(plate.on("whole")), 3 * 4, 0.01) << far;
  }
}

// A body that counts how often it is asked on which sides of a point it lies.
class Counting : public Shape {
 public:
  explicit Counting(ShapePointer own) : own_(std::move(own)) {}
  const std::vector<double>& lower() const override { return own_->lower(); }
  const std::vector<double>& upper() const override { return own_->upper(); }
  double distance(const double* point) const override { return own_->distance(point); }
  Sides sides(const double* point, const double* normal, double error) const override {
    ++asked;
    return own_->sides(point, normal, error);
  }
  double rounding(const double* point) const override { return own_->rounding(point); }
  double thickness() const override { return own_->thickness(); }
  std::vector<Leaf> leaves() const override { return own_->leaves(); }
  std::size_t primitives() const override { return own_->primitives(); }
  ShapePointer moved(const Motion& motion) const override { return own_->moved(motion); }
  Local in_box(const std::vector<double>&, const std::vector<double>&) const override { return {shared_from_this()}; }

  mutable int asked = 0;

 private:
  ShapePointer own_;
};

// 130 alternatives on the 120 sides of a polygon took a minute when each of them looked at all trial points again.
TEST(ShapeRegion, AlternativesAskABorderOnce) {
  Plate plate;
  const auto domain = std::make_shared<Counting>(plate.shapes.domain);
  plate.shapes.domain = domain;
  plate.name("triangle", make_polygon({{-0.9, -0.9}, {-0.5, -0.9}, {-0.5, 0.3}}));
  const PointRegion once = plate.on("triangle");
  const int asked = std::exchange(domain->asked, 0);
  const PointRegion parts = plate.on("triangle && t < 1 || triangle && t > 1.5 && t < 2 || triangle && t > 2 && x < -0.6");
  EXPECT_EQ(domain->asked, asked);
  ASSERT_EQ(parts.pieces.size(), 3u + 3 + 2);
  EXPECT_NEAR(size(parts), 1.5 / 3 * size(once) + 0.75 * (0.4 + std::hypot(0.4, 1.2)), 0.01);
}

// An ellipse takes two numbers for a point and is a curve all the same.
TEST(ShapeRegion, DimensionsAreThoseOfTheSet) {
  Plate plate;
  plate.name("ellipse", make_ellipsoid({-0.5, 0}, {0.3, 0.2}));
  const auto dimensions = [&](const std::string& set) {
    const BoxRegion region(plate.on(set), plate.graph);
    std::vector<int> list;
    for (std::size_t p = 0; p < region.parts(); ++p) list.push_back(region.dimension(p));
    return list;
  };
  using List = std::vector<int>;
  EXPECT_EQ(dimensions("ellipse"), List{2});
  EXPECT_EQ(dimensions("ellipse && t == 1 || t == 2 || x == 1 && y == 0 && t == 0"), (List{1, 2, 0}));
  EXPECT_EQ(BoxRegion(plate.on("ellipse && t == 1 || x == 1 && t == 0"), plate.graph).dimension(), 1);
}

// Trial points of the whole box would hardly find the simplex, which is 1e-5 of it, and never its half.
TEST(ShapeRegion, SmallDomainsInLargeBoxes) {
  const std::vector<double> lower(5, -2), upper(5, 3);
  ExpressionGraph graph;
  Shapes shapes;
  shapes.axes = {0, 1, 2, 3, 4};
  shapes.domain = make_simplex(
      {{0, 0, 0, 0, 0}, {1.3, 0, 0, 0, 0}, {0, 1.3, 0, 0, 0}, {0, 0, 1.3, 0, 0}, {0, 0, 0, 1.3, 0}, {0, 0, 0, 0, 1.3}});
  shapes.inside = graph.make(Op::less_equal, graph.level({[&](const double* x) { return shapes.domain->distance(x); }}),
                             graph.constant(0));
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  const auto region = [&](NodeId on) { return condition_region(graph, on, lower, upper, names, shapes); };
  const PointRegion whole = region(graph.constant(1));
  const double volume = std::pow(1.3 / 5, 5) / 120;  // in units of the domain's lengths
  ASSERT_EQ(whole.pieces.size(), 1u);
  EXPECT_NEAR(whole.pieces[0].measure, volume, 64 * std::numeric_limits<double>::epsilon() * volume);
  EXPECT_EQ(piece_name(whole, whole.pieces[0], graph, names), "the domain");
  const PointRegion half = region(graph.make(Op::less, graph.coordinate(0), graph.coordinate(1)));
  ASSERT_EQ(half.pieces.size(), 1u);
  EXPECT_NEAR(half.pieces[0].measure, volume / 2, 0.1 * volume);  // 137 of 32 768 trial points, and two deviations
  const BoxRegion points(half, graph);
  std::vector<double> fractions(5), point(5);
  std::mt19937 random(3);
  int taken = 0;
  for (int i = 0; i < 4000; ++i) {
    for (double& fraction : fractions) fraction = std::uniform_real_distribution<>(0, 1)(random);
    points.place(0, fractions.data(), point.data());
    if (!points.accepts(0, point.data())) continue;
    EXPECT_TRUE(shapes.domain->holds(point.data()) && point[0] < point[1]);
    ++taken;
  }
  EXPECT_GT(taken, 4);  // 1/240 of them are 17
}

// 4096 trial points are off by 6e-4 where t is fixed, and by 1.1e-3 where it is free.
TEST(ShapeRegion, MeasuresOfJoinedBodies) {
  Plate plate;
  const auto measure = [&](const std::string& set) { return plate.on(set).pieces.at(0).measure; };
  const double whole = 1 - 0.09 * pi / 4;
  EXPECT_NEAR(measure("t < 1.5"), whole / 2, 2e-4);
  EXPECT_NEAR(measure("t == 0"), whole, 3e-4);
  const double away = 0.2 / std::sqrt(2), segment = 0.09 * std::acos(away / 0.3) - away * std::sqrt(0.09 - away * away);
  EXPECT_NEAR(measure("x < y"), 0.5 - segment / 4, 4e-4);
}

TEST(ShapeRegion, WhatIsNoSet) {
  Plate plate;
  for (const char* set : {"!disk", "disk < 0.5", "x < disk", "disk + 1 > 0", "where(disk, x, y) < 0.5",
                          "(disk < 0.5) && x < 0", "disk && (square < 0.5)", "disk == 1", "disk != 0"})
    testing::expect_error(Status::usage, {"the name of a shape is its border"}, [&] { plate.on(set); });
  testing::expect_error(Status::usage, {"fixes x"}, [&] { plate.on("disk && x == 0.2"); });
}

}  // namespace
}  // namespace jetpinn
