// The fit of the last layer to the conditions: what it solves, the same bits on any number of ranks at level `ranks`, and
// when a training begins with it.
#include "jetpinn/train/first_fit.hpp"

#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/runtime/symmetric_solve.hpp"
#include "jetpinn/train/distributed_linearization.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/train/trainer.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"
#include "support/problem_text.hpp"
#include "support/rank_share.hpp"
#include "support/shared_folder.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::EngineCase;
using test::world;
using testing::new_folder;
using Vector = std::vector<double>;

// Two fields, conditions on values and on a slope, with weights; the last block is short.
EngineCase fit_example(const std::string& kind, std::int64_t points = 3 * block_points + 17) {
  test::CaseText text;
  text.fields = {"u", "v"};
  text.terms = {{"u + sin(pi*x)", "v_x - t*u"}, {"u + 2*v - 0.3*x"}};
  text.network.kind = kind;
  text.network.hidden = {7, 7};
  text.network.factors.scale = kind == "mlp";
  text.weight_columns = 1;
  text.points = points;
  return test::make_case(text);
}

std::vector<std::int64_t> last_layer(const Network& network) {
  std::vector<std::int64_t> columns;
  const Layer& output = network.layers.back();
  for (const char* name : {"weight", "bias"})
    for (std::int64_t i = 0; i < output.block(name)->size(); ++i) columns.push_back(output.block(name)->offset + i);
  return columns;
}

struct SharedFit {
  SharedFit(const EngineCase& problem, EngineKind kind, bool exact) : points(test::rank_share(problem.points)) {
    EngineOptions options;
    options.kind = kind;
    options.reproducibility = exact ? Reproducibility::ranks : Reproducibility::run;
    engine = make_engine(options, problem.network, problem.terms);
    objective = std::make_unique<DistributedObjective>(world(), *engine, points, problem.network.parameters, 2, exact, 60,
                                                       RankSignals{});
  }
  PointSet points;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<DistributedObjective> objective;
};

struct Normal {
  Vector matrix, right;
};

// By plain loops over every row of J, on one rank.
Normal plain_normal(const EngineCase& problem, Engine& engine, const std::vector<std::int64_t>& columns) {
  const std::size_t n = columns.size(), size = problem.parameters.size();
  Normal normal{Vector(n * n), Vector(n)};
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const TermPoints& points = problem.points.terms[t];
    const Vector rows = test::dense(engine, problem.parameters, static_cast<int>(t), points);
    Vector r(rows.size() / size);
    engine.residuals(Stream{}, problem.parameters.data(), static_cast<int>(t), points, r.data());
    for (std::size_t i = 0; i < r.size(); ++i) {
      const double weight = points.weight[i % static_cast<std::size_t>(points.local_count)];
      const double w = weight / static_cast<double>(points.global_count);
      const auto j = [&](std::size_t k) { return rows[i * size + static_cast<std::size_t>(columns[k])]; };
      for (std::size_t a = 0; a < n; ++a) {
        normal.right[a] += w * r[i] * j(a);
        for (std::size_t b = 0; b < n; ++b) normal.matrix[a * n + b] += w * j(a) * j(b);
      }
    }
  }
  return normal;
}

TEST(FirstFit, NormalEquationsAreThoseOfAllRows) {
  for (const EngineKind kind : {EngineKind::jets, EngineKind::reference}) {
    const EngineCase problem = fit_example("piratenet", kind == EngineKind::jets ? 3 * block_points + 17 : 60);
    SharedFit shared(problem, kind, false);
    const auto columns = last_layer(problem.network);
    const std::size_t n = columns.size();
    EXPECT_EQ(n, 2u * (7 + 1));
    const Normal expected = plain_normal(problem, *shared.engine, columns);
    Normal found{Vector(n * n), Vector(n)};
    DistributedLinearization(shared.objective->sums(), *shared.engine, shared.points, problem.parameters.data(),
                             problem.network.parameters)
        .normal_equations(columns, found.matrix.data(), found.right.data());
    EXPECT_GT(test::norm(expected.right), 0);
    EXPECT_LE(test::distance(found.matrix, expected.matrix), 1e-12 * test::norm(expected.matrix));
    EXPECT_LE(test::distance(found.right, expected.right), 1e-12 * test::norm(expected.right));
  }
}

// No other last layer has a lower loss: the conditions are linear in the outputs. Nothing but the last layer moves.
TEST(FirstFit, IsTheLeastSquaresSolution) {
  for (const std::string kind : {"piratenet", "mlp"}) {
    const EngineCase problem = fit_example(kind);
    SharedFit shared(problem, EngineKind::jets, false);
    const auto columns = last_layer(problem.network);
    Vector parameters = problem.parameters;
    const FirstFit fit =
        fit_conditions(shared.objective->sums(), *shared.engine, shared.points, columns, parameters, 1e-12);
    EXPECT_TRUE(fit.taken);
    EXPECT_LT(fit.after, fit.before);
    Vector gradient(parameters.size());
    EXPECT_NEAR(shared.objective->evaluate(problem.parameters.data(), gradient.data()).loss, fit.before, 1e-12 * fit.before);
    Vector start(columns.size()), end(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) start[i] = gradient[static_cast<std::size_t>(columns[i])];
    EXPECT_NEAR(shared.objective->evaluate(parameters.data(), gradient.data()).loss, fit.after, 1e-12 * fit.before);
    for (std::size_t i = 0; i < columns.size(); ++i) end[i] = gradient[static_cast<std::size_t>(columns[i])];
    EXPECT_LE(test::norm(end), 1e-6 * test::norm(start)) << "the loss is least where it has no slope";
    for (std::int64_t column : columns) parameters[static_cast<std::size_t>(column)] = 0;
    Vector others = problem.parameters;
    for (std::int64_t column : columns) others[static_cast<std::size_t>(column)] = 0;
    EXPECT_EQ(parameters, others);
  }
}

// The same by one engine with all points, every chunk's share added to the exact sum alone: no rank takes part in it.
Vector fitted_alone(const EngineCase& problem, Engine& engine, const std::vector<std::int64_t>& columns) {
  const std::size_t n = columns.size(), size = problem.parameters.size(), triangle = n * (n + 1) / 2;
  ExactSum sum(static_cast<std::int64_t>(triangle + n));
  for (int t = 0; t < 2; ++t) {
    const TermPoints& points = problem.points.terms[static_cast<std::size_t>(t)];
    const auto residuals = static_cast<std::size_t>(engine.residuals_of(t));
    engine.linearize(Stream{}, problem.parameters.data(), t, points, [&](Linearization& chunk) {
      const auto count = static_cast<std::size_t>(chunk.range().points);
      Vector r(residuals * count), rows(residuals * count * size), share(triangle + n);
      chunk.residuals(r.data(), chunk.range().points);
      chunk.rows(0, chunk.range().points, rows.data(), chunk.range().points);
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t k = 0; k < residuals; ++k) {
          const double w = points.weight[static_cast<std::size_t>(chunk.range().first) + i] *
                           (1.0 / static_cast<double>(points.global_count));
          const double* row = rows.data() + (k * count + i) * size;
          for (std::size_t a = 0, at = 0; a < n; ++a) {
            for (std::size_t b = 0; b <= a; ++b, ++at) share[at] = std::fma(w * row[columns[a]], row[columns[b]], share[at]);
            share[triangle + a] = std::fma(w * r[k * count + i], row[columns[a]], share[triangle + a]);
          }
        }
      sum.add(0, share.data(), static_cast<std::int64_t>(share.size()));
    });
  }
  Vector matrix(n * n), right(n), parameters = problem.parameters;
  for (std::size_t a = 0, at = 0; a < n; ++a)
    for (std::size_t b = 0; b <= a; ++b, ++at)
      matrix[a * n + b] = matrix[b * n + a] = sum.value(static_cast<std::int64_t>(at));
  for (std::size_t a = 0; a < n; ++a) right[a] = sum.value(static_cast<std::int64_t>(triangle + a));
  const Vector change = solve_symmetric(matrix, right, first_fit_ridge);
  for (std::size_t a = 0; a < n; ++a) parameters[static_cast<std::size_t>(columns[a])] -= change[a];
  return parameters;
}

TEST(FirstFit, KeepsEveryBitAtLevelRanks) {
  const EngineCase problem = fit_example("piratenet");
  SharedFit shared(problem, EngineKind::jets, true);
  const auto columns = last_layer(problem.network);
  Vector parameters = problem.parameters;
  EXPECT_TRUE(fit_conditions(shared.objective->sums(), *shared.engine, shared.points, columns, parameters).taken);
  EXPECT_EQ(parameters, fitted_alone(problem, *shared.engine, columns));
}

TEST(FirstFit, GivesTheSameBitsToEveryRankAndEveryTime) {
  const EngineCase problem = fit_example("piratenet");
  const auto columns = last_layer(problem.network);
  Vector found[2];
  for (Vector& parameters : found) {
    SharedFit shared(problem, EngineKind::jets, false);
    parameters = problem.parameters;
    EXPECT_TRUE(fit_conditions(shared.objective->sums(), *shared.engine, shared.points, columns, parameters).taken);
  }
  EXPECT_EQ(found[0], found[1]);
  world().broadcast("test", found[1].data(), static_cast<std::int64_t>(found[1].size() * sizeof(double)));
  EXPECT_EQ(found[0], found[1]);
}

// Conditions that are not finite, that no last layer changes, that hold to rounding, and those of which a step of
// Gauss-Newton leads away.
TEST(FirstFit, IsNotTakenWhereItDoesNotHelp) {
  for (const std::string residual : {"u + log(x - 5)", "sin(pi*x) + 1e-200*u", "1e-14*u", "tanh(4*(u - 3))"}) {
    test::CaseText text;
    text.terms = {{residual}};
    text.network.kind = "piratenet";
    text.network.hidden = {5};
    const EngineCase problem = test::make_case(text);
    const PointSet points = test::rank_share(problem.points);
    const auto engine = make_engine({}, problem.network, problem.terms);
    DistributedObjective objective(world(), *engine, points, problem.network.parameters, 1, false, 60, {});
    Vector parameters = problem.parameters;
    const FirstFit fit = fit_conditions(objective.sums(), *engine, points, last_layer(problem.network), parameters);
    EXPECT_FALSE(fit.taken) << residual;
    EXPECT_EQ(parameters, problem.parameters) << residual;
  }
}

TrainSetup small_setup(const std::string& folder, const std::string& kind, std::int64_t steps = 0) {
  TrainSetup setup;
  setup.name = "heat";
  setup.run_directory = folder;
  setup.resolved_config = "a config";
  setup.network.kind = kind;
  setup.network.hidden = {12, 12};
  setup.sampling.points = {{"heat", 900}, {"initial", 300}};
  setup.training.stages.resize(1);
  setup.training.stages[0].steps = steps;
  setup.output.checkpoint_every_s = 1e9;
  setup.output.log_every_s = 1e9;
  setup.output.keep_best = false;
  setup.quiet = true;
  setup.stop_requested = [] { return false; };
  return setup;
}

double loss_of_begin(TrainSetup setup) { return train(world(), testing::heat_problem(), std::move(setup)).loss; }

// heat: what the first fit does to the loss of the conditions, as a training makes it.
FirstFit fit_of(TrainSetup setup) {
  const Assembly assembly =
      assemble(testing::heat_problem(), setup.network, setup.sampling, setup.training.seed, world().size());
  const FirstFitProblem fit = first_fit_problem(assembly);
  const PointSet points = points_of(fit, make_points(assembly, world().rank(), 0));
  const auto engine = make_engine({}, assembly.network, terms_of(fit, assembly));
  DistributedObjective objective(world(), *engine, points, assembly.network.parameters, 1, false, 60, {});
  Vector parameters(static_cast<std::size_t>(assembly.network.parameters));
  initialize(assembly.network, setup.training.seed, parameters.data());
  return fit_conditions(objective.sums(), *engine, points, fit.columns, parameters);
}

TEST(FirstFit, APirateNetBeginsAtTheInitialData) {
  TrainSetup setup = small_setup("", "piratenet");
  setup.network.hidden = {32, 32};
  const FirstFit fit = fit_of(setup);
  EXPECT_TRUE(fit.taken);
  EXPECT_GT(fit.before, 0.1);
  EXPECT_LT(fit.after, 0.1 * fit.before);
}

TEST(FirstFit, IsMadeForTheNetworksThatWantIt) {
  for (const std::string kind : {"mlp", "modified_mlp", "residual", "piratenet"}) {
    TrainSetup setup = small_setup("", kind);
    const auto fitted = [&] {
      return first_fit_problem(
                 assemble(testing::heat_problem(), setup.network, setup.sampling, setup.training.seed, world().size()))
          .columns.size();
    };
    EXPECT_EQ(fitted(), kind == "piratenet" ? 13u : 0u) << kind;
    setup.network.first_fit = true;
    EXPECT_EQ(fitted(), 13u) << kind;
    setup.network.first_fit = false;
    EXPECT_EQ(fitted(), 0u) << kind;
  }
}

TEST(FirstFit, ThereIsNoneWithoutConditionsOrOfTooMany) {
  FirstFitProblem fit{std::vector<std::int64_t>(2048), {1}};
  EXPECT_EQ(first_fit_obstacle(fit), "");
  fit.columns.push_back(0);
  EXPECT_NE(first_fit_obstacle(fit).find("2049 parameters"), std::string::npos);
  fit.conditions.clear();
  EXPECT_NE(first_fit_obstacle(fit).find("no conditions"), std::string::npos);
}

// The parameters that a run saved at its end.
Vector saved(const std::string& folder) {
  world().barrier("test");
  return std::get<Vector>(CheckpointStore(world(), folder, {}).load()->values.at("parameters"));
}

TEST(FirstFit, ARunThatGoesOnMakesNoneAgain) {
  const testing::SharedFolder base;
  const std::string whole = new_folder(base, "whole"), part = new_folder(base, "part");
  TrainSetup setup = small_setup(whole, "piratenet", 6);
  train(world(), testing::heat_problem(), setup);
  setup.run_directory = part;
  auto calls = std::make_shared<int>(0);
  setup.stop_requested = [calls] { return ++*calls > 3; };
  EXPECT_NE(train(world(), testing::heat_problem(), setup).status, "completed");
  EXPECT_NE(saved(part), saved(whole));
  setup.stop_requested = [] { return false; };
  setup.resume = CheckpointStore(world(), part, {}).load();
  EXPECT_EQ(train(world(), testing::heat_problem(), setup).status, "completed");
  EXPECT_EQ(saved(part), saved(whole));
}

// Zero steps leave the network as it began.
TEST(FirstFit, ANetworkFromAnotherRunIsLeftAlone) {
  const testing::SharedFolder base;
  TrainSetup setup = small_setup(new_folder(base, "drawn"), "piratenet");
  setup.network.first_fit = false;
  const double drawn = loss_of_begin(setup);
  const Assembly assembly = assemble(testing::heat_problem(), setup.network, setup.sampling, setup.training.seed, 1);
  setup.network.first_fit = true;
  setup.run_directory = new_folder(base, "fitted");
  EXPECT_NE(loss_of_begin(setup), drawn);
  setup.start_parameters.resize(static_cast<std::size_t>(assembly.network.parameters));
  initialize(assembly.network, setup.training.seed, setup.start_parameters.data());
  setup.run_directory = new_folder(base, "started");
  EXPECT_EQ(loss_of_begin(setup), drawn);
}

}  // namespace
}  // namespace jetpinn
