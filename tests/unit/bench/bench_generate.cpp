#include "jetpinn/bench/bench_generate.hpp"

#include "jetpinn/config/config.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(BenchGenerate, HashKnowsThePlaceOfEveryPointAndNoOrder) {
  // Points (1, 10), (2, 20), (3, 30) at indices 5 to 7, coordinate by coordinate.
  const std::int64_t whole = hash_points({1, 2, 3, 10, 20, 30}, 5, 3);
  const auto sum = [](std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  };
  EXPECT_EQ(sum(hash_points({3, 30}, 7, 1), hash_points({1, 2, 10, 20}, 5, 2)), whole);
  EXPECT_NE(hash_points({2, 1, 3, 20, 10, 30}, 5, 3), whole);   // two points exchanged
  EXPECT_NE(hash_points({1, 2, 3, 10, 20, 31}, 5, 3), whole);
  EXPECT_NE(hash_points({1, 2, 3, 10, 20, 30}, 6, 3), whole);
}

const char* const disk = R"toml([problem]
coordinates = ["x", "y"]
domain = { x = [-1, 1], y = [-1, 1] }
[[problem.equations]]
name = "poisson"
residual = "laplacian(u)"
[[problem.conditions]]
name = "disk"
on = "x^2 + y^2 < 0.5"
residual = "u"
[[problem.conditions]]
name = "walls"
on = "x == -1 || x == 1"
residual = "u"
[[training.stages]]
optimizer = "adam"
)toml";

TEST(BenchGenerate, PointsOutsideAreCounted) {
  const Problem problem = build_problem(parse_config(disk, "test.toml", {}).problem);
  const auto outside = [&](std::size_t term, const std::vector<double>& points) {
    return count_outside(problem.terms[term].region, problem.graph, points, static_cast<std::int64_t>(points.size() / 2));
  };
  EXPECT_EQ(outside(0, {0, 1, -1, 1}), 0);
  EXPECT_EQ(outside(0, {0, 1.5, 0, 0}), 1);
  EXPECT_EQ(outside(1, {0, 0.9, 0.1, 0}), 1);       // (0, 0.1) is in the disk, (0.9, 0) is not
  EXPECT_EQ(outside(2, {-1, 1, 0.5, 0.2}), 0);
  EXPECT_EQ(outside(2, {-1, 0.999, 0.5, 0.2}), 1);
}

TEST(BenchGenerate, EveryMethodAndTermIsVerified) {
  const Problem problem = build_problem(parse_config(disk, "test.toml", {}).problem);
  BenchGenerateOptions options;
  options.points = 1500;
  options.timing = {0, 2};
  const BenchReport report = bench_generate(test::world(), problem, options);
  ASSERT_EQ(report.results.size(), 12u);
  for (const BenchResult& result : report.results) EXPECT_TRUE(result.verified) << result.name << ": " << result.trouble;
}

}  // namespace
}  // namespace jetpinn
