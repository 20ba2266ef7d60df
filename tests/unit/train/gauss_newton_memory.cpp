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

// A squared mean has a residual over all points, on rank 0, whose row is summed.
TEST(GaussNewtonMemory, ASquaredMeanIsOneResidual) {
  const auto made = [](Reduction reduction, int ranks) {
    TermText mean = testing::term("mean", "u", "t == 1");
    mean.reduction = reduction;
    NetworkOptions network;
    network.hidden = {60, 60};
    SamplingOptions sampling;
    sampling.points = {{"heat", points}, {"mean", 10000}};
    return assemble(testing::problem_of({testing::term("heat", "u_t - 0.1*u_xx"), mean}), network, sampling, 0, ranks);
  };
  const Assembly squared = made(Reduction::square_of_mean, 2), of_points = made(Reduction::mean_of_squares, 2);
  EXPECT_EQ(gauss_newton_system(squared, 0).places, equation_places + 64);
  EXPECT_FALSE(gauss_newton_system(squared, 0).in_parameters());
  EXPECT_TRUE(gauss_newton_system(of_points, 0).in_parameters());
  const std::int64_t row = squared.network.parameters + 1;
  EXPECT_EQ(plan_means_memory(of_points, at(Reproducibility::ranks)), 0);
  EXPECT_GE(plan_means_memory(squared, at(Reproducibility::run)), 8 * 2 * row);
  EXPECT_GE(plan_means_memory(squared, at(Reproducibility::ranks)), 8 * 6 * row);
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
