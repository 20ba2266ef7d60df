#include "jetpinn/sampling/quadrature_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/sampling/integral_points.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>

namespace jetpinn {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// t in [0, 1], x in [-1, 3].
struct Box {
  std::vector<double> lower{0, -1}, upper{1, 3};
  ExpressionGraph graph;
  SymbolTable symbols;
  Box() { symbols.coordinates = {"t", "x"}; }
  PointRegion whole() const { return domain_region(lower, upper); }
  PointRegion on(const std::string& text) {
    return condition_region(graph, parse_expression(graph, symbols, text), lower, upper, symbols.coordinates);
  }
};

TermPoints all_points(const PointSource& source) {
  std::vector<Block> blocks;
  for (std::int64_t first = 0; first < source.count(); first += block_points)
    blocks.push_back({first, std::min(block_points, source.count() - first)});
  TermPoints points = make_room(2, source.columns(), source.count(), blocks);
  source.fill(points);
  return points;
}

using Function = std::function<double(double, double)>;

// sum_i q_i f_i / N
double mean_of(const TermPoints& points, const Function& f) {
  double sum = 0;
  for (std::int64_t i = 0; i < points.local_count; ++i)
    sum += points.quadrature_at(i) * f(points.coordinate(0)[i], points.coordinate(1)[i]);
  return sum / static_cast<double>(points.global_count);
}

std::string refusal_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  return "";
}

using Counts = std::vector<std::int64_t>;

TEST(QuadraturePoints, ANumberOfPointsIsAProductInProportionToTheLengths) {
  EXPECT_EQ(product_counts({1, 1}, 1600), (Counts{40, 40}));
  EXPECT_EQ(product_counts({1, 1, 1}, 1000), (Counts{10, 10, 10}));
  EXPECT_EQ(product_counts({1, 0.25}, 100), (Counts{20, 5}));
  EXPECT_EQ(product_counts({1, 1e-3}, 100), (Counts{50, 2})) << "two along each at least";
  EXPECT_EQ(product_counts({1}, 1000003), (Counts{1000003}));
  const Counts near = product_counts({1, 1}, 1000);
  EXPECT_EQ(near[0] * near[1], 992) << "31 x 32 is nearer than 31 x 31 and 32 x 32";
  EXPECT_EQ(product_counts({1, 1}, 3), Counts{});
}

// Of degree 2n - 1 along each axis. Summands round, each to an epsilon of its size.
TEST(QuadraturePoints, IntegratePolynomialsOverABoxExactly) {
  const Box box;
  const QuadraturePoints nodes(box.whole(), box.graph, 0, {3, 4});
  EXPECT_EQ(nodes.count(), 12);
  EXPECT_EQ(nodes.text(0), "3 x 4");
  const TermPoints points = all_points(nodes);
  const auto mean = [&](int a, int b) {
    return mean_of(points, [=](double t, double x) { return std::pow(t, a) * std::pow(x, b); });
  };
  for (const int a : {0, 1, 4, 5})
    for (const int b : {0, 1, 6, 7}) {
      const double exact = 1.0 / (a + 1) * (std::pow(3, b + 1) - std::pow(-1, b + 1)) / (b + 1) / 4;
      EXPECT_NEAR(mean(a, b), exact, 20 * epsilon * std::pow(3, b)) << a << ", " << b;
    }
  EXPECT_GT(std::abs(mean(0, 8) - (std::pow(3, 9) + 1) / 36), 1) << "degree 2n is not";
}

// Each face counts by its length in units of the box, as it does for points of other methods.
TEST(QuadraturePoints, FacesHaveNodesInTheirPlane) {
  Box box;
  const QuadraturePoints nodes(box.on("t == 0 || x == -1 || x == 3"), box.graph, 60);
  ASSERT_EQ(nodes.count(), 60);
  for (std::size_t part : {0, 1, 2}) EXPECT_EQ(nodes.count(part), 20);
  const TermPoints points = all_points(nodes);
  EXPECT_NEAR(mean_of(points, [](double t, double x) { return std::exp(t) * x * x; }),
              ((27 + 1) / 3.0 / 4 + (1 + 9) * std::expm1(1)) / 3, 100 * epsilon);
  EXPECT_NEAR(std::accumulate(points.quadrature.begin(), points.quadrature.end(), 0.0), 60, 60 * 60 * epsilon);
}

// Boxes that overlap are cut into such as do not: an L without its corner counted twice.
TEST(QuadraturePoints, UnionsOfBoxesAreIntegratedOnce) {
  Box box;
  const TermPoints points = all_points(QuadraturePoints(box.on("t < 0.5 || x < 1"), box.graph, 200));
  const double bottom = 2 * 0.5, rest = 2 * 0.5 * 0.25;  // int t of x < 1 and of t < 0.5, x > 1
  EXPECT_NEAR(mean_of(points, [](double t, double) { return t; }), (bottom + rest) / 3, 100 * epsilon);
}

TEST(QuadraturePoints, APointDependsOnItsIndexAlone) {
  Box box;
  const QuadraturePoints nodes(box.on("t == 0 || x == 3"), box.graph, 700);
  const TermPoints all = all_points(nodes);
  for (const std::int64_t first : {std::int64_t{0}, std::int64_t{255}, std::int64_t{349}, nodes.count() - 3}) {
    TermPoints some = make_room(2, nodes.columns(), nodes.count(), {{first, 3}});
    nodes.fill(some);
    for (std::int64_t i = 0; i < 3; ++i) {
      for (int d : {0, 1}) EXPECT_EQ(some.coordinate(d)[i], all.coordinate(d)[first + i]);
      EXPECT_EQ(some.quadrature_at(i), all.quadrature_at(first + i));
    }
  }
}

TEST(QuadraturePoints, SinglePointsAreTakenOnceEach) {
  Box box;
  const TermPoints points = all_points(QuadraturePoints(box.on("t == 0 && x == 1 || t == 1 && x == 2"), box.graph, 100));
  ASSERT_EQ(points.local_count, 2);
  EXPECT_EQ(points.coordinates, (std::vector<double>{0, 1, 1, 2}));
  EXPECT_EQ(points.quadrature, (std::vector<double>{1, 1}));
}

// Whatever becomes of the points, their weights go with them.
TEST(QuadraturePoints, WeightsStayWithTheirPoints) {
  const Box box;
  const TermPoints all = all_points(QuadraturePoints(box.whole(), box.graph, 900));
  const TermPoints second = points_of_blocks(all, {{256, 256}, {768, 132}}), one = points_at(all, {700});
  EXPECT_EQ(second.quadrature_at(256), all.quadrature_at(768));
  EXPECT_EQ(one.quadrature_at(0), all.quadrature_at(700));
  EXPECT_EQ(one.weighted_columns(), 1);
  EXPECT_EQ(one.own_weight_at(0, 0), all.quadrature_at(700));
  EXPECT_EQ(one.stated_weight_at(0, 0), 1);
}

TEST(QuadraturePoints, IntegralsHaveTheMeasureOfEachPart) {
  Box box;
  const PointRegion region = box.on("t == 0 || x == 3");  // of lengths 4 and 1
  const std::vector<double> measures = BoxRegion(region, box.graph).coordinate_measures();
  EXPECT_EQ(measures, (std::vector<double>{4, 1}));
  const auto made = [&](auto source) {
    const std::vector<double> shares{source.share(0), source.share(1)};
    return all_points(IntegralPoints(std::make_unique<decltype(source)>(source), measures, shares));
  };
  const Function f = [](double t, double x) { return t == 0 && x < 3 ? x * x : 100 * t; };
  EXPECT_NEAR(mean_of(made(QuadraturePoints(region, box.graph, 40)), f), 28.0 / 3 + 50, 1e-12);
  const Function one = [](double, double) { return 1; };
  EXPECT_NEAR(mean_of(made(Sampler(SamplingMethod::sobol, region, box.graph, 101, PointKey{})), one), 5, 1e-13);
}

TEST(QuadraturePoints, AreRefusedWhereTheyAreNoProduct) {
  Box box;
  const auto refused = [&](const PointRegion& region, std::int64_t points, const Counts& nodes, const std::string& words) {
    const std::string message = refusal_of([&] { QuadraturePoints(region, box.graph, points, nodes); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused(box.on("t^2 + x^2 < 1"), 100, {},
          "has its nodes in boxes and on their faces, and this set is cut by a shape, or by");
  refused(box.whole(), 3, {}, "needs 4 points for two nodes along each axis here, and 3 are given");
  refused(box.whole(), 0, {3, 4, 5}, "was given 3 numbers of nodes, and there are 2 coordinates, 2 of them free here");
  refused(box.on("t == 0 || x == 3"), 0, {3}, "was given 1 numbers of nodes for parts that lie along different coordinates");
  EXPECT_EQ(QuadraturePoints(box.on("t == 0 || x == 3"), box.graph, 0, {3, 4}).count(), 7);
  EXPECT_EQ(QuadraturePoints(box.on("t == 0 || t == 1"), box.graph, 0, {5}).count(), 10);
  const PointRegion seven = domain_region(std::vector<double>(7, 0), std::vector<double>(7, 1));
  refused(seven, 1000000, {}, "too many or too few of them in 7 dimensions (6 at most)");
}

}  // namespace
}  // namespace jetpinn
