#include "jetpinn/bench/bench_predict.hpp"

#include "jetpinn/config/config.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace jetpinn {
namespace {

TEST(BenchPredict, DifferenceIsRelativeToTheLargestValueOfEachQuantity) {
  // Two quantities of two points; the second is off by 0.5 of at most 100.
  EXPECT_DOUBLE_EQ(largest_difference({1, 2, 50, 99.5}, {1, 2, 50, 100}, 2), 0.005);
  EXPECT_DOUBLE_EQ(largest_difference({1, 2, 50, 100}, {1, 2, 50, 100}, 2), 0);
  EXPECT_DOUBLE_EQ(largest_difference({1e-3}, {0}, 1), 1e-3);
  EXPECT_DOUBLE_EQ(largest_difference({}, {}, 1), 0);
}

TEST(BenchPredict, NotANumberIsNoAgreement) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isinf(largest_difference({1, none}, {1, 1}, 1)));
  EXPECT_TRUE(std::isinf(largest_difference({1, 1}, {none, 1}, 1)));
}

TEST(BenchPredict, EveryResultIsVerifiedAndHasItsName) {
  const Config config = parse_config(R"toml([problem]
coordinates = ["t", "x1"]
fields = ["u", "v"]
domain = { t = [0, 1], x1 = [-1, 1] }
[[problem.equations]]
name = "heat"
residual = ["u_t - d(u, x1, x1)", "v - u"]
[network]
hidden = [8, 8]
[[training.stages]]
optimizer = "adam"
)toml", "test.toml", {});
  Problem problem = build_problem(config.problem);
  const Network network =
      make_network(config.network, problem.symbols.coordinates, problem.fields(), problem.lower, problem.upper);
  std::vector<double> parameters(static_cast<std::size_t>(network.parameters));
  initialize(network, 1, parameters.data());
  for (const ParameterBlock* bias : blocks_named(network, "bias"))
    for (std::int64_t i = 0; i < bias->size(); ++i)
      parameters[static_cast<std::size_t>(bias->offset + i)] = 0.1 + 0.01 * static_cast<double>(i);
  BenchPredictOptions options;
  options.points = 700;
  options.timing = {0, 2};
  const BenchReport report =
      bench_predict(test::world(), problem, network, parameters.data(), Reproducibility::run, options);
  ASSERT_EQ(report.results.size(), 4u);
  std::set<std::pair<std::string, BenchValue>> names;
  for (const BenchResult& result : report.results) {
    EXPECT_TRUE(result.verified) << result.trouble;
    EXPECT_GT(std::get<double>(result.figures.at(0).second), 0);
    names.insert({result.name, result.parameters.at(0).second});
  }
  EXPECT_EQ(names.size(), 4u);
  // u, v and their derivatives by t and x1
  EXPECT_EQ(std::get<std::int64_t>(report.results[3].parameters.at(2).second), 6);
}

}  // namespace
}  // namespace jetpinn
