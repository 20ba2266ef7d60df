#include "jetpinn/sampling/sampler.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace jetpinn {
namespace {

constexpr SamplingMethod methods[] = {SamplingMethod::grid, SamplingMethod::uniform, SamplingMethod::lhs,
                                      SamplingMethod::sobol};

struct Domain {
  std::vector<double> lower{0, -1}, upper{1, 3};
  ExpressionGraph graph;
  SymbolTable symbols;
  Domain() { symbols.coordinates = {"t", "x"}; }
  PointRegion whole() const { return domain_region(lower, upper); }
  PointRegion on(const std::string& text) {
    return condition_region(graph, parse_expression(graph, symbols, text), lower, upper, symbols.coordinates);
  }
};

// [2][count]
std::vector<std::vector<double>> points_of(const Sampler& sampler, std::int64_t first, std::int64_t count) {
  std::vector<double> flat(static_cast<std::size_t>(2 * count));
  sampler.generate(first, count, flat.data(), count);
  const auto middle = flat.begin() + count;
  return {{flat.begin(), middle}, {middle, flat.end()}};
}

TEST(Sampler, APointDependsOnItsIndexAlone) {
  Domain domain;
  for (const auto method : methods) {
    for (const auto& region : {domain.whole(), domain.on("t == 0 || x == 3"), domain.on("t^2 + x^2 < 1")}) {
      const Sampler sampler(method, region, domain.graph, 700, PointKey{5, 2, 1});
      const std::int64_t count = sampler.count();
      const auto all = points_of(sampler, 0, count);
      for (std::int64_t first : {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, count - 3}) {
        const auto some = points_of(sampler, first, 3);
        for (std::size_t d = 0; d < 2; ++d)
          for (std::size_t i = 0; i < 3; ++i)
            EXPECT_EQ(some[d][i], all[d][static_cast<std::size_t>(first) + i]) << to_string(method);
      }
    }
  }
}

TEST(Sampler, SeedTermAndEpochEachMakeOtherPoints) {
  Domain domain;
  for (const auto method : methods) {
    if (method == SamplingMethod::grid) continue;
    std::set<double> firsts;
    for (const PointKey& key : {PointKey{0, 0, 0}, PointKey{1, 0, 0}, PointKey{0, 1, 0}, PointKey{0, 0, 1}})
      firsts.insert(points_of(Sampler(method, domain.whole(), domain.graph, 100, key), 17, 1)[1][0]);
    EXPECT_EQ(firsts.size(), 4u) << to_string(method);
  }
}

TEST(Sampler, PointsAreDistinctAndInsideAndSpreadEvenly) {
  Domain domain;
  const std::int64_t n = 1024;
  for (const auto method : methods) {
    const auto points = points_of(Sampler(method, domain.whole(), domain.graph, n, PointKey{}), 0, n);
    std::set<std::pair<double, double>> distinct;
    double mean[2] = {0, 0};
    int quadrant[4] = {};
    for (std::size_t i = 0; i < points[0].size(); ++i) {
      const double t = points[0][i], x = points[1][i];
      ASSERT_TRUE(t >= 0 && t <= 1 && x >= -1 && x <= 3);
      distinct.insert({t, x});
      mean[0] += t / n, mean[1] += x / n;
      ++quadrant[(t < 0.5) + 2 * (x < 1)];
    }
    EXPECT_EQ(distinct.size(), static_cast<std::size_t>(n));
    // Five standard deviations of independent uniform points; the other methods do better.
    const double deviation = 5 / std::sqrt(12.0 * n);
    EXPECT_NEAR(mean[0], 0.5, deviation) << to_string(method);
    EXPECT_NEAR(mean[1], 1, 4 * deviation) << to_string(method);
    for (int count : quadrant) EXPECT_NEAR(count, n / 4, 5 * std::sqrt(n * 3.0 / 16)) << to_string(method);
  }
}

TEST(Sampler, LatinHypercubeHasOnePointPerStratum) {
  Domain domain;
  const std::int64_t n = 300;
  const auto points = points_of(Sampler(SamplingMethod::lhs, domain.whole(), domain.graph, n, PointKey{9, 0, 3}), 0, n);
  for (std::size_t d = 0; d < 2; ++d) {
    std::set<int> strata;
    for (double value : points[d])
      strata.insert(
          static_cast<int>((value - domain.lower[d]) / (domain.upper[d] - domain.lower[d]) * static_cast<double>(n)));
    EXPECT_EQ(strata.size(), static_cast<std::size_t>(n));
  }
}

// 1000 s against 2 mm: units of a coordinate are a choice of its user, and no face is left out for it.
TEST(Sampler, FacesShareInUnitsOfTheDomain) {
  Domain domain;
  domain.lower = {0, 0}, domain.upper = {1000, 2e-3};
  for (const auto method : methods) {
    const Sampler sampler(method, domain.on("t == 0 || x == 0 || x == 0.002 && t < 500"), domain.graph, 500, PointKey{});
    EXPECT_EQ(sampler.count(0), 200) << to_string(method);
    EXPECT_EQ(sampler.count(1), 200) << to_string(method);
    EXPECT_EQ(sampler.count(2), 100) << to_string(method);
  }
  const auto points = points_of(Sampler(SamplingMethod::grid, domain.whole(), domain.graph, 400, PointKey{}), 0, 400);
  for (const auto& coordinate : points) EXPECT_EQ(std::set<double>(coordinate.begin(), coordinate.end()).size(), 20u);
}

TEST(Sampler, FacesShareByAreaAndKeepTheirCoordinate) {
  Domain domain;
  const Sampler sampler(SamplingMethod::sobol, domain.on("t == 0 || x == -1 || x == 3"), domain.graph, 600, PointKey{});
  const auto points = points_of(sampler, 0, 600);
  int on_face[3] = {};
  for (std::size_t i = 0; i < 600; ++i) {
    on_face[0] += points[0][i] == 0;
    on_face[1] += points[1][i] == -1;
    on_face[2] += points[1][i] == 3;
  }
  EXPECT_EQ(on_face[0], 200);
  EXPECT_EQ(on_face[1], 200);
  EXPECT_EQ(on_face[2], 200);
}

TEST(Sampler, ConditionsHoldAndCountsStay) {
  Domain domain;
  for (const auto method : methods) {
    const Sampler sampler(method, domain.on("(t - 0.5)^2 + (x - 1)^2 < 0.04"), domain.graph, 500, PointKey{3, 0, 0});
    if (method == SamplingMethod::grid) {
      EXPECT_NEAR(sampler.count(), 500, 25);
    } else {
      EXPECT_EQ(sampler.count(), 500);
    }
    const auto points = points_of(sampler, 0, sampler.count());
    std::set<std::pair<double, double>> distinct;
    double mean = 0;
    for (std::size_t i = 0; i < points[0].size(); ++i) {
      EXPECT_LT(std::pow(points[0][i] - 0.5, 2) + std::pow(points[1][i] - 1, 2), 0.04);
      distinct.insert({points[0][i], points[1][i]});
      mean += points[0][i] / static_cast<double>(points[0].size());
    }
    EXPECT_EQ(distinct.size(), points[0].size()) << to_string(method);
    EXPECT_NEAR(mean, 0.5, 5 * 0.1 / std::sqrt(500.0));  // a disc's coordinate has deviation radius / 2
  }
}

TEST(Sampler, EveryPieceGetsAPointWhenThereAreEnough) {
  Domain domain;
  const auto region = domain.on("x == -1 || t == 0 || (t == 1 && x < -0.9999)");
  ASSERT_EQ(region.pieces.size(), 3u);
  const Sampler sampler(SamplingMethod::uniform, region, domain.graph, 3, PointKey{});
  const auto points = points_of(sampler, 0, 3);
  EXPECT_EQ(points[1][0], -1);
  EXPECT_EQ(points[0][1], 0);
  EXPECT_EQ(points[0][2], 1);
  EXPECT_EQ(Sampler(SamplingMethod::uniform, region, domain.graph, 1, PointKey{}).count(), 1);
}

TEST(Sampler, SinglePointsAreTakenOnce) {
  Domain domain;
  for (const auto method : methods) {
    const Sampler sampler(method, domain.on("t == 0 && (x == 0 || x == 1)"), domain.graph, 100, PointKey{});
    EXPECT_EQ(sampler.count(), 2);
    EXPECT_EQ(points_of(sampler, 0, 2)[1], (std::vector<double>{0, 1})) << to_string(method);
  }
}

TEST(Sampler, RefusesEmptySets) {
  Domain domain;
  for (std::int64_t count : {0, -5}) {
    try {
      Sampler(SamplingMethod::sobol, domain.whole(), domain.graph, count, PointKey{});
      ADD_FAILURE() << count << " points were accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
    }
  }
}

}  // namespace
}  // namespace jetpinn
