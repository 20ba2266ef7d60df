#include "jetpinn/geometry/point_region.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/box_region.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

const std::vector<double> lower{0, -1, 0}, upper{2, 1, 10};

PointRegion region_of(const std::string& on) {
  static ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"t", "x", "y"};
  return condition_region(graph, parse_expression(graph, symbols, on), lower, upper, symbols.coordinates);
}

std::string refusal_of(const std::string& on) {
  try {
    region_of(on);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  ADD_FAILURE() << on.substr(0, 80) << " was accepted";
  return "";
}

TEST(PointRegion, TheDomainIsOnePiece) {
  const auto region = domain_region(lower, upper);
  ASSERT_EQ(region.pieces.size(), 1u);
  EXPECT_EQ(region.pieces[0].lower, lower);
  EXPECT_EQ(region.pieces[0].measure, 1);
}

TEST(PointRegion, EqualitiesFixCoordinates) {
  for (const char* on : {"x == -1", "-1 == x", "x == cos(pi)"}) {
    const auto region = region_of(on);
    ASSERT_EQ(region.pieces.size(), 1u) << on;
    EXPECT_EQ(region.pieces[0].lower, (std::vector<double>{0, -1, 0}));
    EXPECT_EQ(region.pieces[0].upper, (std::vector<double>{2, -1, 10}));
    EXPECT_EQ(region.pieces[0].condition, -1);
    EXPECT_EQ(region.pieces[0].measure, 1);
  }
  const auto point = region_of("t == 0 && x == 0 && y == 3");
  ASSERT_EQ(point.pieces.size(), 1u);
  EXPECT_EQ(point.pieces[0].lower, point.pieces[0].upper);
  EXPECT_EQ(point.pieces[0].measure, 1);
}

// The domain is 2 by 2 by 10, whatever those numbers count: each face that goes all along it is as large as the others.
TEST(PointRegion, AlternativesArePiecesWithTheirAreasInUnitsOfTheDomain) {
  const auto walls = region_of("x == -1 || x == 1 || y == 0");
  ASSERT_EQ(walls.pieces.size(), 3u);
  EXPECT_EQ(walls.pieces[0].measure, 1);
  EXPECT_EQ(walls.pieces[1].lower[1], 1);
  EXPECT_EQ(walls.pieces[2].measure, 1);
}

TEST(PointRegion, BoundsClipTheBox) {
  const auto region = region_of("t == 0 && x < 0.5 && 2 <= y && y <= 3");
  ASSERT_EQ(region.pieces.size(), 1u);
  const Piece& piece = region.pieces[0];
  EXPECT_EQ(piece.condition, -1);
  EXPECT_LT(piece.upper[1], 0.5);
  EXPECT_GT(piece.upper[1], 0.5 - 1e-15);
  EXPECT_EQ(piece.lower[2], 2);
  EXPECT_EQ(piece.upper[2], 3);
  EXPECT_NEAR(piece.measure, 0.75 * 0.1, 1e-15);
  // Far too thin for rejection, no matter for bounds.
  EXPECT_NEAR(region_of("x < -1 + 1e-9").pieces[0].measure, 0.5e-9, 1e-15);
}

TEST(PointRegion, NegationsAreDrivenDown) {
  const auto region = region_of("x == 1 && (y < 2 || 5 <= y) && t != 1");
  ASSERT_EQ(region.pieces.size(), 2u);
  EXPECT_NEAR(region.pieces[0].measure, 0.2, 1e-14);
  EXPECT_NEAR(region.pieces[1].measure, 0.5, 1e-14);
}

TEST(PointRegion, MeasureOfAConditionIsItsShare) {
  const auto region = region_of("t == 0 && x^2 + (y - 5)^2 < 1");
  ASSERT_EQ(region.pieces.size(), 1u);
  EXPECT_GE(region.pieces[0].condition, 0);
  // 4096 evenly spread trial points: far better than the 1/sqrt(4096) of random ones.
  EXPECT_NEAR(region.pieces[0].measure, M_PI / 20, M_PI / 20 / 64);
  const auto everywhere = region_of("x + y < 100 && t == 0");
  EXPECT_EQ(everywhere.pieces[0].measure, 1);
}

TEST(PointRegion, WhatLiesInAnotherPieceIsNotDrawnTwice) {
  EXPECT_EQ(region_of("x == 0 || (x == 0 && y < 1)").pieces.size(), 1u);
  EXPECT_EQ(region_of("x == 0 || x == 0").pieces.size(), 1u);
  EXPECT_EQ(region_of("(x == 0 || x == 1) && (x == 0 || y == 0)").pieces.size(), 2u);
  EXPECT_EQ(region_of("(x == 0 && y*t < 1) || (x == 0 && y*t < 1)").pieces.size(), 1u);
}

double measure_of(const PointRegion& region) {
  double sum = 0;
  for (const Piece& piece : region.pieces) sum += piece.measure;
  return sum;
}

// What two alternatives have in common belongs to the first: a box is cut off where a box is left, without trials.
TEST(PointRegion, AlternativesShareNothing) {
  const auto face = region_of("x == 0 && y < 5 || x == 0 && y < 7");
  ASSERT_EQ(face.pieces.size(), 1u) << "the first lies in the second";
  const auto strip = region_of("x == 0 && y < 5 && 1 < y || x == 0 && y > 3");
  ASSERT_EQ(strip.pieces.size(), 2u);
  EXPECT_EQ(strip.pieces[1].lower[2], 5);
  EXPECT_TRUE(strip.pieces[1].earlier.empty());
  EXPECT_NEAR(measure_of(strip), 0.9, 1e-14);
  EXPECT_NEAR(measure_of(region_of("x < 0.5 || y < 5 || x < 0.7")), 0.85 + 0.15 * 0.5, 1e-14);
  EXPECT_NEAR(measure_of(region_of("x < 0.5 || x <= 0.5 && y < 5")), 0.75, 1e-14) << "no face is left of a strict bound";
  EXPECT_EQ(region_of("x < 0.5 || x <= 0.5 && y < 5").pieces.size(), 1u);
  // what is left is no box, or has a bent border
  EXPECT_NEAR(measure_of(region_of("x == 0 && y < 7 && t < 1 || x == 0 && y > 3")), 0.35 + 0.7 - 0.2, 2e-3);
  EXPECT_NEAR(measure_of(region_of("x == 0 && 3 < y && y < 7 || x == 0 && t < 1")), 0.4 + 0.5 - 0.2, 2e-3);
  EXPECT_NEAR(measure_of(region_of("t == 0 && x^2 + (y/5 - 1)^2 < 1 || t == 0 && x < 0")), M_PI / 8 + 0.5, 5e-3);
  EXPECT_NEAR(measure_of(region_of("x + y/5 < 1 || x + y/5 < 1.5 || x < 0")), 0.75, 5e-3);
  // faces that only meet in an edge are whole
  EXPECT_EQ(measure_of(region_of("x == 0 || y == 0 || x == 0 && y == 0")), 2);
}

// Sets of random alternatives: each point that meets one of them is in one piece, and no other point is in any.
TEST(PointRegion, EachPointOfASetIsInOnePiece) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> draw(0, 1);
  const auto bound = [&]() -> std::string {
    const std::string t = std::to_string(2 * draw(random)), x = std::to_string(2 * draw(random) - 1),
                      y = std::to_string(10 * draw(random));
    const std::string bounds[] = {"t < " + t, "x > " + x, "x < " + x, "y <= " + y, y + " <= y", "x*y < 0.5"};
    return bounds[random() % std::size(bounds)];
  };
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"t", "x", "y"};
  int inside = 0, outside = 0;
  for (int set = 0; set < 200; ++set) {
    std::string on;
    for (int k = 0; k < 4; ++k) on += (k == 0 ? "" : " || ") + bound() + " && " + bound();
    const NodeId node = parse_expression(graph, symbols, on);
    const BoxRegion region(condition_region(graph, node, lower, upper, symbols.coordinates), graph);
    for (int i = 0; i < 100; ++i) {
      const double point[] = {2 * draw(random), 2 * draw(random) - 1, 10 * draw(random)};
      int taken = 0;
      for (std::size_t p = 0; p < region.parts(); ++p)
        taken += is_in(region.region().pieces[p], point) && region.accepts(p, point);
      const bool meant = evaluate(graph, node, point) != 0;
      EXPECT_EQ(taken, meant ? 1 : 0) << on << " at t = " << point[0] << ", x = " << point[1] << ", y = " << point[2];
      ++(meant ? inside : outside);
    }
  }
  EXPECT_GT(inside, 2000);
  EXPECT_GT(outside, 2000);
}

TEST(PointRegion, ABoundComputedAnotherWayIsStillThatBound) {
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"x"};
  const double end = 0.1 + 0.2;
  ASSERT_NE(end, 0.3);
  const auto region =
      condition_region(graph, parse_expression(graph, symbols, "x == 0.3"), {-1}, {end}, symbols.coordinates);
  EXPECT_EQ(region.pieces.at(0).lower[0], end);
  const auto below =
      condition_region(graph, parse_expression(graph, symbols, "x == 0.1 + 0.2"), {-1}, {0.3}, symbols.coordinates);
  EXPECT_EQ(below.pieces.at(0).lower[0], 0.3);
}

TEST(PointRegion, PiecesAreNamedByWhatTellsThemFromTheDomain) {
  const std::vector<std::string> coordinates{"t", "x", "y"};
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = coordinates;
  const auto names = [&](const std::string& on) {
    const PointRegion region = condition_region(graph, parse_expression(graph, symbols, on), lower, upper, coordinates);
    std::vector<std::string> list;
    for (const Piece& piece : region.pieces) list.push_back(piece_name(region, piece, graph, coordinates));
    return list;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("x == 1 || t == 1/3"), (Names{"x == 1", "t == 0.333333"}));
  EXPECT_EQ(names("y == 0 && 1 <= t && x <= 0.5"), (Names{"t >= 1 && x <= 0.5 && y == 0"}));
  EXPECT_EQ(names("t == 0 && x*y < 1"), (Names{"t == 0 && x*y < 1"}));
  EXPECT_EQ(names("0 < 1"), (Names{"the domain"}));
}

TEST(PointRegion, RefusalsSayWhy) {
  EXPECT_NE(refusal_of("x == 2").find("outside the domain, where x goes from -1 to 1"), std::string::npos);
  EXPECT_NE(refusal_of("x == -1 || x == 2").find("outside the domain"), std::string::npos);
  EXPECT_NE(refusal_of("x == 1.0000001").find("'x == 1.0000001' lies outside"), std::string::npos);
  EXPECT_NE(refusal_of("x == 1.00000000000001").find("'x == 1.00000000000001' lies outside"), std::string::npos);
  EXPECT_NE(refusal_of("x == 0 && x == 1").find("selects nothing"), std::string::npos);
  EXPECT_NE(refusal_of("x < -5").find("selects nothing"), std::string::npos);
  EXPECT_NE(refusal_of("x^2 + y^2 < -1").find("selects nothing"), std::string::npos);
  EXPECT_NE(refusal_of("t == 0 && x == 0 && y == 0 && x + y > 1").find("selects nothing"), std::string::npos);
  EXPECT_NE(refusal_of("1 < 0").find("selects nothing"), std::string::npos);
  for (const char* on : {"x == y", "2*x == 1", "x^2 + y^2 == 1"})
    EXPECT_NE(refusal_of(on).find("write equalities as coordinate == constant"), std::string::npos) << on;
  std::string many = "t == 0";
  for (int i = 0; i < 13; ++i)
    many = "(" + many + ") && (x < 0." + std::to_string(i + 1) + " || y < 0." + std::to_string(i + 1) + ")";
  EXPECT_NE(refusal_of(many).find("pieces"), std::string::npos);
}

// The refusal of d<length>, where d0 = first and each d<k> is `step` with d<k-1> for '#'; empty: none.
std::string refusal_of_chain(const std::string& first, const std::string& step, int length) {
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"t", "x", "y"};
  symbols.definitions["d0"] = first;
  for (int k = 1; k <= length; ++k) {
    std::string text = step;
    for (std::size_t at; (at = text.find('#')) != std::string::npos;) text.replace(at, 1, "d" + std::to_string(k - 1));
    symbols.definitions["d" + std::to_string(k)] = text;
  }
  try {
    condition_region(graph, parse_expression(graph, symbols, "d" + std::to_string(length)), lower, upper,
                     symbols.coordinates);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(PointRegion, WhatDefinitionsDoubleIsWorkedOutOnce) {
  EXPECT_EQ(refusal_of_chain("x < 0.5", "# && #", 100), "");
  EXPECT_EQ(refusal_of_chain("x < 0.5", "(# || y < 1) && #", 40), "");
  EXPECT_EQ(refusal_of_chain("x*y < 0.5", "!(!# && !#)", 40), "");
}

TEST(PointRegion, HostileSetsEndInAMessage) {
  const auto chain = [](const std::string& part, const std::string& joint, int count) {
    std::string text;
    for (int k = 0; k < count; ++k) text += (k ? joint : "") + part;
    return text;
  };
  EXPECT_NE(refusal_of(chain("x < 0", " && ", 50'000)).find("combines more than 1024 conditions"), std::string::npos);
  EXPECT_NE(refusal_of(chain("x*y < 0", " || ", 50'000)).find("combines more than 1024 conditions"), std::string::npos);
  EXPECT_NE(refusal_of("sum(k, 1, 20000, sin(k*x)) > 0").find("operations to evaluate"), std::string::npos);
  std::string thin = "x*y < 0.001";
  for (int k = 1; k < 1000; ++k) {
    const std::string factor = std::to_string(k);
    thin += " || sin(x + y*" + factor + ") + exp(t*" + factor + ")*tan(x*" + factor + ") + " + chain("cos(y + ", "", 20) +
            factor + std::string(20, ')') + " < x^2";
  }
  EXPECT_NE(refusal_of(thin).find("operations to evaluate"), std::string::npos);
}

TEST(PointRegion, AConstantTrueIsTheDomain) {
  const auto region = region_of("0 < 1");
  ASSERT_EQ(region.pieces.size(), 1u);
  EXPECT_EQ(region.pieces[0].measure, 1);
}

}  // namespace
}  // namespace jetpinn
