#include "jetpinn/balance/causal_weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr double tolerance = 10 * std::numeric_limits<double>::epsilon();

CausalTerm term_of(std::vector<double> tolerances, std::int64_t chunks = 4) {
  CausalTerm term;
  term.coordinate = 1;
  term.lower = -1;
  term.upper = 3;
  term.options.chunks = chunks;
  term.options.tolerances = std::move(tolerances);
  term.options.threshold = 0.9;
  return term;
}

TEST(CausalWeights, CutTheCoordinateIntoEqualChunks) {
  const CausalWeights weights(term_of({1}));
  EXPECT_EQ(weights.chunk_of(-1), 0);
  EXPECT_EQ(weights.chunk_of(-0.001), 0);
  EXPECT_EQ(weights.chunk_of(0), 1);
  EXPECT_EQ(weights.chunk_of(2.9), 3);
  EXPECT_EQ(weights.chunk_of(3), 3);
  EXPECT_EQ(weights.chunk_of(-7), 0);
  EXPECT_EQ(weights.chunk_of(7), 3);
  TermPoints points;
  points.dimensions = 2;
  points.local_count = 2;
  points.coordinates = {5, 5, -1, 1.5};
  EXPECT_EQ(weights.chunk_at(points, 1), 2);
}

TEST(CausalWeights, FallByTheMeanSquaresOfEarlierChunks) {
  CausalWeights weights(term_of({2}));
  for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(weights.weight_of(i), 1) << "before any evaluation";
  const std::vector<double> squares{1, 0, 6, 100}, counts{10, 0, 3, 5};  // means 0.1, none, 2, 20
  EXPECT_FALSE(weights.refresh(squares.data(), counts.data()));
  const std::vector<double> sums{0, 0.1, 0.1, 2.1};
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(weights.weight_of(static_cast<std::int64_t>(i)), std::exp(-2 * sums[i]), tolerance);
  EXPECT_EQ(weights.least(), weights.weight_of(3));
}

TEST(CausalWeights, ToleranceRisesWhereAllWeightsAreLarge) {
  CausalWeights weights(term_of({0.1, 1, 100}));
  const std::vector<double> squares{0.5, 0, 0, 0}, counts(4, 1);
  EXPECT_TRUE(weights.refresh(squares.data(), counts.data()));  // exp(-0.05) is above 0.9
  EXPECT_EQ(weights.tolerance(), 1);
  EXPECT_NEAR(weights.least(), std::exp(-0.5), tolerance);  // by the new one at once
  EXPECT_FALSE(weights.refresh(squares.data(), counts.data()));
  const std::vector<double> small{1e-9, 0, 0, 0};
  EXPECT_TRUE(weights.refresh(small.data(), counts.data()));
  EXPECT_FALSE(weights.refresh(small.data(), counts.data())) << "the last tolerance stays";
  EXPECT_EQ(weights.tolerance(), 100);
}

TEST(CausalWeights, StayWhereASumIsNotFinite) {
  CausalWeights weights(term_of({1}));
  const std::vector<double> squares{1, 1, 1, 1}, broken{1, std::nan(""), 1, 1}, counts(4, 1);
  weights.refresh(squares.data(), counts.data());
  const double least = weights.least();
  EXPECT_FALSE(weights.refresh(broken.data(), counts.data()));
  EXPECT_EQ(weights.least(), least);
}

}  // namespace
}  // namespace jetpinn
