// Units that go leave the network that a smaller config makes, and what they did not do is not missed.
#include "jetpinn/compress/unit_groups.hpp"

#include "jetpinn/compress/unit_scores.hpp"
#include "support/pruned_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

using Widths = std::vector<std::int64_t>;

class UnitGroupsOf : public ::testing::TestWithParam<test::PrunedCase> {
 protected:
  UnitGroupsOf()
      : before_(test::heat_assembly(GetParam().network)),
        after_(test::heat_assembly(test::with_hidden(GetParam().network, GetParam().fewer))),
        groups_(unit_groups(before_.network)),
        kept_(test::some_kept(groups_, GetParam().fewer)),
        parameters_(test::trained_parameters(before_.network)) {}

  bool goes(std::size_t group, std::int64_t unit) const {
    return !std::binary_search(kept_[group].begin(), kept_[group].end(), unit);
  }

  void expect_same_fields(const std::vector<double>& smaller) const {
    const std::vector<double> before = test::field_values(before_, parameters_), after = test::field_values(after_, smaller);
    double largest = 0;
    for (const double value : before) largest = std::max(largest, std::abs(value));
    // 10 roundings of each summand: a sum has fewer summands in other places than before
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-13 * largest);
  }

  const Assembly before_, after_;
  const UnitGroups groups_;
  const KeptUnits kept_;
  std::vector<double> parameters_;
};

TEST_P(UnitGroupsOf, CountWhatASmallerConfigMakes) {
  Widths widths;
  for (const UnitGroup& group : groups_.groups) widths.push_back(group.units);
  EXPECT_EQ(parameter_count(before_.network, groups_, widths), before_.network.parameters);
  for (std::size_t g = 0; g < widths.size(); ++g) widths[g] = GetParam().fewer[g];
  EXPECT_EQ(parameter_count(before_.network, groups_, widths), after_.network.parameters);
  EXPECT_EQ(hidden_of(groups_, widths, {GetParam().network.hidden}), (std::vector<Widths>{GetParam().fewer}));
  const UnitGroups smaller = unit_groups(after_.network);
  EXPECT_EQ(flop_of_values(before_.network, groups_, widths), flop_of_values(after_.network, smaller, widths));
}

TEST_P(UnitGroupsOf, UnitsThatNothingReadsAreNotMissed) {
  for (std::size_t g = 0; g < groups_.groups.size(); ++g)
    for (const int consumer : groups_.groups[g].consumers) {
      const Layer& layer = before_.network.layers[static_cast<std::size_t>(consumer)];
      for (std::int64_t i = 0; i < layer.block("weight")->size(); ++i)
        if (goes(g, i / layer.units)) parameters_[static_cast<std::size_t>(layer.block("weight")->offset + i)] = 0;
    }
  expect_same_fields(remove_units(before_.network, groups_, kept_, parameters_, after_.network));
}

TEST_P(UnitGroupsOf, OthersAreMissed) {
  const auto smaller = remove_units(before_.network, groups_, kept_, parameters_, after_.network);
  const std::vector<double> before = test::field_values(before_, parameters_), after = test::field_values(after_, smaller);
  EXPECT_GT(std::abs(before[3] - after[3]), 1e-4);
}

// Of an mlp alone: elsewhere what is added to a unit, or mixed with it, is not constant.
class ConstantUnitsOf : public UnitGroupsOf {};

TEST_P(ConstantUnitsOf, AreTheirMeansInTheBias) {
  for (std::size_t l = 0; l < before_.network.layers.size(); ++l) {
    const Layer& layer = before_.network.layers[l];
    const int group = groups_.group_of_layer[l];
    const ParameterBlock* weight = layer.block("weight");
    for (std::int64_t i = 0; weight && group >= 0 && i < weight->size(); ++i)
      if (goes(static_cast<std::size_t>(group), i % layer.units))
        parameters_[static_cast<std::size_t>(weight->offset + i)] = 0;
  }
  Assembly sampled = test::heat_assembly(GetParam().network);
  const UnitStatistics statistics = unit_statistics(sampled, score_batches(sampled, 0), parameters_);
  std::vector<double> folded = parameters_;
  fold_means(before_.network, groups_, kept_, statistics.mean, folded);
  EXPECT_NE(folded, parameters_);
  expect_same_fields(remove_units(before_.network, groups_, kept_, folded, after_.network));
}

std::vector<test::PrunedCase> mlp_cases() {
  std::vector<test::PrunedCase> cases = test::pruned_cases();
  std::erase_if(cases, [](const test::PrunedCase& entry) { return entry.network.kind != "mlp"; });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Mlp, ConstantUnitsOf, ::testing::ValuesIn(mlp_cases()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Kinds, UnitGroupsOf, ::testing::ValuesIn(test::pruned_cases()),
                         [](const auto& info) { return info.param.name; });

TEST(UnitGroups, LayersOfAnMlpStandAlone) {
  NetworkOptions options;
  options.hidden = {4, 5, 6};
  options.fourier_features = 2;
  const Network network = test::heat_assembly(options).network;
  const UnitGroups groups = unit_groups(network);
  ASSERT_EQ(groups.groups.size(), 3u);
  for (std::size_t g = 0; g < 3; ++g) {
    EXPECT_EQ(groups.groups[g].units, options.hidden[g]);
    EXPECT_EQ(groups.groups[g].consumers.size(), 1u);
    EXPECT_EQ(groups.groups[g].name, "layer " + std::to_string(g + 1) + " of 4");
  }
}

TEST(UnitGroups, EveryNetworkHasItsOwn) {
  NetworkOptions flow, pressure;
  flow.hidden = {5, 4};
  pressure.hidden = {3, 3};
  pressure.kind = "residual";
  const Network network = make_networks({{flow, "u", {0}}, {pressure, "p", {1}}}, {"t", "x"}, {0, 0}, {1, 1});
  const UnitGroups groups = unit_groups(network);
  ASSERT_EQ(groups.groups.size(), 3u);
  EXPECT_EQ(groups.groups[2].member, 1);
  EXPECT_EQ(hidden_of(groups, {4, 2, 1}, {{5, 4}, {3, 3}}), (std::vector<Widths>{{4, 2}, {1, 1}}));
}

}  // namespace
}  // namespace jetpinn
