#include "jetpinn/geometry/box_region.hpp"

#include "jetpinn/expr/parser.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace jetpinn {
namespace {

// t in [0, 2], x in [-1, 1], y in [0, 10]
struct Box {
  std::vector<double> lower{0, -1, 0}, upper{2, 1, 10};
  ExpressionGraph graph;
  SymbolTable symbols;
  Box() { symbols.coordinates = {"t", "x", "y"}; }
  BoxRegion whole() { return {domain_region(lower, upper), graph}; }
  BoxRegion on(const std::string& text) {
    return {condition_region(graph, parse_expression(graph, symbols, text), lower, upper, symbols.coordinates), graph};
  }
};

std::vector<double> normal_of(const SampledRegion& region, std::size_t part, const std::vector<double>& point) {
  std::vector<double> normal(point.size(), 7);
  return region.normal(part, point.data(), normal.data()) ? normal : std::vector<double>();
}

TEST(BoxRegion, InsideIsInOneOfThePieces) {
  Box box;
  const BoxRegion region = box.on("x < -0.5 || (x > 0.5 && y + 5*t < 5)");
  const auto inside = [&](double t, double x, double y) { return region.inside(std::vector<double>{t, x, y}.data()); };
  EXPECT_TRUE(inside(1, -0.75, 9));
  EXPECT_FALSE(inside(1, 0, 9));
  EXPECT_TRUE(inside(0.5, 0.75, 1));
  EXPECT_FALSE(inside(0.5, 0.75, 9));
  EXPECT_FALSE(inside(1, -1.25, 9)) << "outside the domain";
}

TEST(BoxRegion, PartsAreThePiecesWithTheirMeasures) {
  Box box;
  const BoxRegion region = box.on("t == 0 || (x == 1 && y < 5) || (t == 1 && x == 0 && y == 2)");
  ASSERT_EQ(region.parts(), 3u);
  EXPECT_EQ(region.parameters(0), 2);
  EXPECT_EQ(region.parameters(1), 2);
  EXPECT_EQ(region.parameters(2), 0);
  EXPECT_EQ(region.measure(0), 1);
  EXPECT_NEAR(region.measure(1), 0.5, 1e-15);
  EXPECT_EQ(region.measure(2), 1);
  EXPECT_NEAR(region.measure(), 2.5, 1e-15);
  EXPECT_EQ(region.units(), (std::vector<double>{2, 2, 10}));
}

TEST(BoxRegion, PointsArePlacedInTheFreeCoordinates) {
  Box box;
  const BoxRegion region = box.on("x == 1 && y <= 5");
  std::vector<double> point(3);
  const double fractions[] = {0.25, 0.5};
  region.place(0, fractions, point.data());
  EXPECT_EQ(point, (std::vector<double>{0.5, 1, 2.5}));
  EXPECT_FALSE(region.restricted(0));
  const BoxRegion thin = box.on("t + x < 0.5");
  EXPECT_TRUE(thin.restricted(0));
  EXPECT_TRUE(thin.accepts(0, std::vector<double>{0, 0, 0}.data()));
  EXPECT_FALSE(thin.accepts(0, std::vector<double>{1, 0, 0}.data()));
}

TEST(BoxRegion, APieceRefusesWhatAnEarlierOneHolds) {
  Box box;
  const BoxRegion region = box.on("x == 0 && 3 < y && y < 7 || x == 0 && t < 1 || x == 0 && t*y < 4");
  ASSERT_EQ(region.parts(), 3u);
  const auto accepts = [&](std::size_t part, double t, double y) {
    return region.accepts(part, std::vector<double>{t, 0, y}.data());
  };
  EXPECT_FALSE(region.restricted(0));
  EXPECT_TRUE(region.restricted(1));
  EXPECT_TRUE(accepts(1, 0.5, 1));
  EXPECT_FALSE(accepts(1, 0.5, 5)) << "in the first";
  EXPECT_TRUE(accepts(2, 1.5, 1));
  EXPECT_FALSE(accepts(2, 1.5, 9)) << "its condition";
  EXPECT_EQ(region.lower(2)[0], 1) << "the second holds what comes before";
  EXPECT_TRUE(region.inside(std::vector<double>{0.1, 0, 9}.data()));
}

TEST(BoxRegion, FacesOfTheDomainHaveOutwardNormals) {
  Box box;
  const BoxRegion region = box.on("t == 0 || x == 1 || x == 0 || (t == 0 && y == 0) || t > 1");
  std::vector<std::vector<double>> normals;
  for (std::size_t p = 0; p < region.parts(); ++p) normals.push_back(normal_of(region, p, region.lower(p)));
  // An inner cut, and a body, bound nothing. An edge lies in the face, and was dropped.
  EXPECT_EQ(normals, (std::vector<std::vector<double>>{{-1, 0, 0}, {0, 1, 0}, {}, {}}));
  EXPECT_TRUE(normal_of(box.on("t == 0 && y == 0"), 0, {0, 0, 0}).empty()) << "an edge has no one normal";
}

TEST(BoxRegion, TheSurfaceOfABoxIsItsFaces) {
  Box box;
  const BoxRegion half = box.on("x <= 0");   // 2 x 1 x 10, in units of 2, 2 and 10
  const auto surface = half.surface();
  ASSERT_EQ(surface->parts(), 6u);
  EXPECT_NEAR(surface->measure(), 2 * (0.5 + 1 + 0.5), 1e-14);
  std::vector<double> sum(3), point(3);
  for (std::size_t p = 0; p < 6; ++p) {
    EXPECT_EQ(surface->parameters(p), 2);
    const double fractions[] = {0.3, 0.6};
    surface->place(p, fractions, point.data());
    const std::vector<double> normal = normal_of(*surface, p, point);
    ASSERT_EQ(normal.size(), 3u);
    EXPECT_EQ(std::inner_product(normal.begin(), normal.end(), normal.begin(), 0.0), 1);
    for (std::size_t d = 0; d < 3; ++d) sum[d] += normal[d] * surface->measure(p);
    // A step along the normal leaves the box, one against it stays.
    for (double step : {1e-6, -1e-6}) {
      std::vector<double> moved = point;
      for (std::size_t d = 0; d < 3; ++d) moved[d] += step * normal[d];
      EXPECT_EQ(half.inside(moved.data()), step < 0) << p;
    }
  }
  for (double component : sum) EXPECT_NEAR(component, 0, 1e-14) << "a closed surface";
  EXPECT_NEAR(box.whole().surface()->measure(), 6, 1e-14);
}

TEST(BoxRegion, OtherSurfacesAreRefused) {
  Box box;
  for (const char* text : {"x == 1", "t + x < 0.5", "x < -0.5 || x > 0.5"})
    testing::expect_error(Status::usage, {"surface", "not known"}, [&] { box.on(text).surface(); });
}

}  // namespace
}  // namespace jetpinn
