#include "jetpinn/sampling/residual_cells.hpp"

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/sampling/random.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

// Points of the unit square, whose score is large in a corner.
struct Square {
  static constexpr std::int64_t count = 4000;
  std::vector<double> x, y, scores;
  std::vector<std::uint64_t> paths;

  explicit Square(int rank = world().rank(), int ranks = world().size()) {
    const RowRange own = share_rows(count, rank, ranks);
    for (std::int64_t i = own.begin; i < own.end; ++i) {
      const auto word = random_words({5, 0, 0}, Draw::uniform, static_cast<std::uint64_t>(i));
      const double point[2] = {unit_interval(word[0]), unit_interval(word[1])};
      x.push_back(point[0]), y.push_back(point[1]);
      scores.push_back(i == 77 ? std::numeric_limits<double>::infinity()
                               : 1 / (0.02 + point[0] * point[0] + point[1] * point[1]));
      paths.push_back(cell_path({0, 0}, {1, 1}, point));
    }
  }
};

TEST(CellPath, HalvesEachCoordinateInTurn) {
  const auto first = [](double x, double y) {
    const double point[2] = {x, y};
    return cell_path({-1, 0}, {1, 4}, point) >> 60;
  };
  EXPECT_EQ(first(-1, 0), 0b0000u);
  EXPECT_EQ(first(0.5, 0), 0b1010u);
  EXPECT_EQ(first(-1, 3.5), 0b0101u);
  EXPECT_EQ(first(1, 4), 0b1111u);
}

TEST(ResidualCells, APointHasTheMeanOfItsCellAndCellsAreFineWhereTheResidualIs) {
  const Square all(0, 1), own;
  const ScoreMoments moments = score_moments(world(), own.scores);
  for (const double power : {1.0, 2.0}) {
    std::vector<double> means = world().gather_rows("test", cell_scores(world(), own.paths, own.scores, moments, power, 50));
    if (!world().root()) continue;
    ASSERT_EQ(means.size(), all.scores.size());
    std::map<double, std::vector<std::size_t>> cells;  // by the score that their points have in common
    for (std::size_t i = 0; i < means.size(); ++i)
      if (std::isfinite(all.scores[i])) cells[means[i]].push_back(i);
    EXPECT_GT(cells.size(), 25u);
    EXPECT_LT(cells.size(), 120u);
    double sum = 0, of_all = 0, width_near = 0, width_far = 0;
    for (const auto& [score, points] : cells) {
      double mean = 0, low = 1, high = 0, nearest = 2, farthest = 0;
      for (const std::size_t i : points) {
        mean += std::pow(all.scores[i], power) / static_cast<double>(points.size());
        low = std::min(low, all.x[i]), high = std::max(high, all.x[i]);
        nearest = std::min(nearest, all.x[i] + all.y[i]), farthest = std::max(farthest, all.x[i] + all.y[i]);
      }
      EXPECT_NEAR(std::pow(mean, 1 / power), score, 1e-12 * score);
      sum += mean * static_cast<double>(points.size());
      if (nearest < 0.03) width_near = std::max(width_near, high - low);
      if (farthest > 1.9) width_far = std::max(width_far, high - low);
    }
    for (const double score : all.scores)
      if (std::isfinite(score)) of_all += std::pow(score, power);
    EXPECT_NEAR(sum, of_all, 1e-9 * of_all);
    EXPECT_GT(width_near, 0);
    EXPECT_LT(3 * width_near, width_far);
    EXPECT_TRUE(std::isinf(means[77])) << "a pole stays one";
  }
}

// A rank that has all points to itself finds the same as those that share them: each cell, to the last bit.
TEST(ResidualCells, TheSameOnAnyNumberOfRanks) {
  const Square all(0, 1), own;
  const ScoreMoments moments = score_moments(world(), own.scores);
  const std::vector<double> shared =
      world().gather_rows("test", cell_scores(world(), own.paths, own.scores, moments, 1.5, 64));
  // The root alone holds points: the others have none.
  const bool root = world().root();
  const std::vector<std::uint64_t> paths = root ? all.paths : std::vector<std::uint64_t>();
  const std::vector<double> scores = root ? all.scores : std::vector<double>();
  const std::vector<double> alone = cell_scores(world(), paths, scores, score_moments(world(), scores), 1.5, 64);
  if (root) {
    EXPECT_EQ(alone, shared);
  }
}

TEST(ResidualCells, NothingIsAskedOfAFlatResidual) {
  Square own;
  const std::vector<double> zero(own.scores.size(), 0.0);
  EXPECT_EQ(cell_scores(world(), own.paths, zero, score_moments(world(), zero), 1, 50), zero);
  const std::vector<double> alike(own.scores.size(), 2.0);
  EXPECT_EQ(cell_scores(world(), own.paths, alike, score_moments(world(), alike), 1, 50), alike);
}

}  // namespace
}  // namespace jetpinn
