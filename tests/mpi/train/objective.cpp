// Loss and gradient do not depend on how many ranks share the points: to rounding, and bit for bit at level `ranks`.
#include "jetpinn/train/objective.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/engine_case.hpp"
#include "support/group_case.hpp"
#include "support/objective_case.hpp"
#include "support/problem_text.hpp"
#include "support/rank_share.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;
using test::every_sync;
using test::objective_case;
using test::objective_engine;
using test::world;

// A coefficient that is trained inside an operator, and another number that is trained in a condition.
EngineCase example_with_trainables() {
  test::GroupText text;
  text.groups.trainables = 2;
  text.network.hidden = {9, 8};
  text.points = 5 * block_points + 17;
  text.terms = {[](const test::Leaves& l) {
                  return std::vector<NodeId>{l.minus(l("u_t"), l.times(l.k(0), "u_xx"))};
                },
                [](const test::Leaves& l) { return std::vector<NodeId>{l.minus(l("u"), l.times(l.k(1), "sin(x)"))}; }};
  return test::make_group_case(text);
}

struct SharedValues {
  Objective::Value value;
  std::vector<double> gradient, terms;
};

SharedValues evaluate_shared(const EngineCase& problem, Engine& engine, bool exact, const GradientSyncOptions& sync = {}) {
  const PointSet mine = test::rank_share(problem.points);
  RankSignals signals;
  signals.clock = [] { return 1.5; };
  signals.stop_requested = [] { return world().rank() == world().size() - 1; };
  DistributedObjective objective(world(), engine, mine, problem.network.parameters, 2, exact, 60, signals, sync);
  SharedValues result;
  result.gradient.resize(problem.parameters.size());
  result.value = objective.evaluate(problem.parameters.data(), result.gradient.data());
  result.terms = objective.agreed().terms;
  EXPECT_TRUE(objective.agreed().stop_requested);   // the last rank's wish reaches everybody
  EXPECT_FALSE(objective.agreed().time_is_up);
  EXPECT_EQ(objective.agreed().time_s, 1.5);
  return result;
}

void expect_loss_over_all_points(const EngineCase& problem) {
  const auto jets = objective_engine(problem, Reproducibility::run);
  const auto expected = test::evaluate(*jets, problem, problem.parameters);
  const double bound = 1e-13 * test::sum_of_point_norms(*jets, problem.points, problem.parameters);
  for (const GradientSyncOptions& sync : every_sync()) {
    const SharedValues actual = evaluate_shared(problem, *jets, false, sync);
    EXPECT_TRUE(actual.value.finite);
    EXPECT_NEAR(actual.value.loss, expected.loss, 1e-13 * expected.loss) << to_string(sync.kind);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), bound) << to_string(sync.kind);
    for (std::size_t t = 0; t < 2; ++t)
      EXPECT_NEAR(actual.terms[t], expected.sums.unweighted[t], 1e-13 * expected.sums.unweighted[t]);
  }
}

TEST(DistributedObjective, IsTheLossOverAllPoints) {
  expect_loss_over_all_points(objective_case());
  expect_loss_over_all_points(example_with_trainables());
}

void expect_every_bit(const EngineCase& problem) {
  const auto jets = objective_engine(problem, Reproducibility::ranks);
  ExactSum alone(problem.network.parameters + 4);
  jets->loss_and_gradient_exact(Stream{}, problem.parameters.data(), problem.points, alone);
  for (const GradientSyncOptions& sync : every_sync()) {
    const SharedValues actual = evaluate_shared(problem, *jets, true, sync);
    for (std::int64_t i = 0; i < problem.network.parameters; ++i)
      ASSERT_EQ(actual.gradient[static_cast<std::size_t>(i)], alone.value(i)) << i;
    EXPECT_EQ(actual.value.loss, alone.value(problem.network.parameters) + alone.value(problem.network.parameters + 1));
    for (std::int64_t t = 0; t < 2; ++t)
      EXPECT_EQ(actual.terms[static_cast<std::size_t>(t)], alone.value(problem.network.parameters + 2 + t));
  }
}

TEST(DistributedObjective, KeepsEveryBitAtLevelRanks) {
  expect_every_bit(objective_case());
  expect_every_bit(example_with_trainables());
}

// Fewer blocks than ranks: who has no point starts all its pieces at the end.
TEST(DistributedObjective, RanksWithoutPointsJoinEverySum) {
  CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}};
  text.network.hidden = {9, 8};
  text.points = block_points + 3;
  const EngineCase problem = test::make_case(text);
  const PointSet mine = test::rank_share(problem.points);
  for (bool exact : {false, true}) {
    const auto jets = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run);
    const auto expected = test::evaluate(*jets, problem, problem.parameters);
    const double bound = 1e-13 * test::sum_of_point_norms(*jets, problem.points, problem.parameters);
    for (const GradientSyncOptions& sync : every_sync()) {
      DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 1, exact, 60, {}, sync);
      std::vector<double> gradient(problem.parameters.size());
      EXPECT_NEAR(objective.evaluate(problem.parameters.data(), gradient.data()).loss, expected.loss, 1e-13 * expected.loss);
      EXPECT_LE(test::distance(gradient, expected.gradient), bound) << to_string(sync.kind);
    }
  }
}

TEST(DistributedObjective, GivesTheSameBitsToEveryRankAndEveryTime) {
  const EngineCase problem = objective_case();
  for (bool exact : {false, true}) {
    const auto jets = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run);
    for (const GradientSyncOptions& sync : every_sync()) {
      const SharedValues mine = evaluate_shared(problem, *jets, exact, sync),
                         again = evaluate_shared(problem, *jets, exact, sync);
      std::vector<double> first = mine.gradient;
      first.push_back(mine.value.loss);
      world().broadcast("test", first.data(), static_cast<std::int64_t>(first.size() * sizeof(double)));
      EXPECT_EQ(first.back(), mine.value.loss);
      first.pop_back();
      EXPECT_EQ(first, mine.gradient) << to_string(sync.kind);
      EXPECT_EQ(again.gradient, mine.gradient) << to_string(sync.kind);
    }
  }
}

// All points on this rank alone: what any number of ranks must come to at level `ranks`.
class AloneObjective : public Objective {
 public:
  AloneObjective(const EngineCase& problem, Engine& engine) : problem_(problem), engine_(engine) {}
  std::int64_t size() const override { return problem_.network.parameters; }
  Value evaluate(const double* parameters, double* gradient) override {
    ExactSum sum(size() + 4);
    engine_.loss_and_gradient_exact(Stream{}, parameters, problem_.points, sum);
    for (std::int64_t i = 0; i < size(); ++i) gradient[i] = sum.value(i);
    return {sum.value(size()) + sum.value(size() + 1), true};
  }

 private:
  const EngineCase& problem_;
  Engine& engine_;
};

using Kinds = std::vector<std::string>;
const Kinds of_a_device = {"adam", "lbfgs"}, of_a_host = {"adam", "lbfgs", "bfgs", "ssbroyden"};

std::vector<double> trained_by(Objective& objective, const std::vector<double>& start, const Kinds& kinds,
                               VectorDevice* device, Communicator* ranks = nullptr) {
  PlacedVector parameters(objective.size(), device);
  parameters.open() = start;
  for (const std::string& kind : kinds) {
    OptimizerOptions options;
    options.kind = kind;
    const auto optimizer = make_optimizer(options, ParameterLayout::of_size(objective.size()), 5, device, ranks);
    for (int step = 0; step < 5; ++step) optimizer->step(objective, parameters);
  }
  return parameters.values();
}

TEST(DistributedObjective, TrainingEndsInTheSameBitsAtLevelRanks) {
  const EngineCase problem = objective_case();
  const auto jets = objective_engine(problem, Reproducibility::ranks);
  AloneObjective alone(problem, *jets);
  const std::vector<double> expected = trained_by(alone, problem.parameters, of_a_host, nullptr);
  EXPECT_NE(expected, problem.parameters);
  const PointSet mine = test::rank_share(problem.points);
  for (const GradientSyncOptions& sync : every_sync()) {
    DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 2, true, 60, {}, sync);
    EXPECT_EQ(trained_by(objective, problem.parameters, of_a_host, nullptr, &world()), expected) << to_string(sync.kind);
  }
}

// Rows in bf16 round alike wherever they lie, and their sums over a block's rows are those of the block.
TEST(DistributedObjective, TrainingInBf16EndsInTheSameBitsAtLevelRanks) {
  const EngineCase problem = objective_case();
  const auto jets = objective_engine(problem, Reproducibility::ranks, "cpu", Precision::bf16);
  AloneObjective alone(problem, *jets);
  const std::vector<double> expected = trained_by(alone, problem.parameters, {"adam"}, nullptr);
  EXPECT_NE(expected, problem.parameters);
  const PointSet mine = test::rank_share(problem.points);
  for (const GradientSyncOptions& sync : every_sync()) {
    DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 2, true, 60, {}, sync);
    EXPECT_EQ(trained_by(objective, problem.parameters, {"adam"}, nullptr, &world()), expected) << to_string(sync.kind);
  }
}

// The same with engine and optimisers on a device: one that they share, or one each.
TEST(DistributedObjective, TrainingOnADeviceEndsInTheSameBitsAtLevelRanks) {
  const EngineCase problem = objective_case();
  const auto device = make_vector_device("emulated");
  const auto apart = objective_engine(problem, Reproducibility::ranks, "emulated"),
             shared = objective_engine(problem, Reproducibility::ranks, "emulated", Precision::fp64, device->stream());
  AloneObjective alone(problem, *apart);
  const std::vector<double> expected = trained_by(alone, problem.parameters, of_a_device, device.get());
  const PointSet mine = test::rank_share(problem.points);
  for (const GradientSyncOptions& sync : every_sync())
    for (Engine* jets : {apart.get(), shared.get()}) {
      DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 2, true, 60, {}, sync);
      EXPECT_EQ(trained_by(objective, problem.parameters, of_a_device, device.get()), expected) << to_string(sync.kind);
    }
}

// A device adds up gradients and products of vectors in another order; ten steps carry differences of 1e-13 on. Whether the
// vectors pass through the host changes no bit.
TEST(DistributedObjective, TrainingOnADeviceIsThatOfTheHost) {
  for (const EngineCase& problem : {objective_case(), example_with_trainables()}) {
    const auto device = make_vector_device("emulated");
    const auto host = objective_engine(problem, Reproducibility::run),
               apart = objective_engine(problem, Reproducibility::run, "emulated"),
               shared = objective_engine(problem, Reproducibility::run, "emulated", Precision::fp64, device->stream());
    const PointSet mine = test::rank_share(problem.points);
    DistributedObjective on_host(world(), *host, mine, problem.network.parameters, 2, false, 60, {});
    const std::vector<double> expected = trained_by(on_host, problem.parameters, of_a_device, nullptr);
    for (const GradientSyncOptions& sync : every_sync()) {
      DistributedObjective by_the_host(world(), *apart, mine, problem.network.parameters, 2, false, 60, {}, sync),
          there(world(), *shared, mine, problem.network.parameters, 2, false, 60, {}, sync);
      const std::vector<double> actual = trained_by(there, problem.parameters, of_a_device, device.get());
      EXPECT_EQ(trained_by(by_the_host, problem.parameters, of_a_device, device.get()), actual) << to_string(sync.kind);
      for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-13) << i;
    }
  }
}

// What a step of Adam copies from the device and to it.
CopiedBytes copied_by_a_step(const EngineCase& problem, bool exact) {
  const auto device = make_vector_device("emulated");
  const auto jets = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run, "emulated",
                                     Precision::fp64, device->stream());
  const PointSet mine = test::rank_share(problem.points);
  DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 2, exact, 60, {});
  PlacedVector parameters(objective.size(), device.get());
  parameters.open() = problem.parameters;
  OptimizerOptions adam;
  const auto optimizer = make_optimizer(adam, ParameterLayout::of_size(objective.size()), 5, device.get());
  optimizer->step(objective, parameters);  // the first one sends the parameters, and compares them over ranks
  const CopiedBytes before = device->copied();
  optimizer->step(objective, parameters);
  const CopiedBytes after = device->copied();
  return {after.to_device - before.to_device, after.to_host - before.to_host};
}

// On one rank nothing that is as long as the parameters leaves the device or comes to it: the sums of each block's squares,
// whether the gradient is finite, and its norm. Ranks sum it on the host: one copy each way; at level `ranks` one of the
// integers.
TEST(DistributedObjective, AStepOnADeviceCopiesNumbersAlone) {
  CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  text.network.hidden = {9, 8};
  text.points = 5 * block_points + 17;
  const EngineCase narrow = test::make_case(text);
  text.network.hidden = {23, 31};
  const EngineCase wide = test::make_case(text);
  constexpr std::int64_t number = sizeof(double);
  const std::int64_t longer = number * (wide.network.parameters - narrow.network.parameters);
  const PointSet mine = test::rank_share(narrow.points);
  std::int64_t blocks = 0;
  for (const TermPoints& term : mine.terms) blocks += static_cast<std::int64_t>(term.blocks.size());

  const CopiedBytes of_narrow = copied_by_a_step(narrow, false), of_wide = copied_by_a_step(wide, false);
  const bool alone = world().size() == 1;
  EXPECT_EQ(of_wide.to_host - of_narrow.to_host, alone ? 0 : longer);
  EXPECT_EQ(of_wide.to_device - of_narrow.to_device, alone ? 0 : longer);
  if (alone) {
    EXPECT_EQ(of_narrow.to_host, number * (2 * blocks + 2));
  }

  const CopiedBytes exact_narrow = copied_by_a_step(narrow, true), exact_wide = copied_by_a_step(wide, true);
  EXPECT_EQ(exact_wide.to_host - exact_narrow.to_host, (ExactSum::limbs + 1) * longer);
  EXPECT_EQ(exact_wide.to_device - exact_narrow.to_device, longer);
}

TEST(DistributedObjective, TellsEveryRankOfALossThatIsNotFinite) {
  EngineCase problem = objective_case();
  const auto jets = objective_engine(problem, Reproducibility::run);
  for (bool exact : {false, true}) {
    PointSet mine = test::rank_share(problem.points);
    if (world().rank() == world().size() - 1 && mine.terms[0].local_count > 0) mine.terms[0].coordinates[0] = std::nan("");
    DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 2, exact, 60, {});
    std::vector<double> gradient(problem.parameters.size());
    EXPECT_FALSE(objective.evaluate(problem.parameters.data(), gradient.data()).finite);
  }
}

// What a profile divides by the time of the all-reduce: every number that travels, at level `ranks` the limbs of every
// entry and the overflow counts.
TEST(DistributedObjective, TellsHowManyBytesAnEvaluationSums) {
  const EngineCase problem = objective_case();
  const std::int64_t parameters = problem.network.parameters;
  for (bool exact : {false, true}) {
    const auto jets = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run);
    const DistributedObjective objective(world(), *jets, problem.points, parameters, 2, exact, 60, {});
    const std::int64_t numbers = DistributedObjective::message_bytes(parameters, 2, false) / 8;
    const auto exchanged = static_cast<std::int64_t>(ExactSum(numbers, parameters).exchange().size());
    EXPECT_GT(numbers, parameters + 4);
    EXPECT_EQ(objective.message_bytes(), 8 * (exact ? exchanged : numbers));
    EXPECT_EQ(objective.message_bytes(), DistributedObjective::message_bytes(parameters, 2, exact)) << "before it is built";
  }
}

// One bit of one rank's parameters is seen by all ranks alike, before the step is taken, and the message names the rank.
TEST(DistributedObjective, NoticesARankWithOtherParameters) {
  if (world().size() == 1) GTEST_SKIP() << "one rank has nobody to differ from";
  const EngineCase problem = objective_case();
  const int wrong = world().size() - 1;
  for (bool exact : {false, true}) {
    const auto jets = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run);
    const PointSet mine = test::rank_share(problem.points);
    DistributedObjective objective(world(), *jets, mine, problem.network.parameters, 2, exact, 60, {});
    std::vector<double> parameters = problem.parameters, gradient(parameters.size());
    EXPECT_NO_THROW(objective.evaluate(parameters.data(), gradient.data()));
    if (world().rank() == wrong) parameters[3] = std::nextafter(parameters[3], 10);
    std::string message;
    for (std::int64_t i = 0; i < DistributedObjective::hash_every && message.empty(); ++i) {
      try {
        objective.evaluate(parameters.data(), gradient.data());
      } catch (const Error& error) {
        EXPECT_EQ(error.status(), Status::communication);
        message = error.what();
      }
    }
    EXPECT_NE(message.find("the parameters of rank " + std::to_string(wrong) + " differ"), std::string::npos) << message;
    EXPECT_EQ(message, world().broadcast("test", message));
  }
}

// Normals and distances are made by the ranks that hold the points, also when these are drawn anew.
TEST(DistributedObjective, ReadsTheSamePlacesOnAnyRanks) {
  const auto assembled = [](int ranks) {
    TermText heat = testing::term("heat", "u_t - u_xx"),
             walls = testing::term("walls", "dn(u) + 2*u - sin(t)", "x == -1 || x == 1");
    heat.weight = {testing::source("1 - sdf")};
    NetworkOptions network;
    network.hidden = {9, 8};
    SamplingOptions sampling;
    sampling.points = {{"heat", 5 * block_points + 17}, {"walls", 3 * block_points + 50}};
    return assemble(testing::problem_of({heat, walls}), network, sampling, 3, ranks);
  };
  const Assembly whole = assembled(1), shared = assembled(world().size());
  EngineOptions options;
  options.reproducibility = Reproducibility::ranks;
  options.ranks = &world();
  const auto jets = make_engine(options, whole.network, whole.terms);
  std::vector<double> parameters(static_cast<std::size_t>(whole.network.parameters)), gradient(parameters.size());
  initialize(whole.network, 7, parameters.data());
  RankSignals signals;
  signals.clock = [] { return 0.0; };
  signals.stop_requested = [] { return false; };
  for (const std::uint32_t epoch : {0u, 1u}) {
    ExactSum alone(whole.network.parameters + 4);
    jets->loss_and_gradient_exact(Stream{}, parameters.data(), make_points(whole, 0, epoch), alone);
    const PointSet mine = make_points(shared, world().rank(), epoch);
    DistributedObjective objective(world(), *jets, mine, whole.network.parameters, 2, true, 60, signals, {});
    const Objective::Value value = objective.evaluate(parameters.data(), gradient.data());
    EXPECT_EQ(value.loss, alone.value(whole.network.parameters) + alone.value(whole.network.parameters + 1));
    for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_EQ(gradient[i], alone.value(static_cast<std::int64_t>(i))) << i;
  }
}

}  // namespace
}  // namespace jetpinn
