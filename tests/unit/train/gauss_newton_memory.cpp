#include "jetpinn/train/gauss_newton_memory.hpp"

#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t points = 2 * block_points + 17, equation_places = 9 * 64, initial_places = 2 * 64;

Assembly heat(std::vector<std::int64_t> hidden, int ranks) {
  NetworkOptions network;
  network.hidden = std::move(hidden);
  SamplingOptions sampling;
  sampling.points = {{"heat", points}, {"initial", 100}};
  return assemble(testing::heat_problem(), network, sampling, 0, ranks);
}

TrainingOptions at(Reproducibility level) {
  TrainingOptions training;
  training.reproducibility = level;
  return training;
}

TEST(GaussNewtonMemory, TheSystemHasTheFewerUnknowns) {
  const NaturalGradientSystem narrow = gauss_newton_system(heat({6, 5}, 1), 0),
                              wide = gauss_newton_system(heat({60, 60}, 1), 0);
  EXPECT_EQ(narrow.places, equation_places + initial_places);
  EXPECT_TRUE(narrow.in_parameters());
  EXPECT_EQ(narrow.unknowns(), 3 * 6 + 7 * 5 + 6);
  EXPECT_FALSE(wide.in_parameters());
  EXPECT_EQ(wide.unknowns(), narrow.places);
}

// Beside what two plans have in common: the matrix and its factors on rank 0, integers of exact sums, rows of J.
TEST(GaussNewtonMemory, CountsMatrixSumsAndRows) {
  const auto plan = [](const Assembly& assembly, Reproducibility level, int rank) {
    return plan_gauss_newton_memory(assembly, at(level), 0, rank);
  };
  const Assembly narrow = heat({20, 20}, 2), wide = heat({60, 60}, 2), alone = heat({60, 60}, 1);
  const std::int64_t n = gauss_newton_system(narrow, 0).unknowns(), places = gauss_newton_system(wide, 0).places;
  EXPECT_GE(plan(narrow, Reproducibility::run, 0) - plan(narrow, Reproducibility::run, 1), 8 * 3 * n * n - 8 * 4 * 300);
  EXPECT_GE(plan(narrow, Reproducibility::ranks, 0) - plan(narrow, Reproducibility::run, 0), 8 * 5 * n * n / 2);
  EXPECT_EQ(plan(wide, Reproducibility::ranks, 0), plan(wide, Reproducibility::run, 0)) << "the kernel is summed as it is";
  EXPECT_GE(plan(alone, Reproducibility::run, 0), 8 * (3 * places * places + places * alone.network.parameters));
  EXPECT_LT(plan(wide, Reproducibility::run, 0), plan(alone, Reproducibility::run, 0)) << "ranks share the rows";
}

}  // namespace
}  // namespace jetpinn
