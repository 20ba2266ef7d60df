#include "jetpinn/bench/bench_step.hpp"

#include "jetpinn/runtime/product.hpp"
#include "support/engine_case.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

BenchStepResult small_bench(std::vector<std::int64_t> hidden) {
  test::CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u"}};
  text.network.hidden = std::move(hidden);
  text.points = 300;
  const test::EngineCase problem = test::make_case(text);
  EngineOptions options;
  options.precision = Precision::fp32;
  BenchStepOptions bench;
  bench.seconds = 0;
  bench.steps = 3;
  return bench_step(test::world(), options, problem.network, problem.terms, problem.points, problem.parameters,
                    bench);
}

TEST(BenchStep, HoldsTheModelAgainstTheClock) {
  const BenchStepResult result = small_bench({16, 24, 16});
  EXPECT_EQ(result.channels, 3);
  EXPECT_EQ(result.points, 600);
  EXPECT_EQ(result.flop, 6.0 * (3 + 1) * 300 * (16 * 24 + 24 * 16));
  EXPECT_GT(result.bound_s, 0);
  EXPECT_GT(result.step_s, 0);
  EXPECT_DOUBLE_EQ(result.fraction, result.bound_s / result.step_s);
  ASSERT_EQ(result.products.size(), product_backends().size());
  for (const BenchProduct& product : result.products) EXPECT_GT(product.rate, 0) << product.backend;
  double total = 0;
  for (const auto& [name, share] : result.split) {
    EXPECT_GE(share, 0) << name;
    total += share;
  }
  EXPECT_NEAR(total, 1, 1e-12);
  EXPECT_TRUE(result.verified()) << result.trouble();
  EXPECT_GE(result.spread.samples, 3);
  EXPECT_DOUBLE_EQ(result.spread.min, result.step_s);
}

TEST(BenchStep, AWrongGradientIsNoResult) {
  BenchStepResult result = small_bench({16, 16});
  result.difference = 1e-2;
  EXPECT_FALSE(result.verified());
  EXPECT_NE(result.text().find("WRONG"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(result.json()).at("verified"), false);
}

TEST(BenchStep, AWrongUpdateIsNoResultBesideARightGradient) {
  BenchStepResult result = small_bench({16, 16});
  result.updates = {bench_update(test::world(), "ssbroyden", 131, 0, {0, 3})};
  EXPECT_TRUE(result.verified()) << result.trouble();
  result.updates[0].verified = false;
  EXPECT_FALSE(result.verified());
  EXPECT_NE(result.text().find("WRONG     the product with the updated matrix of ssbroyden is wrong"), std::string::npos);
  const auto json = nlohmann::json::parse(result.json());
  EXPECT_EQ(json.at("verified"), false);
  EXPECT_EQ(json.at("results").at(0).at("verified"), true);
  EXPECT_EQ(json.at("results").at(1).at("name"), "update");
  EXPECT_EQ(json.at("results").at(1).at("verified"), false);
}

TEST(BenchStep, WritesTheContract) {
  const auto json = nlohmann::json::parse(small_bench({16, 16}).json());
  for (const char* key : {"channels", "backend", "bound_s", "step_s", "fraction", "gflops"})
    EXPECT_TRUE(json.contains(key)) << key;
  for (const char* key : {"product", "activation", "tape", "allreduce", "other"})
    EXPECT_TRUE(json.at("split").contains(key)) << key;
  for (const char* key : {"schema", "benchmark", "verified", "machine", "results"}) EXPECT_TRUE(json.contains(key)) << key;
}

TEST(BenchStep, OneHiddenLayerHasNoProductsToBoundIt) {
  const BenchStepResult result = small_bench({16});
  EXPECT_EQ(result.bound_s, 0);
  EXPECT_EQ(result.fraction, 0);
  EXPECT_TRUE(nlohmann::json::parse(result.json()).at("fraction").is_null());
  EXPECT_NE(result.text().find("no matrix sees all channels"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
