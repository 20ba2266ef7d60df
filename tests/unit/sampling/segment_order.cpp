#include "jetpinn/sampling/segment_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

namespace jetpinn {
namespace {

struct Step {
  std::vector<std::int64_t> rows;
  std::set<std::int64_t> segments;
};

Step step_of(const SegmentOrder& order, std::int64_t epoch, std::int64_t step) {
  Step taken;
  const std::int64_t window = order.window_of(step);
  for (std::int64_t slot = 0; slot < order.slots_of(window); ++slot) {
    const RowRange rows = order.rows_in(epoch, window, slot);
    const std::vector<std::int64_t> places = order.shuffled(epoch, rows);
    const RowRange of_step = order.taken(step, rows.count());
    if (of_step.count() > 0) taken.segments.insert(rows.begin);
    for (std::int64_t i = of_step.begin; i < of_step.end; ++i)
      taken.rows.push_back(rows.begin + places[static_cast<std::size_t>(i)]);
  }
  return taken;
}

TEST(SegmentOrder, AnEpochHasEveryRowOnce) {
  for (const std::int64_t count : {1, 200, 256, 257, 700, 2560, 25613})
    for (const std::int64_t wanted : {1, 256, 257, 1000, 4096, 200000}) {
      const SegmentOrder order(count, wanted, 3, 1);
      for (const std::int64_t epoch : {0, 1, 7}) {
        std::vector<std::int64_t> seen(static_cast<std::size_t>(count), 0);
        std::int64_t most = 0;
        for (std::int64_t step = 0; step < order.steps(); ++step) {
          const Step taken = step_of(order, epoch, step);
          EXPECT_EQ(static_cast<std::int64_t>(taken.rows.size()), order.points_of(step));
          EXPECT_FALSE(taken.rows.empty()) << count << " " << wanted << " " << step;
          most = std::max(most, order.points_of(step));
          for (const std::int64_t row : taken.rows) ++seen.at(static_cast<std::size_t>(row));
        }
        EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), count) << wanted;
        EXPECT_EQ(most, order.largest());
        EXPECT_LE(most, std::max<std::int64_t>(wanted + block_points - 1, block_points));
      }
    }
}

TEST(SegmentOrder, StepsAreAboutAsLargeAsOneAnother) {
  const SegmentOrder order(1'000'000'000, 16384, 3, 1);
  EXPECT_EQ(order.slots(), 64);
  EXPECT_EQ(order.segment_points(), 16384);
  for (std::int64_t window = 0; window < order.windows(); ++window) EXPECT_GE(order.slots_of(window), 63);
  EXPECT_EQ(order.steps(), order.windows() * order.steps_of_window());
}

TEST(SegmentOrder, AStepHasPointsOfAsManyPlacesAsItHasBlocks) {
  const SegmentOrder order(3'000'000, 16384, 3, 1);
  const Step first = step_of(order, 0, 0), second = step_of(order, 0, 1), later = step_of(order, 1, 0);
  EXPECT_EQ(static_cast<std::int64_t>(first.segments.size()), order.slots_of(0));
  EXPECT_EQ(first.segments, second.segments) << "of the same window";
  EXPECT_NE(first.segments, later.segments);
  EXPECT_NE(first.rows, second.rows);
  EXPECT_FALSE(std::is_sorted(first.rows.begin(), first.rows.begin() + block_points));
}

TEST(SegmentOrder, FollowsSeedAndTerm) {
  const auto rows = [](std::uint64_t seed, std::uint32_t term) {
    return step_of(SegmentOrder(100'000, 1000, seed, term), 0, 0).rows;
  };
  EXPECT_EQ(rows(3, 1), rows(3, 1));
  EXPECT_NE(rows(3, 1), rows(4, 1));
  EXPECT_NE(rows(3, 1), rows(3, 2));
}

// The window of a large step does not become too large for the machine.
TEST(SegmentOrder, AWindowIsBounded) {
  for (const std::int64_t wanted : {1000, 16384, 262144, 1'000'000}) {
    const SegmentOrder order(1'000'000'000, wanted, 0, 0);
    EXPECT_LE(order.slots() * order.segment_points(), std::max<std::int64_t>(std::int64_t{1} << 22, 8 * wanted + 8 * 2048));
    EXPECT_GE(order.segment_points(), 2048);
  }
}

}  // namespace
}  // namespace jetpinn
