#include "jetpinn/sampling/sampler.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
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

// ---- regions that are no boxes

// A disk around (0.5, 1), and its circle where `edge` says so.
class Disk : public SampledRegion {
 public:
  explicit Disk(bool edge = false) : edge_(edge) {}
  static constexpr double radius = 0.4;

  bool inside(const double* point) const override { return std::hypot(point[0] - 0.5, point[1] - 1) <= radius; }
  std::unique_ptr<SampledRegion> surface() const override { return std::make_unique<Disk>(true); }
  std::size_t parts() const override { return 1; }
  using SampledRegion::measure;
  double measure(std::size_t) const override { return edge_ ? 2 * M_PI * radius : M_PI * radius * radius; }
  int parameters(std::size_t) const override { return edge_ ? 1 : 2; }
  void place(std::size_t, const double* fractions, double* point) const override {
    const double angle = 2 * M_PI * fractions[0];
    point[0] = edge_ ? 0.5 + radius * std::cos(angle) : lower_[0] + fractions[0] * (upper_[0] - lower_[0]);
    point[1] = edge_ ? 1 + radius * std::sin(angle) : lower_[1] + fractions[1] * (upper_[1] - lower_[1]);
  }
  bool restricted(std::size_t) const override { return !edge_; }
  bool accepts(std::size_t, const double* point) const override { return edge_ || inside(point); }
  bool normal(std::size_t, const double* point, double* normal) const override {
    normal[0] = (point[0] - 0.5) / radius, normal[1] = (point[1] - 1) / radius;
    return edge_;
  }
  const std::vector<double>& lower(std::size_t) const override { return lower_; }
  const std::vector<double>& upper(std::size_t) const override { return upper_; }
  const std::vector<double>& units() const override { return units_; }

 private:
  bool edge_;
  std::vector<double> lower_{0.5 - radius, 1 - radius}, upper_{0.5 + radius, 1 + radius}, units_{1, 1};
};

TEST(Sampler, AnyRegionIsSampled) {
  const auto disk = std::make_shared<Disk>();
  EXPECT_DOUBLE_EQ(disk->measure(), M_PI * 0.16);
  EXPECT_DOUBLE_EQ(disk->surface()->measure(), 2 * M_PI * 0.4);
  for (const auto method : methods) {
    const Sampler sampler(method, disk, 1000, PointKey{});
    EXPECT_NEAR(static_cast<double>(sampler.count()), 1000, method == SamplingMethod::grid ? 10 : 0);
    const auto points = points_of(sampler, 0, sampler.count());
    std::int64_t inner = 0;
    for (std::size_t i = 0; i < points[0].size(); ++i) {
      const double radius = std::hypot(points[0][i] - 0.5, points[1][i] - 1);
      EXPECT_LE(radius, Disk::radius);
      inner += radius < Disk::radius / 2;
    }
    // A quarter of the area; four standard deviations of independent points.
    EXPECT_NEAR(static_cast<double>(inner) / static_cast<double>(sampler.count()), 0.25, 4 * std::sqrt(0.1875 / 1000));
  }
}

TEST(Sampler, SurfacePointsAreUniformAndBringTheirNormals) {
  const std::shared_ptr<const SampledRegion> surface = Disk().surface();
  const Sampler circle(SamplingMethod::uniform, surface, 4000, PointKey{3, 1, 0});
  std::vector<double> points(2 * 4000);
  circle.generate(0, 4000, points.data(), 4000);
  std::vector<int> sectors(8);
  for (std::size_t i = 0; i < 4000; ++i) {
    const double x = points[i] - 0.5, y = points[4000 + i] - 1;
    const double point[] = {points[i], points[4000 + i]};
    double normal[2] = {};
    EXPECT_NEAR(std::hypot(x, y), Disk::radius, 1e-15);
    EXPECT_TRUE(surface->normal(circle.part_of(static_cast<std::int64_t>(i)), point, normal));
    EXPECT_NEAR(normal[0] * x + normal[1] * y, Disk::radius, 1e-15) << "outwards, of length 1";
    ++sectors[std::min<std::size_t>(static_cast<std::size_t>((std::atan2(y, x) + M_PI) / (M_PI / 4)), 7)];
  }
  for (int count : sectors) EXPECT_NEAR(count, 500, 4 * std::sqrt(500 * 0.875));
}

TEST(Sampler, PointsKnowTheirParts) {
  Domain domain;
  const Sampler sampler(SamplingMethod::sobol, domain.on("t == 0 || x == 3 || x == 0"), domain.graph, 300, PointKey{});
  std::vector<double> points(2 * 300);
  sampler.generate(0, 300, points.data(), 300);
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t part = sampler.part_of(static_cast<std::int64_t>(i));
    EXPECT_EQ(points[part == 0 ? i : 300 + i], part == 1 ? 3 : 0) << i;
  }
}

}  // namespace
}  // namespace jetpinn
