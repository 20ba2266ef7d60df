// Networks that predict in turns.
#include "jetpinn/bench/bench_batches.hpp"

#include "support/pruned_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(BenchBatches, EveryBatchOfEveryNetworkIsTimed) {
  NetworkOptions wide, narrow;
  wide.hidden = {256, 256};
  narrow.hidden = {8, 8};
  const Assembly before = test::heat_assembly(wide), after = test::heat_assembly(narrow);
  const std::vector<double> large = test::trained_parameters(before.network),
                            small = test::trained_parameters(after.network);
  BenchBatchesOptions options;
  options.points = {1, 300, 2000};
  options.seconds = 0;
  const auto times =
      bench_batches(*before.problem, {{before.network, before.fields, large}, {after.network, after.fields, small}},
                    Precision::fp64, options);
  ASSERT_EQ(times.size(), options.points.size());
  for (const auto& row : times) {
    ASSERT_EQ(row.size(), 2u);
    for (const SampleSpread& spread : row) {
      EXPECT_GE(spread.samples, 3);
      EXPECT_GT(spread.min, 0);
    }
  }
  // A thousand times the work: no noise of a machine hides that.
  EXPECT_GT(times[2][0].min, times[2][1].min);
}

}  // namespace
}  // namespace jetpinn
