#include "jetpinn/engine/block_walk.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace jetpinn {
namespace {

using Walked = std::vector<std::tuple<std::size_t, std::int64_t, std::int64_t, bool>>;  // term, first, count, last

PointSet two_terms() {
  PointSet points;
  points.terms.resize(3);
  const std::int64_t rest = 7;
  for (const std::int64_t count : {block_points, block_points, block_points, rest}) {
    points.terms[0].blocks.emplace_back().count = count;
    points.terms[0].local_count += count;
  }
  points.terms[2].blocks.emplace_back().count = rest;
  points.terms[2].local_count = rest;
  return points;
}

TEST(BlockWalk, BlocksComeOneByOneInTheOrderOfTerms) {
  const PointSet points = two_terms();
  Walked walked;
  BlockWalk(points, {2, 0}).for_each_block([&](auto... all) { walked.emplace_back(all...); });
  const std::int64_t b = block_points;
  EXPECT_EQ(walked,
            (Walked{{2, 0, 7, false}, {0, 0, b, false}, {0, b, b, false}, {0, 2 * b, b, false}, {0, 3 * b, 7, true}}));
}

TEST(BlockWalk, RunsHoldNoMoreThanAChunkAndNoPointsOfTwoTerms) {
  const PointSet points = two_terms();
  Walked walked;
  BlockWalk(points, {0, 2})
      .for_each_run([](std::size_t) { return 2 * block_points; }, [&](auto... all) { walked.emplace_back(all...); });
  const std::int64_t b = block_points;
  EXPECT_EQ(walked, (Walked{{0, 0, 2 * b, false}, {0, 2 * b, b + 7, false}, {2, 0, 7, true}}));
}

}  // namespace
}  // namespace jetpinn
