#include "jetpinn/balance/loss_balance.hpp"

#include "support/dense_linearization.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace jetpinn {
namespace {

constexpr double balance_tolerance = 10 * std::numeric_limits<double>::epsilon();
constexpr std::int64_t points_of_equation = 300, points_of_walls = 8;

// An equation with causal weights or not, whose residuals weigh 2 and 3, and a condition.
struct Case {
  explicit Case(const BalanceOptions& options, bool causal = false) {
    blocks = {{{0, block_points}, {block_points, points_of_equation - block_points}}, {{0, points_of_walls}}};
    for (std::size_t t = 0; t < 2; ++t) {
      TermPoints& term = points.terms.emplace_back();
      term.dimensions = 1;
      term.blocks = blocks[t];
      term.local_count = term.global_count = t == 0 ? points_of_equation : points_of_walls;
      for (std::int64_t i = 0; i < term.local_count; ++i)
        term.coordinates.push_back((static_cast<double>(i) + 0.5) / static_cast<double>(term.local_count));
    }
    points.terms[0].weight_columns = 2;
    points.terms[0].weight.assign(2 * points_of_equation, 2.0);
    std::fill_n(points.terms[0].weight.begin() + points_of_equation, points_of_equation, 3.0);
    CausalTerm early;
    early.options.chunks = 2;
    std::vector<BalancedTerm> terms{{"equation", options.balances("equation"), {}, &blocks[0], points_of_equation, 2},
                                    {"walls", options.balances("walls"), {}, &blocks[1], points_of_walls, 1}};
    if (causal) terms[0].causal = early;
    balance.emplace(options, terms, 5);
    balance->weigh(points);
  }

  // Residuals 0.1 and 0.2 of the equation, 1 of the condition; what an engine would tell and sum.
  void evaluate() {
    std::vector<double> sums(static_cast<std::size_t>(balance->sums())), weighted(2);
    const ResidualsKnown known =
        balance->listener(points, [&](std::int64_t entry, double value) { sums[static_cast<std::size_t>(entry)] += value; });
    for (std::size_t t = 0; t < 2; ++t) {
      const TermPoints& term = points.terms[t];
      std::int64_t first = 0;
      for (const Block& block : term.blocks) {
        std::vector<double> values(static_cast<std::size_t>(block.count), t == 0 ? 0.1 : 1);
        if (t == 0) values.resize(static_cast<std::size_t>(2 * block.count), 0.2);
        if (known) known(static_cast<int>(t), first, block.count, values.data());
        for (std::size_t k = 0; k < values.size() / static_cast<std::size_t>(block.count); ++k)
          for (std::int64_t i = 0; i < block.count; ++i) {
            const double r = values[k * static_cast<std::size_t>(block.count) + static_cast<std::size_t>(i)];
            weighted[t] +=
                term.weight_at(static_cast<std::int64_t>(k), first + i) * r * r / static_cast<double>(term.global_count);
          }
        first += block.count;
      }
    }
    balance->take(points, sums.data(), weighted.data());
  }

  std::vector<std::vector<Block>> blocks;
  PointSet points;
  std::optional<LossBalance> balance;
};

constexpr double loss_of_config = 2 * 0.01 + 3 * 0.04 + 1;
constexpr double rounding_of_sums = 300 * balance_tolerance;  // of as many summands

BalanceOptions options_of(BalanceMethod method) {
  BalanceOptions options;
  options.method = method;
  return options;
}

TEST(LossBalance, IsOffWhereNothingIsBalanced) {
  const Case none{BalanceOptions()};
  EXPECT_FALSE(none.balance->active());
  EXPECT_EQ(none.balance->sums(), 0);
  EXPECT_FALSE(Case(options_of(BalanceMethod::rba)).balance->state().empty());
  EXPECT_TRUE(Case(BalanceOptions(), true).balance->active());
}

// Points of an integral add up to its measure.
TEST(LossBalance, WeightsOfAnIntegralAreMeansOfThemselves) {
  Case one(options_of(BalanceMethod::rba));
  one.points.terms[0].quadrature_columns = 1;
  one.points.terms[0].quadrature.assign(points_of_equation, 4.0);
  one.evaluate();
  EXPECT_EQ(one.balance->mean_weights()[0], 1);
  EXPECT_NEAR(one.balance->config_loss(), 4 * 0.14 + 1, rounding_of_sums);
}

TEST(LossBalance, GradientNormsBecomeAlike) {
  Case one(options_of(BalanceMethod::gradnorm));
  EXPECT_TRUE(one.balance->wants_linearization(0, false));
  EXPECT_FALSE(one.balance->wants_linearization(99, false));
  EXPECT_FALSE(one.balance->wants_linearization(100, true)) << "weights stay in stages of line searches";
  // Rows of J with weight 1/2 and residuals 3 and 4: gradients 2 w r J of norms 3 and 40.
  testing::DenseLinearization linear({{1, 0}, {0, 10}}, {1, 1}, {0.5, 0.5}, {3, 4});
  one.balance->refresh_terms(linear, 2);
  one.balance->weigh(one.points);
  const double mean = 21.5;
  EXPECT_NEAR(one.points.terms[0].term_weight, 0.9 + 0.1 * mean / (3 + 1e-5 * mean), balance_tolerance);
  EXPECT_NEAR(one.points.terms[1].term_weight, 0.9 + 0.1 * mean / (40 + 1e-5 * mean), balance_tolerance);
  one.evaluate();
  EXPECT_NEAR(one.balance->config_loss(), loss_of_config, rounding_of_sums);
  EXPECT_NEAR(one.balance->loss(), one.points.terms[0].term_weight * 0.14 + one.points.terms[1].term_weight,
              rounding_of_sums);
  EXPECT_EQ(one.balance->mean_weights()[0], one.points.terms[0].term_weight);
}

TEST(LossBalance, TracesOfKernelsBecomeAlike) {
  BalanceOptions options = options_of(BalanceMethod::ntk);
  options.momentum = 0;
  options.points = block_points;
  Case one(options);
  testing::DenseLinearization linear({{1, 2}, {0, 10}}, {1, 1}, {0.5, 0.5}, {3, 4});  // traces 2.5 and 50
  one.balance->refresh_terms(linear, 2);
  one.balance->weigh(one.points);
  EXPECT_NEAR(one.points.terms[0].term_weight, 26.25 / (2.5 + 1e-5 * 26.25), 100 * balance_tolerance);
  const auto sample = one.balance->sample(one.points);
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->terms[0].local_count, block_points);
  EXPECT_EQ(sample->terms[0].global_count, block_points);
  EXPECT_EQ(sample->terms[1].local_count, points_of_walls);
}

// The linearisation has the weights of the last refresh in it, and they are no part of what a term's size is.
TEST(LossBalance, SizesAreThoseInTheWeightsOfTheConfig) {
  BalanceOptions options = options_of(BalanceMethod::ntk);
  options.momentum = 0;
  Case one(options);
  testing::DenseLinearization linear({{1, 2}, {0, 10}}, {1, 1}, {0.5, 0.5});
  one.balance->refresh_terms(linear, 2);
  one.balance->weigh(one.points);
  const std::vector<double> weights{one.points.terms[0].term_weight, one.points.terms[1].term_weight};
  testing::DenseLinearization weighed({{1, 2}, {0, 10}}, {1, 1}, {0.5 * weights[0], 0.5 * weights[1]});
  one.balance->refresh_terms(weighed, 2);
  one.balance->weigh(one.points);
  for (std::size_t t = 0; t < 2; ++t)
    EXPECT_NEAR(one.points.terms[t].term_weight, weights[t], balance_tolerance * weights[t]);
}

TEST(LossBalance, TermsThatAreNotNamedKeepTheirWeights) {
  BalanceOptions options = options_of(BalanceMethod::gradnorm);
  options.terms = {"walls"};
  Case one(options);
  testing::DenseLinearization linear({{1, 0}, {0, 10}}, {1, 1}, {0.5, 0.5}, {3, 4});
  one.balance->refresh_terms(linear, 2);
  one.balance->weigh(one.points);
  EXPECT_EQ(one.points.terms[0].term_weight, 1);
  EXPECT_NEAR(one.points.terms[1].term_weight, 1, 1e-5) << "alone, it is the mean";
}

TEST(LossBalance, NoPointsAreSampledOfTermsThatAreNotNamed) {
  BalanceOptions options = options_of(BalanceMethod::ntk);
  options.terms = {"walls"};
  const Case one(options);
  const std::optional<PointSet> sample = one.balance->sample(one.points);
  ASSERT_TRUE(sample.has_value());
  EXPECT_EQ(sample->terms[0].local_count, 0);
  EXPECT_EQ(sample->terms[1].local_count, points_of_walls);
}

TEST(LossBalance, CausalWeightsWaitForEarlierChunks) {
  Case one(BalanceOptions(), true);
  EXPECT_EQ(one.points.terms[0].point_weight, std::vector<double>(points_of_equation, 1.0));
  one.evaluate();
  EXPECT_NEAR(one.balance->config_loss(), loss_of_config, rounding_of_sums);
  EXPECT_TRUE(one.balance->refresh(1, false, one.points, test::world()));
  one.balance->weigh(one.points);
  const double late = std::exp(-0.05);  // the mean square of both residuals
  EXPECT_EQ(one.points.terms[0].point_weight.front(), 1);
  EXPECT_NEAR(one.points.terms[0].point_weight.back(), late, rounding_of_sums);
  EXPECT_NEAR(one.balance->least_causal()[0], late, rounding_of_sums);
  EXPECT_TRUE(std::isnan(one.balance->least_causal()[1]));
  one.evaluate();
  EXPECT_NEAR(one.balance->config_loss(), loss_of_config, rounding_of_sums);
  EXPECT_NEAR(one.balance->mean_weights()[0], (1 + late) / 2, rounding_of_sums);
  EXPECT_NEAR(one.balance->loss(), 0.14 * (1 + late) / 2 + 1, rounding_of_sums);
}

TEST(LossBalance, RefreshesWhatIsDue) {
  Case one(options_of(BalanceMethod::relobralo), true);
  one.evaluate();
  Communicator& ranks = test::world();
  EXPECT_TRUE(one.balance->refresh(1, false, one.points, ranks));
  EXPECT_FALSE(one.balance->refresh(7, true, one.points, ranks));
  EXPECT_TRUE(one.balance->refresh(100, true, one.points, ranks)) << "causal weights";
}

TEST(LossBalance, PointsAndChunksAreWeighedTogetherAndLetGo) {
  Case one(options_of(BalanceMethod::self_adaptive), true);
  one.evaluate();
  EXPECT_TRUE(one.balance->refresh(1, false, one.points, test::world()));
  one.balance->weigh(one.points);
  const double late = std::exp(-0.05);
  EXPECT_NEAR(one.points.terms[0].point_weight.back(), 1.01 * 1.01 * late, rounding_of_sums);
  EXPECT_NEAR(one.points.terms[1].point_weight.back(), 1.01 * 1.01, balance_tolerance);
  EXPECT_NEAR(one.points.terms[0].weight_at(1, 0), 3 * 1.01 * 1.01, balance_tolerance * 10);
  EXPECT_EQ(one.points.terms[0].own_weight_at(1, 0), 3);
  LossBalance::unweigh(one.points);
  EXPECT_TRUE(one.points.terms[1].point_weight.empty());
  EXPECT_EQ(one.points.terms[1].weighted_columns(), 0);
}

// What falls slower counts more, the sum of the weights stays the number of terms.
TEST(LossBalance, RelativeWeightsFollowTheLosses) {
  BalanceOptions options = options_of(BalanceMethod::relobralo);
  options.momentum = 0.5;
  options.temperature = 1;
  options.look_back = 1;
  Case one(options);
  one.evaluate();
  one.balance->refresh(1, false, one.points, test::world());
  const double weighted[] = {0.07, 1};  // the equation's loss was halved
  one.balance->take(one.points, nullptr, weighted);
  one.balance->refresh(2, false, one.points, test::world());
  one.balance->weigh(one.points);
  const double target = 2 * std::exp(0.5) / (std::exp(0.5) + std::exp(1));
  EXPECT_NEAR(one.points.terms[0].term_weight, 0.5 + 0.5 * target, rounding_of_sums);
  EXPECT_NEAR(one.points.terms[0].term_weight + one.points.terms[1].term_weight, 2, balance_tolerance);
}

// A loss that is another one since did not fall by what it is smaller.
TEST(LossBalance, RelativeWeightsBeginAnewWithAnotherObjective) {
  BalanceOptions options = options_of(BalanceMethod::relobralo);
  options.momentum = 0;
  Case one(options);
  one.evaluate();
  one.balance->refresh(1, false, one.points, test::world());
  one.balance->objective_changed();
  const double weighted[] = {0.07, 1};
  one.balance->take(one.points, nullptr, weighted);
  one.balance->refresh(2, false, one.points, test::world());
  one.balance->weigh(one.points);
  EXPECT_NEAR(one.points.terms[0].term_weight, 1, balance_tolerance);
}

}  // namespace
}  // namespace jetpinn
