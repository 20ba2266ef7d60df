#include "jetpinn/geometry/shape.hpp"

#include "jetpinn/geometry/border_piece.hpp"
#include "support/expect_error.hpp"
#include "support/triangle_surfaces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using std::numbers::pi;

struct Case {
  std::string name;
  ShapePointer shape;
  double volume, border;  // exact
  bool far = true;        // its distance is exact outside too
};

std::vector<Case> cases() {
  const Motion turned{2, {std::cos(0.3), -std::sin(0.3), std::sin(0.3), std::cos(0.3)}, {0.5, -1}};
  const std::vector<std::array<double, 2>> angle = {{0, 0}, {3, 0}, {3, 1}, {1, 1}, {1, 2}, {0, 2}};
  const double perimeter = 9.688448220547675;  // of the ellipse 2 x 1: 8 E(3/4)
  return {
      {"interval", make_box({-1}, {2}), 3, 2},
      {"rectangle", make_box({-1, 0}, {1, 3}), 6, 10},
      {"box", make_box({0, 0, 0}, {1, 2, 3}), 6, 22},
      {"disk", make_ball({0.2, -0.1}, 0.7), pi * 0.49, 2 * pi * 0.7},
      {"sphere", make_ball({0, 0, 1}, 2), 4.0 / 3 * pi * 8, 4 * pi * 4},
      {"ball of five dimensions", make_ball({0, 0, 0, 0, 0}, 1), 8 * pi * pi / 15, 8 * pi * pi / 3},
      {"ellipse", make_ellipsoid({0, 1}, {2, 1}), 2 * pi, perimeter},
      {"oblate spheroid", make_ellipsoid({0, 0, 0}, {2, 2, 1}), 4.0 / 3 * pi * 4, 34.68753081338021},
      {"polygon", make_polygon(angle), 4, 10},
      {"polygon the other way round", make_polygon({angle.rbegin(), angle.rend()}), 4, 10},
      {"triangle", make_simplex({{0, 0}, {1, 0}, {0, 1}}), 0.5, 2 + std::sqrt(2.0)},
      {"tetrahedron", make_simplex({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}), 1.0 / 6, 1.5 + std::sqrt(3.0) / 2, false},
      {"extrusion", make_extrusion(make_polygon(angle), -1, 1), 8, 28},
      {"cylinder", make_extrusion(make_ball({1, 0}, 0.5), 0, 2), pi * 0.5, 2 * pi * 0.25 + 2 * pi},
      {"mesh", make_mesh(testing::box_surface({0, 0, 0}, {1, 2, 3})), 6, 22},
      {"moved ellipse", make_ellipsoid({0, 1}, {2, 1})->moved(turned), 8 * pi, 2 * perimeter},
      {"moved polygon", make_polygon(angle)->moved(turned), 16, 20}};
}

class EveryShape : public ::testing::TestWithParam<Case> {
 protected:
  std::mt19937_64 random{7};
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random); }

  struct BorderPoint {
    std::vector<double> point, normal;
    double area;  // that it stands for
  };
  // `tries` on each surface; those that place nothing leave their share to nobody.
  std::vector<BorderPoint> border(const Shape& shape, int tries) {
    std::vector<BorderPoint> points;
    for (const Shape::Leaf& leaf : shape.leaves())
      for (const auto& surface : leaf.surfaces) {
        const int count = surface->parameters() == 0 ? 1 : tries;
        std::vector<double> fractions(static_cast<std::size_t>(surface->parameters()));
        for (int i = 0; i < count; ++i) {
          for (double& fraction : fractions) fraction = uniform();
          BorderPoint one{std::vector<double>(shape.dimensions()), std::vector<double>(shape.dimensions()),
                          surface->measure() / count};
          if (!surface->place(fractions.data(), one.point.data())) continue;
          surface->normal(one.point.data(), one.normal.data());
          points.push_back(std::move(one));
        }
      }
    return points;
  }
};

// The flux of x through the border is the volume times the dimension: points are uniform by area, and normals look outwards.
TEST_P(EveryShape, BorderHasTheAreaAndTheFlux) {
  const Case& c = GetParam();
  double area = 0, flux = 0;
  for (const auto& [point, normal, share] : border(*c.shape, 40000)) {
    area += share;
    for (std::size_t d = 0; d < point.size(); ++d) flux += share * normal[d] * point[d];
  }
  EXPECT_NEAR(area, c.border, 0.01 * c.border);
  EXPECT_NEAR(flux / static_cast<double>(c.shape->dimensions()), c.volume, 0.03 * c.volume);
}

TEST_P(EveryShape, DistanceGrowsByTheStepAlongTheNormal) {
  const Case& c = GetParam();
  const double step = 1e-4;
  int corners = 0, points = 0;
  for (const auto& [point, normal, share] : border(*c.shape, 200)) {
    EXPECT_LT(std::abs(c.shape->distance(point.data())), 1e-11);
    std::vector<double> ahead = point, behind = point;
    for (std::size_t d = 0; d < point.size(); ++d) ahead[d] += step * normal[d], behind[d] -= step * normal[d];
    ++points;
    // within a step of an edge the nearest border is another face's
    if (std::abs(c.shape->distance(behind.data()) + step) > 1e-9)
      ++corners;
    else
      EXPECT_NEAR(c.shape->distance(ahead.data()), step, 1e-9);
  }
  EXPECT_LE(corners, points / 50 + 1);
}

TEST_P(EveryShape, DistanceIsThatToTheNearestPointOfTheBorder) {
  const Case& c = GetParam();
  const std::size_t n = c.shape->dimensions();
  if (n > 3) GTEST_SKIP() << "points of a border in many dimensions lie too far apart";
  const auto points = border(*c.shape, 6000);
  for (int i = 0; i < 60; ++i) {
    std::vector<double> place(n);
    for (std::size_t d = 0; d < n; ++d) {
      const double length = c.shape->upper()[d] - c.shape->lower()[d];
      place[d] = c.shape->lower()[d] + (1.6 * uniform() - 0.3) * length;
    }
    double nearest = HUGE_VAL;
    for (const BorderPoint& one : points) {
      double square = 0;
      for (std::size_t d = 0; d < n; ++d) square += (one.point[d] - place[d]) * (one.point[d] - place[d]);
      nearest = std::min(nearest, std::sqrt(square));
    }
    const double distance = c.shape->distance(place.data());
    EXPECT_LE(std::abs(distance), nearest + 1e-9);
    if (c.far || distance < 0) {
      EXPECT_GE(std::abs(distance), nearest - (n == 3 ? 0.15 : 0.01)) << place[0];
    }
  }
}

// The levels of a body on all sides, and what is wrong with one of them at a point; empty: nothing.
class SmoothLevels {
 public:
  explicit SmoothLevels(ShapePointer shape) : shape_(std::move(shape)) {
    std::vector<NodeId> x;
    for (std::size_t d = 0; d < shape_->dimensions(); ++d) x.push_back(graph_.coordinate(static_cast<int>(d)));
    for (const Shape::Where where : {Shape::Where::inside, Shape::Where::outside, Shape::Where::both})
      levels_.push_back(shape_->smooth_level(graph_, x, where));
  }
  double both(const std::vector<double>& point) const { return evaluate(graph_, levels_[2], point.data()); }
  std::string fault(const std::vector<double>& point) const {
    const bool inside = shape_->holds(point.data());
    if (std::abs(shape_->distance(point.data())) < 1e-9) return "";
    if (inside && !(evaluate(graph_, levels_[0], point.data()) > 0)) return "inside";
    if (!inside && !(evaluate(graph_, levels_[1], point.data()) > 0)) return "outside";
    return (both(point) > 0) == inside ? "" : "both";
  }
  double worst_on_border(const std::vector<double>& point) const {
    double worst = 0;
    for (const NodeId level : levels_) worst = std::max(worst, std::abs(evaluate(graph_, level, point.data())));
    return worst;
  }

 private:
  ShapePointer shape_;
  ExpressionGraph graph_;
  std::vector<NodeId> levels_;
};

TEST_P(EveryShape, SmoothLevelVanishesOnTheBorderAlone) {
  const Case& c = GetParam();
  const std::size_t n = c.shape->dimensions();
  if (c.name == "mesh")
    return testing::expect_error(Status::usage, {"there is no smooth expression"}, [&] { SmoothLevels{c.shape}; });
  const SmoothLevels levels(c.shape);
  for (int i = 0; i < 2000; ++i) {
    std::vector<double> place(n);
    for (std::size_t d = 0; d < n; ++d)
      place[d] = c.shape->lower()[d] + (2 * uniform() - 0.5) * (c.shape->upper()[d] - c.shape->lower()[d]);
    ASSERT_EQ(levels.fault(place), "") << place[0];
  }
  for (const BorderPoint& one : border(*c.shape, 200)) {
    if (std::abs(c.shape->distance(one.point.data())) > 1e-12) continue;  // of the lid of an extrusion, beside its base
    EXPECT_LE(levels.worst_on_border(one.point), 1e-12);
    std::vector<double> out = one.point, in = one.point;
    constexpr double step = 1e-6;
    for (std::size_t d = 0; d < n; ++d) out[d] += step * one.normal[d], in[d] -= step * one.normal[d];
    const double slope = (levels.both(in) - levels.both(out)) / (2 * step);
    EXPECT_GT(slope, 0.05);
    EXPECT_LT(slope, 2.1);
  }
}

// Turned in each plane of two neighbouring coordinates, scaled and shifted, one by one and together.
std::vector<Motion> motions(std::size_t n) {
  std::vector<double> turn(n * n, 0.0), shift(n);
  for (std::size_t d = 0; d < n; ++d) turn[d * n + d] = 1, shift[d] = 3.0 - 2 * static_cast<double>(d);
  for (std::size_t d = 0; d + 1 < n; ++d)
    for (std::size_t c = 0; c < n; ++c) {
      const double a = turn[d * n + c], b = turn[(d + 1) * n + c];
      turn[d * n + c] = std::cos(0.7) * a - std::sin(0.7) * b;
      turn[(d + 1) * n + c] = std::sin(0.7) * a + std::cos(0.7) * b;
    }
  return {{1, {}, {}}, {0.01, {}, {}}, {50, {}, {}}, {1, turn, {}}, {1, {}, shift}, {3, turn, shift}};
}

// A distance to one set changes by no more than the way, whatever the shape: |d(p) - d(q)| <= |p - q|.
TEST_P(EveryShape, DistanceKeepsTheTriangleInequality) {
  const std::size_t n = GetParam().shape->dimensions();
  for (const Motion& motion : motions(n)) {
    const ShapePointer moved = GetParam().shape->moved(motion);
    const ShapePointer other = make_ball(std::vector<double>(n, 0.3), 0.8)->moved(motion);
    for (const ShapePointer& shape : {moved, unite(moved, other), intersect(moved, complement(other))})
      for (int i = 0; i < 1000; ++i) {
        std::vector<double> p(n), q(n);
        double square = 0, size = 0;
        const double step = std::pow(10.0, -6 * uniform());  // near ones and far ones
        for (std::size_t d = 0; d < n; ++d) {
          const double length = moved->upper()[d] - moved->lower()[d];
          p[d] = moved->lower()[d] + (1.6 * uniform() - 0.3) * length;
          q[d] = p[d] + step * (uniform() - 0.5) * length;
          square += (p[d] - q[d]) * (p[d] - q[d]);
          size = std::max({size, length, std::abs(p[d])});
        }
        // 100 roundings of numbers of that size, of which both distances are made
        EXPECT_LE(std::abs(shape->distance(p.data()) - shape->distance(q.data())), std::sqrt(square) + 2e-14 * size);
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Primitives, EveryShape, ::testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

// A turn about the origin by 2 in length; that of a joined body is not known.
TEST_P(EveryShape, VolumeIsKnown) {
  const Case& c = GetParam();
  EXPECT_NEAR(c.shape->volume(), c.volume, 64 * std::numeric_limits<double>::epsilon() * c.volume);
  const double factor = std::pow(2, static_cast<double>(c.shape->dimensions()));
  EXPECT_DOUBLE_EQ(c.shape->moved({2, {}, {}})->volume(), factor * c.shape->volume());
  EXPECT_EQ(complement(c.shape)->volume(), 0);
}

TEST(Shape, SetOperationsAreThoseOfTheirPoints) {
  const ShapePointer a = make_ball({0, 0}, 1), b = make_box({0, -0.5}, {2, 0.5});
  const ShapePointer all = unite(a, b), both = intersect(a, b), left = intersect(a, complement(b));
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> draw(-2, 3);
  for (int i = 0; i < 2000; ++i) {
    const double point[2] = {draw(random), draw(random)};
    const bool in_a = a->holds(point), in_b = b->holds(point);
    EXPECT_EQ(all->holds(point), in_a || in_b);
    EXPECT_EQ(both->holds(point), in_a && in_b);
    EXPECT_EQ(left->holds(point), in_a && !in_b);
  }
  EXPECT_EQ(all->lower(), (std::vector<double>{-1, -1}));
  EXPECT_EQ(all->upper(), (std::vector<double>{2, 1}));
  EXPECT_EQ(both->upper(), (std::vector<double>{1, 0.5}));
  EXPECT_EQ(left->lower(), a->lower());
}

TEST(Shape, SmoothLevelsOfWhatIsJoined) {
  const ShapePointer box = make_box({-1, -1}, {1, 1}), ball = make_ball({1, 0.5}, 0.7),
                     star = make_polygon(
                         {{0, 0.2}, {1.4, 1.6}, {0.2, 0}, {1.5, -1.5}, {0, -0.2}, {-1.3, -1.2}, {-0.2, 0}, {-1, 1.3}}),
                     spiral = make_polygon({{-2, -2},
                                            {2, -2},
                                            {2, 2},
                                            {-1, 2},
                                            {-1, -1},
                                            {1, -1},
                                            {1, 1},
                                            {0, 1},
                                            {0, 0},
                                            {0.5, 0},
                                            {0.5, 0.5},
                                            {0.6, 0.5},
                                            {0.6, -0.5},
                                            {-0.5, -0.5},
                                            {-0.5, 1.5},
                                            {1.5, 1.5},
                                            {1.5, -1.5},
                                            {-2, -1.5}});
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> draw(-2.2, 2.2);
  for (const ShapePointer& shape : {unite(box, ball), intersect(box, ball), intersect(box, complement(ball)),
                                    intersect(complement(box), unite(ball, star)), complement(unite(star, ball)), star,
                                    spiral, intersect(spiral, complement(ball)), unite(spiral, star),
                                    unite(intersect(box, complement(star)), ball)->moved({1.2, {}, {0.1, -0.2}})}) {
    const SmoothLevels levels(shape);
    for (int i = 0; i < 4000; ++i) {
      const std::vector<double> point = {draw(random), draw(random)};
      ASSERT_EQ(levels.fault(point), "") << point[0] << " " << point[1];
    }
  }
}

// Hundreds of bodies joined are one level of a tree.
TEST(Shape, UnionsOfUnionsAreFlat) {
  ShapePointer all = make_box({0, 0}, {0.5, 1});
  for (int k = 1; k < 1000; ++k) all = unite(all, make_box({1.0 * k, 0}, {k + 0.5, 1}));
  EXPECT_EQ(all->primitives(), most_primitives);
  EXPECT_EQ(all->leaves().size(), most_primitives);
  EXPECT_EQ(border_pieces(all).size(), 4 * most_primitives);
  for (int k = 0; k < 1000; k += 333) {
    EXPECT_TRUE(all->holds(std::vector<double>{k + 0.4, 0.5}.data()));
    EXPECT_FALSE(all->holds(std::vector<double>{k + 0.7, 0.5}.data()));
  }
  testing::expect_error(Status::usage, {"more than 1000 primitives"}, [&] { unite(all, make_ball({0, 0}, 1)); });
  testing::expect_error(Status::usage, {"more than 1000 primitives"}, [] {
    ShapePointer twice = make_ball({0, 0}, 1);
    for (int k = 0; k < 60; ++k) twice = intersect(unite(twice, twice), twice);
  });
  const ShapePointer ball = make_ball({0, 0}, 1);
  EXPECT_EQ(complement(complement(ball)), ball);
}

TEST(Shape, WhatIsTooThinForItsPlaceIsRefused) {
  const auto refused = [](const std::function<void()>& make) { testing::expect_error(Status::usage, {"thin"}, make); };
  make_box({1e6, 0}, {1e6 + 1e-4, 1});
  refused([] { make_box({1e6, 0}, {1e6 + 1e-8, 1}); });
  refused([] { make_ball({1e9, 0}, 1e-6); });
  refused([] { make_ellipsoid({0, 0, 0}, {1, 1, 1e-14}); });
  refused([] { make_extrusion(make_ball({1e7, 0}, 1), 0, 1)->moved({1e-13, {}, {1, 0, 0}}); });
  refused([] { make_extrusion(make_ball({0, 0}, 1), 1e9, 1e9 + 1e-5); });
  refused([] { make_ball({0, 0}, 1e-6)->moved({1, {}, {1e8, 0}}); });
  refused([] { make_ball({0, 0}, 1e300)->moved({1e300, {}, {}}); });
}

TEST(Shape, FlatSimplicesAndTouchingPolygonsAreRefused) {
  const auto flat = [](const std::vector<std::vector<double>>& corners) {
    testing::expect_error(Status::usage, {"this simplex is flat"}, [&] { make_simplex(corners); });
  };
  flat({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0}});
  flat({{0.1, 0.2, 0.3}, {1.1, 0.7, 0.4}, {0.3, 1.9, 0.2}, {0.48, 1.03, 0.29}});  // a + 0.3 (b - a) + 0.4 (c - a)
  flat({{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {0, 1, 0}});
  flat({{0, 0, 0}, {0, 0, 0}, {1, 0, 0}, {0, 1, 0}});
  flat({{0, 0}, {1, 1}, {2, 2}});
  flat({{1}, {1}});
  make_simplex({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0.3, 0.3, 1e-6}});
  const auto touches = [](const std::string& which, const std::vector<std::array<double, 2>>& corners) {
    testing::expect_error(Status::usage, {which + " of this polygon lies on its edge"}, [&] { make_polygon(corners); });
  };
  touches("corner 4", {{0, 0}, {2, 0}, {2, 2}, {1, 0}, {0, 2}});
  touches("corner 2", {{0, 0}, {1, 1}, {2, 0}, {2, 2}, {1, 1}, {0, 2}});
  touches("corner 4", {{0, 0}, {2, 0}, {2, 2}, {2, 1}, {0, 1}});
  make_polygon({{0, 0}, {1, 0}, {2, 0}, {2, 1}, {0, 1}});  // a corner in a straight side
}

TEST(Shape, WhatHasNoExtentIsRefused) {
  testing::expect_error(Status::usage, {"no extent"}, [] { make_box({0, 1}, {1, 1}); });
  testing::expect_error(Status::usage, {"above 0"}, [] { make_ball({0, 0}, 0); });
  testing::expect_error(Status::usage, {"above 0"}, [] { make_ellipsoid({0, 0}, {1, -1}); });
  testing::expect_error(Status::usage, {"three corners"}, [] { make_polygon({{0, 0}, {1, 0}}); });
  testing::expect_error(Status::usage, {"cross"}, [] { make_polygon({{0, 0}, {1, 1}, {1, 0}, {0, 1}}); });
  testing::expect_error(Status::usage, {"on a line"}, [] { make_polygon({{0, 0}, {1, 1}, {2, 2}}); });
  testing::expect_error(Status::usage, {"4 corners"}, [] { make_simplex({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}); });
}

}  // namespace
}  // namespace jetpinn
