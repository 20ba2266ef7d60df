#include "jetpinn/train/assembly.hpp"

#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/assembly_case.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::problem_of;
using testing::rank_counts;
using testing::shared_assembly;
using testing::source;
using testing::stored_assembly;
using testing::term;

Assembly assembly_of(const std::string& weight, const std::string& on, std::int64_t points) {
  TermText condition = term("walls", "u", on);
  condition.weight = {source(weight)};
  condition.weight[0].key = "problem.conditions.0.weight";
  SamplingOptions sampling;
  sampling.points["walls"] = points;
  return assemble(problem_of({term("heat", "u_t - u_xx"), condition}), NetworkOptions{}, sampling, 0, 1);
}

TEST(Assembly, WeightsAreLookedAtBeforeATraining) {
  expect_error(Status::usage,
               {"problem.conditions.0.weight: this weight of term 'walls' is -0.", " at t = 0.",
                ", x = -1; a weight is a finite number >= 0", "| t - 0.5\n", "| ^~~~~~~"},
               [] { assembly_of("t - 0.5", "x == -1", 100); });
  expect_error(Status::usage, {"is inf at t = 0"}, [] { assembly_of("1/t", "t == 0", 100); });
  // Of a large set some points of each part are looked at.
  expect_error(Status::usage, {"is -1 at", "x = 1;"}, [] { assembly_of("-x", "x == -1 || x == 1", 1000000); });
  EXPECT_NO_THROW(assembly_of("max(t - 0.5, 0)", "x == -1 || x == 1", 1000));
  EXPECT_NO_THROW(assembly_of("abs(t - 0.5)", "t == 0 && x == 0", 1));
}

TEST(Assembly, CountsAreThoseAskedForOrTheDefaults) {
  const Assembly assembly = shared_assembly(2);
  EXPECT_EQ(assembly.counts,
            (std::vector<std::int64_t>{5 * block_points + 17, 2 * block_points, default_condition_points, 1}));
  EXPECT_EQ(assembly.points(), 7 * block_points + 17 + default_condition_points + 1);
  // A tenth of them, 50 at least, and a single point once.
  EXPECT_EQ(assembly.independent, (std::vector<std::int64_t>{(5 * block_points + 17) / 10, 2 * block_points / 10, 50, 1}));
  const Assembly plain = assembly_of("1", "t == 0", 30);
  EXPECT_EQ(plain.counts, (std::vector<std::int64_t>{default_equation_points, 30}));
}

TEST(Assembly, BlocksHoldEveryPointOnce) {
  for (int ranks : rank_counts) {
    const Assembly assembly = shared_assembly(ranks);
    ASSERT_EQ(assembly.blocks.size(), static_cast<std::size_t>(ranks));
    std::vector<std::int64_t> next(assembly.counts.size());
    for (const auto& of_rank : assembly.blocks) {
      ASSERT_EQ(of_rank.size(), assembly.counts.size());
      for (std::size_t t = 0; t < of_rank.size(); ++t) {
        for (const Block& block : of_rank[t]) {
          EXPECT_EQ(block.first, next[t]) << ranks << " ranks, term " << t;
          EXPECT_GT(block.count, 0);
          next[t] += block.count;
        }
      }
    }
    EXPECT_EQ(next, assembly.counts) << ranks << " ranks";
  }
}

// The points of all ranks, one behind the other: coordinates, weights and attributes of each term, column by column.
using Columns = std::vector<std::vector<std::vector<double>>>;   // [terms][columns][points]

template <class Make>
Columns joined(const Assembly& assembly, const std::vector<std::int64_t>& counts, const Make& make) {
  Columns all(assembly.terms.size());
  for (int rank = 0; rank < static_cast<int>(assembly.blocks.size()); ++rank) {
    const PointSet set = make(rank);
    for (std::size_t t = 0; t < set.terms.size(); ++t) {
      const TermPoints& points = set.terms[t];
      EXPECT_EQ(points.global_count, counts[t]);
      std::vector<double> columns = points.coordinates;
      columns.insert(columns.end(), points.weight.begin(), points.weight.end());
      columns.insert(columns.end(), points.attributes.begin(), points.attributes.end());
      all[t].resize(static_cast<std::size_t>(points.dimensions + points.weight_columns + points.attribute_columns));
      EXPECT_EQ(columns.size(), all[t].size() * static_cast<std::size_t>(points.local_count));
      for (std::size_t c = 0; c < all[t].size(); ++c) {
        const auto begin = columns.begin() + static_cast<std::ptrdiff_t>(c) * points.local_count;
        all[t][c].insert(all[t][c].end(), begin, begin + points.local_count);
      }
    }
  }
  return all;
}

TEST(Assembly, RanksShareTheSamePointsHoweverManyTheyAre) {
  const auto points_on = [](int ranks, std::uint32_t epoch) {
    const Assembly assembly = shared_assembly(ranks);
    return joined(assembly, assembly.counts, [&](int rank) { return make_points(assembly, rank, epoch); });
  };
  const auto independent_on = [](int ranks) {
    const Assembly assembly = shared_assembly(ranks);
    return joined(assembly, assembly.independent, [&](int rank) { return make_independent_points(assembly, rank); });
  };
  const Columns points = points_on(1, 0), resampled = points_on(1, 1), independent = independent_on(1);
  EXPECT_NE(points[0], resampled[0]);
  for (int ranks : rank_counts) {
    EXPECT_EQ(points_on(ranks, 0), points) << ranks;
    EXPECT_EQ(points_on(ranks, 1), resampled) << ranks;
    EXPECT_EQ(independent_on(ranks), independent) << ranks;
  }
  // Columns of t, x and the weights.
  ASSERT_EQ(points[0].size(), 3u);
  ASSERT_EQ(points[1].size(), 4u);
  ASSERT_EQ(points[2].size(), 2u) << "weights of 1 take no memory";
  for (std::size_t i = 0; i < points[0][0].size(); ++i) EXPECT_DOUBLE_EQ(points[0][2][i], 1 + points[0][0][i]);
  for (std::size_t i = 0; i < points[1][0].size(); ++i) EXPECT_DOUBLE_EQ(points[1][2][i], 2 + points[1][1][i]);
  EXPECT_EQ(points[1][3], std::vector<double>(points[1][3].size(), 3));
  EXPECT_EQ(points[3], (std::vector<std::vector<double>>{{0}, {1}}));
}

// An equation that reads the distance, a condition that reads the normal, and a weight of it that reads the distance.
Assembly placed_assembly(int ranks) {
  TermText heat = term("heat", "u_t - exp(sdf)*u_xx"), walls = term("walls", "dn(u) - x", "x == -1 || x == 1");
  walls.weight = {source("1 + n_x - sdf")};
  SamplingOptions sampling;
  sampling.points = {{"heat", 3 * block_points + 17}, {"walls", 2 * block_points}};
  return assemble(problem_of({heat, walls, term("start", "u", "t == 0")}), NetworkOptions{}, sampling, 3, ranks);
}

TEST(Assembly, WhatTermsReadOfTheirPlacesComesWithTheirPoints) {
  const auto points_on = [](int ranks, std::uint32_t epoch) {
    const Assembly assembly = placed_assembly(ranks);
    return joined(assembly, assembly.counts, [&](int rank) { return make_points(assembly, rank, epoch); });
  };
  const auto independent_on = [](int ranks) {
    const Assembly assembly = placed_assembly(ranks);
    return joined(assembly, assembly.independent, [&](int rank) { return make_independent_points(assembly, rank); });
  };
  for (const Columns& points : {points_on(1, 0), points_on(1, 1), independent_on(1)}) {
    ASSERT_EQ(points[0].size(), 3u) << "t, x, distance";
    for (std::size_t i = 0; i < points[0][0].size(); ++i) EXPECT_EQ(points[0][2][i], std::abs(points[0][1][i]) - 1);
    ASSERT_EQ(points[1].size(), 5u) << "t, x, weight, distance, normal";
    EXPECT_EQ(points[1][4], points[1][1]) << "the walls are x = -1 and x = 1";
    for (std::size_t i = 0; i < points[1][0].size(); ++i) EXPECT_EQ(points[1][2][i], 1 + points[1][1][i]);
    EXPECT_EQ(points[2].size(), 2u) << "what nobody reads takes no memory";
  }
  for (const int ranks : rank_counts) {
    EXPECT_EQ(points_on(ranks, 0), points_on(1, 0)) << ranks;
    EXPECT_EQ(points_on(ranks, 1), points_on(1, 1)) << ranks;
    EXPECT_EQ(independent_on(ranks), independent_on(1)) << ranks;
  }
  const Assembly assembly = placed_assembly(1);
  EXPECT_EQ(point_columns(assembly, 0), 3);
  EXPECT_EQ(point_columns(assembly, 1), 5);
}

// The same condition with the derivative by the coordinate, its sign written by hand.
TEST(Assembly, AFluxThroughFacesIsADerivativeByACoordinate) {
  const auto loss_of = [](const std::string& residual, std::vector<double>& gradient) {
    SamplingOptions sampling;
    sampling.points = {{"walls", 300}};
    const Assembly assembly =
        assemble(problem_of({term("heat", "u_t - u_xx"), term("walls", residual, "x == -1 || x == 1")}), NetworkOptions{},
                 sampling, 3, 1);
    std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
    initialize(assembly.network, 1, parameters.data());
    gradient.resize(parameters.size());
    TermSums sums;
    make_engine({}, assembly.network, assembly.terms)
        ->loss_and_gradient(Stream{}, parameters.data(), make_points(assembly, 0, 0), gradient.data(), sums);
    return sums.weighted[1];
  };
  std::vector<double> gradient, by_hand, inwards;
  const double loss = loss_of("dn(u) + 0.3*u - 1", gradient);
  EXPECT_NEAR(loss, loss_of("x*u_x + 0.3*u - 1", by_hand), 1e-12 * loss);
  for (std::size_t i = 0; i < gradient.size(); ++i) EXPECT_NEAR(gradient[i], by_hand[i], 1e-12 * std::abs(loss)) << i;
  EXPECT_GT(std::abs(loss - loss_of("-x*u_x + 0.3*u - 1", inwards)), 1e-3 * loss) << "the sign counts";
}

TEST(Assembly, PointsOfEachPiece) {
  const Assembly walls = assembly_of("1", "x == -1 || x == 1 && t < 0.5", 30);
  const std::vector<PiecePoints> list = points_per_piece(walls, 1, walls.chosen);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].piece, "x == -1");
  EXPECT_EQ(list[0].points, 20);
  EXPECT_EQ(list[1].piece, "t <= 0.5 && x == 1");
  EXPECT_EQ(list[1].points, 10);
}

TEST(Assembly, PiecesHaveAllPointsOfTheirTerm) {
  for (std::int64_t points : {2, 3, 31, 10000}) {
    const Assembly assembly = assembly_of("1", "x == -1 || x == 1 || t == 0", points);
    for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
      std::int64_t sum = 0;
      for (const PiecePoints& piece : points_per_piece(assembly, t, assembly.chosen)) sum += piece.points;
      EXPECT_EQ(sum, assembly.counts[t]) << points << " points, term " << t;
    }
  }
}

TEST(StoredTerm, ItsCountIsThatOfTheTableAndItHasNoOtherPoints) {
  const testing::TemporaryFolder folder;
  const Assembly assembly = stored_assembly(folder.file("set.h5"), 2);
  EXPECT_EQ(assembly.counts, (std::vector<std::int64_t>{900, testing::stored_rows}));
  EXPECT_EQ(assembly.independent[1], 0);
  for (int rank : {0, 1}) EXPECT_EQ(make_independent_points(assembly, rank).terms[1].local_count, 0);
  EXPECT_TRUE(points_per_piece(assembly, 1, assembly.chosen).empty())
      << "its points lie where the table says, not where the set is";
  EXPECT_FALSE(is_stored(assembly, 0));
  EXPECT_TRUE(is_stored(assembly, 1));
}

TEST(StoredTerm, WeightsOfItsPointsAreMultipliedIntoItsOwn) {
  const testing::TemporaryFolder folder;
  const PointTable table = testing::stored_table();
  const TermPoints plain = make_points(stored_assembly(folder.file("a.h5"), 1), 0, 0).terms[1],
                   both = make_points(stored_assembly(folder.file("b.h5"), 1, "2 + x"), 0, 0).terms[1];
  ASSERT_EQ(plain.weight_columns, 1);
  ASSERT_EQ(both.weight_columns, 1);
  for (std::size_t i = 0; i < plain.weight.size(); ++i) {
    EXPECT_EQ(plain.weight[i], table.column("w")[i]);
    EXPECT_DOUBLE_EQ(both.weight[i], table.column("w")[i] * (2 + table.column("x")[i]));
  }
}

TEST(StoredTerm, WeightsAreLookedAtWhereItsPointsLie) {
  const testing::TemporaryFolder folder;
  expect_error(Status::usage, {"weight of term 'initial'", "x = -"},
               [&] { stored_assembly(folder.file("set.h5"), 1, "x"); });
}

TEST(Assembly, AStageOfOtherConstantsHasTermsOfItsOwn) {
  ProblemText text = testing::text_of({testing::term("heat", "u_t - k*u_xx")});
  text.constants["k"] = testing::source("2");
  text.monitors = {testing::monitor(MonitorKind::mean, "k*u", "")};
  text.stage_constants.resize(2);
  text.stage_constants[1]["k"] = testing::source("3");
  NetworkOptions network;
  network.hidden = {4};
  Assembly assembly = assemble(build_problem(text), network, {}, 1, 1);
  const auto numbers = [&] { return std::pair(assembly.terms[0].residuals[0], assembly.monitors[0].residuals[0]); };
  const auto first = numbers();
  EXPECT_FALSE(assembly.use_stage(0));
  EXPECT_TRUE(assembly.use_stage(1));
  EXPECT_NE(numbers().first, first.first);
  EXPECT_NE(numbers().second, first.second);
  EXPECT_EQ(assembly.problem->terms[0].residuals[0], numbers().first);
  EXPECT_NE(assembly.problem->terms[0].stated[0], first.first);
  EXPECT_FALSE(assembly.use_stage(1));
  EXPECT_TRUE(assembly.use_stage(0));
  EXPECT_EQ(numbers(), first);
  EXPECT_FALSE(assembly.use_stage(7)) << "no stage of the problem's";
}

Assembly weighed_in_a_stage(const std::string& weight) {
  ProblemText text = testing::text_of({term("heat", "u_t - u_xx"), term("walls", "u", "x == -1 || x == 1")});
  text.stage_weights.resize(2);
  text.stage_weights[1]["walls"] = {{source(weight)}, source(weight)};
  text.stage_weights[1]["walls"].list[0].key = "training.stages.1.weights.walls";
  return assemble(build_problem(text), NetworkOptions{}, {}, 0, 1);
}

TEST(Assembly, AStageWeighsItsPoints) {
  Assembly assembly = weighed_in_a_stage("1 + t");
  EXPECT_EQ(make_points(assembly, 0, 0).terms[1].weight_columns, 0);
  EXPECT_TRUE(assembly.use_stage(1));
  for (const PointSet& set : {make_points(assembly, 0, 0), make_independent_points(assembly, 0)}) {
    const TermPoints& walls = set.terms[1];
    ASSERT_EQ(walls.weight_columns, 1);
    for (std::int64_t i = 0; i < walls.local_count; ++i) EXPECT_EQ(walls.own_weight_at(0, i), 1 + walls.coordinate(0)[i]);
  }
  EXPECT_EQ(point_columns(assembly, 1), 3) << "room for the weight of the stage";
  EXPECT_TRUE(assembly.use_stage(0));
  EXPECT_EQ(make_points(assembly, 0, 0).terms[1].weight_columns, 0);
  EXPECT_EQ(point_columns(assembly, 1), 3);
}

TEST(Assembly, WeightsOfEveryStageAreLookedAt) {
  expect_error(Status::usage, {"training.stages.1.weights.walls: this weight of term 'walls' is -", "x = -1"},
               [] { weighed_in_a_stage("t - 0.5"); });
}

TEST(Assembly, AStageWeighsMeans) {
  TermText mean = term("mean", "u - 1");
  mean.reduction = Reduction::square_of_mean;
  ProblemText text = testing::text_of({mean});
  text.stage_weights.resize(2);
  text.stage_weights[1]["mean"] = {{source("7")}, source("7")};
  Assembly assembly = assemble(build_problem(text), NetworkOptions{}, {}, 0, 1);
  EXPECT_EQ(squared_means(assembly)[0].weights, std::vector<double>{1});
  assembly.use_stage(1);
  EXPECT_EQ(squared_means(assembly)[0].weights, std::vector<double>{7});
}

// Stage 1 has more points of the walls, stage 2 what the run has in other words, stage 3 a grid.
SamplingOptions sampled_in_stages() {
  SamplingOptions sampling;
  sampling.points = {{"heat", 3 * block_points}, {"walls", 100}};
  sampling.stages.resize(4);
  sampling.stages[1].points = {{"walls", 2 * block_points + 9}};
  sampling.stages[2].points = {{"walls", 100}};
  sampling.stages[3].method = SamplingMethod::grid;
  return sampling;
}

Problem heat_and_walls() { return problem_of({term("heat", "u_t - u_xx"), term("walls", "u", "x == -1 || x == 1")}); }

TEST(Assembly, AStageHasPointsOfItsOwn) {
  for (const int ranks : rank_counts) {
    const SamplingOptions sampling = sampled_in_stages();
    Assembly assembly = assemble(heat_and_walls(), NetworkOptions{}, sampling, 5, ranks);
    EXPECT_EQ(assembly.choice_of_stage, (std::vector<std::size_t>{0, 1, 0, 2}));
    for (const std::size_t stage : {1, 3, 0}) {
      SamplingOptions alone;
      static_cast<PointChoice&>(alone) = choice_of(sampling, stage);
      const Assembly run = assemble(heat_and_walls(), NetworkOptions{}, alone, 5, ranks);
      EXPECT_TRUE(assembly.use_stage(static_cast<std::int64_t>(stage)));
      EXPECT_EQ(assembly.counts, run.counts) << stage;
      EXPECT_EQ(assembly.independent, run.independent) << stage;
      EXPECT_EQ(assembly.stage_points(stage).counts, run.counts) << stage;
      for (int rank = 0; rank < ranks; ++rank)
        for (std::size_t t : {0, 1}) {
          const TermPoints own = make_term_points(assembly, t, rank, 2), same = make_term_points(run, t, rank, 2);
          EXPECT_EQ(own.coordinates, same.coordinates) << stage;
          EXPECT_EQ(own.global_count, same.global_count) << stage;
        }
    }
  }
}

TEST(Assembly, KeepsOneChoiceWhereNoStageHasAnother) {
  SamplingOptions sampling = sampled_in_stages();
  sampling.stages[1] = sampling.stages[3] = {};
  Assembly assembly = assemble(heat_and_walls(), NetworkOptions{}, sampling, 5, 2);
  EXPECT_TRUE(assembly.choices.empty());
  EXPECT_FALSE(assembly.use_stage(2));
  EXPECT_EQ(assembly.stage_points(3).counts, assembly.counts);
}

TEST(Assembly, WeightsAreLookedAtWhereAStageHasItsPoints) {
  SamplingOptions sampling;
  sampling.stages.resize(1);
  sampling.stages[0].method = SamplingMethod::grid;  // has points on the border, and sobol none
  sampling.stages[0].points = {{"heat", 9}};
  TermText heat = term("heat", "u_t - u_xx");
  heat.weight = {source("1/(1 - x)")};
  EXPECT_NO_THROW(assemble(problem_of({heat}), NetworkOptions{}, {}, 0, 1));
  expect_error(Status::usage, {"this weight of term 'heat' is inf", "x = 1"},
               [&] { assemble(problem_of({heat}), NetworkOptions{}, sampling, 0, 1); });
}

}  // namespace
}  // namespace jetpinn
