#include "jetpinn/layer/recompute_plan.hpp"

#include "support/divisions.hpp"
#include "support/expect_error.hpp"
#include "support/recompute_plans.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

Network network_to_divide(const std::string& kind, std::vector<std::int64_t> hidden, std::int64_t fourier_features = 0) {
  NetworkOptions options;
  options.kind = kind;
  options.hidden = std::move(hidden);
  options.fourier_features = fourier_features;
  return make_network(options, {"t", "x"}, 1, {0, 0}, {1, 1});
}

struct Cost {
  std::int64_t live = 0, buffers = 0;  // columns of a chunk
  double work = 0;
};

Cost cost_of(const Network& network, const RecomputedLayers& ranges) {
  const BufferPlan plan = plan_buffers(network, BufferUse::training, false, ranges);
  return {plan.live_units(), plan.chunk_units(),
          recomputed_weights(network, std::vector<bool>(network.members.size(), true), plan)};
}

// The least work of all divisions of at most `limit` columns.
double least_work(const std::vector<Cost>& costs, std::int64_t limit) {
  double least = -1;
  for (const Cost& cost : costs)
    if (cost.live <= limit && (least < 0 || cost.work < least)) least = cost.work;
  return least;
}

std::vector<std::vector<std::int64_t>> widths() {
  return {{8}, {8, 8}, {8, 8, 8, 8, 8, 8, 8}, {8, 16, 8, 24, 8, 40}, {40, 24, 16, 8, 8}, {8, 8, 24, 40, 16, 8}};
}

// For every limit that some division reaches: of all divisions within it, none takes less work.
TEST(RecomputePlan, TakesTheLeastWorkOfAllDivisionsOfAChain) {
  for (const std::vector<std::int64_t>& hidden : widths()) {
    const Network network = network_to_divide("mlp", hidden);
    std::vector<Cost> all, planned;
    std::set<std::int64_t> limits;
    const auto divisions = test::all_divisions(hidden_layers(network));
    for (const RecomputedLayers& ranges : divisions) all.push_back(cost_of(network, ranges));
    for (const RecomputedLayers& ranges : test::recompute_plans(network)) planned.push_back(cost_of(network, ranges));
    for (const Cost& cost : all) limits.insert(cost.live);
    for (const std::int64_t limit : limits)
      EXPECT_EQ(least_work(planned, limit), least_work(all, limit)) << hidden.size() << " hidden layers, " << limit;
    EXPECT_EQ(planned.back().live, *limits.begin());
  }
}

// A search within so many columns finds what the list of all plans has, also of a network whose list would take minutes.
TEST(RecomputePlan, IsFoundWithinALimit) {
  const Network network = network_to_divide("residual", {8, 8, 8, 8, 8, 8, 8, 8, 8});
  RecomputeSearch search(network);
  const std::vector<RecomputedLayers> plans = test::recompute_plans(network);
  EXPECT_EQ(search.keeps_all().layers, plans.front());
  EXPECT_EQ(search.least().columns, cost_of(network, plans.back()).live);
  for (const RecomputedLayers& plan : plans) {
    const Cost cost = cost_of(network, plan);
    const std::optional<RecomputePlan> found = search.within(cost.live);
    ASSERT_TRUE(found);
    EXPECT_LE(found->columns, cost.live);
    EXPECT_EQ(cost_of(network, found->layers).work, cost.work);
  }
  EXPECT_FALSE(search.within(search.least().columns - 1));
}

// 2 sqrt(L) jets of L, and a few (Chen and others, 2016).
TEST(RecomputePlan, OfAHundredLayersIsFoundByBisection) {
  const Network network = network_to_divide("mlp", std::vector<std::int64_t>(100, 8));
  RecomputeSearch search(network);
  const RecomputePlan least = search.least();
  EXPECT_LE(least.columns, 8 * (2 * 10 + 5));
  EXPECT_EQ(cost_of(network, least.layers).live, least.columns);
  EXPECT_EQ(cost_of(network, plan_segments(network, 2)).live, 8 * (50 + 3));
}

TEST(RecomputePlan, FallsInMemoryAndRisesInWork) {
  for (const std::string kind : {"mlp", "modified_mlp", "residual", "piratenet"}) {
    const Network network = network_to_divide(kind, std::vector<std::int64_t>(9, 16));
    const std::vector<RecomputedLayers> plans = test::recompute_plans(network);
    ASSERT_GT(plans.size(), 2u) << kind;
    EXPECT_TRUE(plans[0].empty());
    Cost last = cost_of(network, plans[0]);
    for (std::size_t p = 1; p < plans.size(); ++p) {
      const Cost cost = cost_of(network, plans[p]);
      EXPECT_LT(cost.live, last.live) << kind << " " << p;
      EXPECT_GE(cost.work, last.work) << kind << " " << p;
      last = cost;
    }
  }
}

// Of layers as wide as each other, buffers are given out without a gap: what lies there is what they take.
TEST(RecomputePlan, OfEqualLayersFillsItsBuffers) {
  const Network network = network_to_divide("mlp", std::vector<std::int64_t>(12, 8));
  for (const RecomputedLayers& ranges : test::recompute_plans(network)) {
    const Cost cost = cost_of(network, ranges);
    EXPECT_EQ(cost.live, cost.buffers) << test::text_of(ranges);
  }
}

// Twelve layers keep 14 jets: twelve sums, an activation and an adjoint. In two segments they are six sums, an activation
// and two adjoints, while the first one is swept in reverse.
TEST(RecomputePlan, DividesAChainEvenly) {
  const Network network = network_to_divide("mlp", std::vector<std::int64_t>(12, 8));
  const std::vector<LayerRange> hidden = hidden_layers(network);
  ASSERT_EQ(hidden.size(), 12u);
  EXPECT_TRUE(plan_segments(network, 1).empty());
  EXPECT_EQ(cost_of(network, {}).live, 14 * 8);
  const RecomputedLayers two = plan_segments(network, 2);
  ASSERT_EQ(two.size(), 1u);
  EXPECT_EQ(two[0].begin, 0);
  EXPECT_EQ(cost_of(network, two).live, 9 * 8);
  const RecomputedLayers three = plan_segments(network, 3);
  ASSERT_EQ(three.size(), 2u);
  EXPECT_EQ(three[0].end, three[1].begin);
  EXPECT_LT(cost_of(network, three).live, 9 * 8);
}

TEST(RecomputePlan, OfSegmentsTakesTheLeastMemory) {
  const Network network = network_to_divide("mlp", {8, 24, 8, 16, 8, 40, 8});
  const std::vector<RecomputedLayers> all = test::all_divisions(hidden_layers(network));
  for (int segments = 1; segments <= 7; ++segments) {
    Cost least;
    for (const RecomputedLayers& ranges : all) {
      bool joined = static_cast<int>(ranges.size()) == segments - 1;
      for (std::size_t r = 0; joined && r < ranges.size(); ++r) joined = ranges[r].begin == (r == 0 ? 0 : ranges[r - 1].end);
      if (!joined) continue;
      const Cost cost = cost_of(network, ranges);
      if (least.live == 0 || cost.live < least.live || (cost.live == least.live && cost.work < least.work)) least = cost;
    }
    const Cost planned = cost_of(network, plan_segments(network, segments));
    EXPECT_EQ(planned.live, least.live) << segments;
    EXPECT_EQ(planned.work, least.work) << segments;
  }
}

TEST(RecomputePlan, RefusesMoreSegmentsThanHiddenLayers) {
  testing::expect_error(Status::usage, {"training.recompute = 4", "3 hidden layers"}, [] {
    plan_segments(network_to_divide("mlp", {8, 8, 8}), 4);
  });
}

// Random frequencies below the first trained matrix are part of its hidden layer; encoders are layers of their own.
TEST(RecomputePlan, CountsHiddenLayers) {
  EXPECT_EQ(hidden_layers(network_to_divide("mlp", {8, 8}, 4)).size(), 2u);
  EXPECT_EQ(hidden_layers(network_to_divide("mlp", {8, 8}, 4), true).size(), 3u);
  EXPECT_EQ(hidden_layers(network_to_divide("modified_mlp", {8, 8})).size(), 4u);
  EXPECT_EQ(hidden_layers(network_to_divide("piratenet", {8, 8})).size(), 3u + 2 * 3u);
}

}  // namespace
}  // namespace jetpinn
