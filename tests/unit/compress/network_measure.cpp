// What a network has lost against another one.
#include "jetpinn/compress/network_measure.hpp"

#include "support/pruned_case.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

NetworkMeasure measure(double error) { return {1e-3, {{"heat", 1e-3}}, {{"u", error, 2 * error}}, {}}; }

TEST(NetworkMeasure, GrowthComparesTheBestThatIsKnown) {
  EXPECT_DOUBLE_EQ(growth(measure(1e-2), measure(3e-2)), 3);
  NetworkMeasure held_out{1, {}, {}, {{"data", 1.0}}}, worse{1, {}, {}, {{"data", 1.5}}};
  EXPECT_DOUBLE_EQ(growth(held_out, worse), 1.5);
  EXPECT_DOUBLE_EQ(growth({1, {}, {}, {}}, {4, {}, {}, {}}), 2);
  EXPECT_TRUE(std::isinf(growth({1, {}, {}, {}}, {std::nan(""), {}, {}, {}})));
  EXPECT_EQ(growth_of(measure(1)), "error");
  EXPECT_EQ(growth_of(held_out), "validation");
}

TEST(NetworkMeasure, IsWhatARunMeasures) {
  NetworkOptions network;
  network.hidden = {6};
  const Assembly assembly = test::heat_assembly(network);
  const std::vector<double> parameters = test::trained_parameters(assembly.network);
  const NetworkMeasure found = measure_network(test::world(), assembly, {}, parameters);
  ASSERT_EQ(found.errors.size(), 1u);
  EXPECT_GT(found.errors[0].rel_l2, 0.01);
  double sum = 0;
  for (const auto& [name, loss] : found.terms) sum += loss;
  EXPECT_DOUBLE_EQ(found.loss_independent, sum);
  EXPECT_EQ(found.terms[1].first, "initial");
}

}  // namespace
}  // namespace jetpinn
