// Rounds of points that follow the residual: what is chosen, how the ranks share it, and runs that go on from a checkpoint.
#include "jetpinn/train/adaptive_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/train/session.hpp"
#include "support/problem_text.hpp"
#include "support/shared_folder.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;
using testing::difference;
using testing::newest;

constexpr AdaptiveMethod methods[] = {AdaptiveMethod::rad, AdaptiveMethod::rar_d, AdaptiveMethod::rar_g, AdaptiveMethod::r3,
                                      AdaptiveMethod::importance};
constexpr std::int64_t points_of_heat = 700;

// The residual of the equation is about 100 where x > 0.8, a tenth of the domain, and about 1 elsewhere: the network is
// small.
Problem stepped_problem(const std::string& residual = "u + 1 + 99*step(x - 0.8)") {
  return testing::problem_of({testing::term("heat", residual), testing::term("walls", "u", "x == -1 || x == 1"),
                              testing::term("point", "u", "t == 0 && x == 0")});
}

// A run's parts without its loop.
class Rounds {
 public:
  explicit Rounds(const AdaptiveOptions& options, Problem problem = stepped_problem())
      : assembly(assembled(options, std::move(problem))),
        points(assembly, world().rank()),
        adaptive(world(), assembly, points) {
    EngineOptions engine_options;
    engine_options.reproducibility = Reproducibility::ranks;
    engine = make_engine(engine_options, assembly.network, assembly.terms);
    parameters = PlacedVector(assembly.network.parameters);
    initialize(assembly.network, 0, parameters.open().data());
    points.begin_kept();
    points.draw();
    adaptive.begin_anew();
  }

  PointRound take() { return adaptive.take_round(*engine, parameters); }

  // Share of a term's points, over all ranks, where x > 0.8.
  double share_above(std::size_t term) {
    const TermPoints& own = points.set().terms[term];
    double numbers[2] = {0, 0};
    for (std::int64_t i = 0; i < own.local_count; ++i) numbers[0] += own.coordinate(1)[i] > 0.8;
    numbers[1] = static_cast<double>(own.local_count);
    world().sum("test", numbers, 2);
    EXPECT_EQ(numbers[1], static_cast<double>(assembly.counts[term]));
    return numbers[0] / numbers[1];
  }

  Assembly assembly;
  TrainingPoints points;
  AdaptivePoints adaptive;
  std::unique_ptr<Engine> engine;
  PlacedVector parameters;

 private:
  static Assembly assembled(const AdaptiveOptions& options, Problem problem) {
    NetworkOptions network;
    network.hidden = {6, 5};
    SamplingOptions sampling;
    sampling.points = {{"heat", points_of_heat}, {"walls", 60}};
    sampling.adaptive = options;
    return assemble(std::move(problem), network, sampling, 3, world().size());
  }
};

AdaptiveOptions options_of(AdaptiveMethod method) {
  AdaptiveOptions options;
  options.method = method;
  return options;
}

// Every point has one owner, as the assembly deals them, and lies where its term holds.
void expect_dealt(const Rounds& run) {
  for (std::size_t t = 0; t < run.assembly.terms.size(); ++t) {
    const TermPoints& own = run.points.set().terms[t];
    const auto& blocks = run.assembly.blocks[static_cast<std::size_t>(world().rank())][t];
    EXPECT_EQ(own.global_count, run.assembly.counts[t]);
    ASSERT_EQ(own.blocks.size(), blocks.size());
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      EXPECT_EQ(own.blocks[b].first, blocks[b].first);
      EXPECT_EQ(own.blocks[b].count, blocks[b].count);
    }
    for (std::int64_t i = 0; i < own.local_count; ++i) {
      const double time = own.coordinate(0)[i], x = own.coordinate(1)[i];
      EXPECT_TRUE(time >= 0 && time <= 1 && x >= -1 && x <= 1);
      if (t == 1) {
        EXPECT_EQ(std::abs(x), 1);
      }
      if (t == 2) {
        EXPECT_TRUE(time == 0 && x == 0);
      }
    }
  }
}

TEST(AdaptivePoints, RadDrawsPointsByTheResidual) {
  AdaptiveOptions options = options_of(AdaptiveMethod::rad);
  options.offset = 0;
  Rounds run(options);
  EXPECT_NEAR(run.share_above(0), 0.1, 0.02);
  const PointRound round = run.take();
  EXPECT_TRUE(round.changed);
  expect_dealt(run);
  // Of 7000 fresh points 700 lie there, with 100 / (10 + 0.9) of the density: nearly all of those are taken.
  EXPECT_GT(run.share_above(0), 0.7);
  EXPECT_EQ(run.assembly.counts, (std::vector<std::int64_t>{points_of_heat, 60, 1}));
  ASSERT_EQ(round.notes.size(), 2u);
  EXPECT_NE(round.notes[0].find("round 1 of points: heat exchanges 700 of 700; residual of 7000 fresh ones"),
            std::string::npos)
      << round.notes[0];
}

// The loss is the same whatever the points: over rounds, the mean of w f at the points is that of f over the domain.
TEST(AdaptivePoints, ImportanceKeepsTheLoss) {
  AdaptiveOptions options = options_of(AdaptiveMethod::importance);
  options.offset = 0.1;
  Rounds run(options);
  constexpr int rounds = 40;
  double weights = 0, above = 0;
  for (int round = 0; round < rounds; ++round) {
    run.take();
    const TermPoints& own = run.points.set().terms[0];
    double sums[2] = {0, 0};  // of w, and of w where x > 0.8
    for (std::int64_t i = 0; i < own.local_count; ++i) {
      sums[0] += own.own_weight_at(0, i);
      if (own.coordinate(1)[i] > 0.8) sums[1] += own.own_weight_at(0, i);
    }
    world().sum("test", sums, 2);
    weights += sums[0] / points_of_heat / rounds;
    above += sums[1] / points_of_heat / rounds;
  }
  EXPECT_GT(run.share_above(0), 0.7) << "they lie where the residual is";
  expect_dealt(run);
  // Weights below x = 0.8 are about 5, of 200 points: 0.9 +- 0.06 in a round.
  EXPECT_NEAR(weights, 1, 0.04);
  EXPECT_NEAR(above, 0.1, 0.01);
}

TEST(AdaptivePoints, NoMoreChangeThanIsAllowed) {
  AdaptiveOptions options = options_of(AdaptiveMethod::rad);
  options.offset = 0;
  options.most_change = 0.25;
  Rounds run(options);
  run.take();
  expect_dealt(run);
  // 525 of them stay, a tenth of which lies there, and about nine of ten of the 175 new ones.
  EXPECT_NEAR(run.share_above(0), 0.29, 0.05);
  options = options_of(AdaptiveMethod::r3);
  options.most_change = 0.1;
  Rounds other(options);
  const std::string note = other.take().notes[0];
  EXPECT_NE(note.find("heat exchanges 70 of 700; residual of 700 fresh ones"), std::string::npos) << note;
}

TEST(AdaptivePoints, R3KeepsWhatIsAboveTheMean) {
  Rounds run(options_of(AdaptiveMethod::r3));
  double share = run.share_above(0);
  for (int round = 0; round < 3; ++round) {
    run.take();
    expect_dealt(run);
    const double now = run.share_above(0);
    EXPECT_NEAR(now, share + (1 - share) * 0.1, 0.04);  // those stay, a tenth of the fresh ones joins them
    share = now;
  }
}

TEST(AdaptivePoints, RefinementAddsPointsUpToALimit) {
  for (const AdaptiveMethod method : {AdaptiveMethod::rar_d, AdaptiveMethod::rar_g}) {
    AdaptiveOptions options = options_of(method);
    options.add = 0.5;
    options.most = 1.8;
    options.terms = {"heat"};
    Rounds run(options);
    EXPECT_TRUE(run.take().changed);
    expect_dealt(run);
    EXPECT_EQ(run.assembly.counts, (std::vector<std::int64_t>{1050, 60, 1}));
    EXPECT_NEAR(run.share_above(0), (70.0 + 350.0) / 1050, 0.02);  // (100 / 1)^2 of the density, or the largest
    EXPECT_TRUE(run.take().changed);
    expect_dealt(run);
    EXPECT_EQ(run.assembly.counts[0], 1260);
    EXPECT_FALSE(run.take().changed) << "there are as many as may be";
    EXPECT_TRUE(run.take().notes.empty());
    EXPECT_EQ(run.assembly.counts[0], 1260);
  }
}

TEST(AdaptivePoints, WhereTheResidualIsAlikeAnyPointsAreChosen) {
  for (const AdaptiveMethod method : methods) {
    AdaptiveOptions options = options_of(method);
    if (adaptive_defaults(method).offset) options.offset = 0;
    Rounds run(options, stepped_problem("3 + 1e-9*u"));
    run.take();
    expect_dealt(run);
    EXPECT_NEAR(run.share_above(0), 0.1, 0.04) << to_string(method);
  }
}

TEST(AdaptivePoints, StayWhereAResidualIsNoNumber) {
  for (const AdaptiveMethod method : methods) {
    AdaptiveOptions options = options_of(method);
    options.terms = {"heat"};
    Rounds run(options, stepped_problem("sqrt(u - 100)"));
    const std::vector<double> before = run.points.set().terms[0].coordinates;
    const PointRound round = run.take();
    EXPECT_FALSE(round.changed);
    EXPECT_EQ(run.points.set().terms[0].coordinates, before);
    ASSERT_EQ(round.notes.size(), 1u);
    EXPECT_NE(round.notes[0].find("no number in"), std::string::npos) << round.notes[0];
  }
}

// A pole that some fresh points hit is no harm: they are not chosen, and nothing is taken back.
TEST(AdaptivePoints, APoleIsNoHarm) {
  for (const AdaptiveMethod method : methods) {
    AdaptiveOptions options = options_of(method);
    options.terms = {"heat"};
    Rounds run(options, stepped_problem("u + 1 + 1e-9*sqrt(x + 0.9)"));
    for (int round = 0; round < 3; ++round) {
      const PointRound taken = run.take();
      EXPECT_TRUE(taken.changed) << to_string(method);
      EXPECT_FALSE(taken.taken_back) << to_string(method);
      EXPECT_NE(taken.notes[0].find("no number in"), std::string::npos) << taken.notes[0];
    }
    expect_dealt(run);
    if (method == AdaptiveMethod::rad || method == AdaptiveMethod::importance) {
      const TermPoints& own = run.points.set().terms[0];
      for (std::int64_t i = 0; i < own.local_count; ++i) EXPECT_GE(own.coordinate(1)[i], -0.9);
    }
  }
}

// The parameters become those of a network with other values, whose residual in fresh points is far larger.
TEST(AdaptivePoints, AHarmfulRoundIsTakenBack) {
  for (const AdaptiveMethod method : methods) {
    AdaptiveOptions options = options_of(method);
    options.most = adaptive_defaults(method).most ? std::optional<double>(5) : std::nullopt;
    Rounds run(options);
    run.take();
    const std::vector<std::int64_t> counts = run.assembly.counts;
    const std::vector<double> coordinates = run.points.set().terms[0].coordinates, parameters = run.parameters.values();
    EXPECT_FALSE(run.take().taken_back) << "the same network";
    for (double& parameter : run.parameters.open()) parameter *= 1000;
    const PointRound round = run.take();
    EXPECT_TRUE(round.changed && round.taken_back) << to_string(method);
    EXPECT_EQ(run.points.set().terms[0].coordinates, coordinates);
    EXPECT_EQ(run.parameters.values(), parameters);
    EXPECT_EQ(run.assembly.counts, counts);
    expect_dealt(run);
    EXPECT_TRUE(run.take().changed) << "and the next one is taken";
    for (double& parameter : run.parameters.open()) parameter = std::nan("");
    EXPECT_TRUE(run.take().taken_back) << "no number is harm too";
    EXPECT_TRUE(run.take().changed);
    run.adaptive.objective_changed();
    for (double& parameter : run.parameters.open()) parameter *= 1000;
    EXPECT_FALSE(run.take().taken_back) << "the residual is of another problem";
  }
  AdaptiveOptions never = options_of(AdaptiveMethod::rad);
  never.roll_back = 0;
  Rounds run(never);
  run.take();
  for (double& parameter : run.parameters.open()) parameter *= 1000;
  EXPECT_FALSE(run.take().taken_back);
}

TEST(AdaptivePoints, ARoundWaitsForAStall) {
  AdaptiveOptions options = options_of(AdaptiveMethod::rad);
  options.every = 10;
  options.search_every = 20;
  Rounds always(options);
  EXPECT_FALSE(always.adaptive.due(0, false, 1));
  EXPECT_FALSE(always.adaptive.due(15, false, 1));
  EXPECT_TRUE(always.adaptive.due(10, false, 1));
  EXPECT_FALSE(always.adaptive.due(10, true, 1));
  EXPECT_TRUE(always.adaptive.due(40, true, 1));
  options.stall = 0.1;
  Rounds waits(options);
  EXPECT_FALSE(waits.adaptive.due(10, false, 1)) << "nothing to compare with";
  EXPECT_FALSE(waits.adaptive.due(20, false, 0.89));
  EXPECT_TRUE(waits.adaptive.due(30, false, 0.88));
  waits.take();
  EXPECT_FALSE(waits.adaptive.due(40, false, 0.88)) << "the loss is of other points now";
}

TEST(AdaptivePoints, TermsThatCannotFollowAreRefused) {
  AdaptiveOptions options = options_of(AdaptiveMethod::rad);
  options.terms = {"point"};
  try {
    const Rounds run(options);
    ADD_FAILURE() << "a single point that follows";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_NE(std::string(error.what()).find("single points"), std::string::npos) << error.what();
  }
}

// ---- runs, with a round before every third step

constexpr std::int64_t adaptive_steps = 9;

TrainSetup setup_in(const std::string& folder, AdaptiveMethod method, Reproducibility level, std::int64_t steps) {
  TrainSetup setup = testing::quiet_setup(folder);
  setup.sampling.points = {{"heat", 600}, {"initial", 50}};
  setup.sampling.resample_every = 4;  // of the initial condition
  setup.sampling.adaptive = options_of(method);
  setup.sampling.adaptive.every = 2;
  setup.sampling.adaptive.terms = {"heat"};
  setup.sampling.adaptive.roll_back = 1.0000001;  // some rounds are taken back
  setup.training.reproducibility = level;
  setup.training.stages.resize(1);
  setup.training.stages[0].steps = steps;
  setup.training.stages[0].optimizer.learning_rate.start = 0.05;
  return setup;
}

StateValues trained(TrainSetup setup) {
  const std::string folder = setup.run_directory;
  train(world(), testing::heat_problem(), std::move(setup));
  world().barrier("test");
  return newest(folder).values;
}

// From the checkpoints of one run that saves after every step, and once as a longer run than the one that ended.
TEST(AdaptiveRun, IsExactAfterEveryStep) {
  const testing::SharedFolder base;
  for (const AdaptiveMethod method : methods)
    for (const Reproducibility level : {Reproducibility::run, Reproducibility::ranks}) {
      if (level == Reproducibility::run && method != AdaptiveMethod::rar_d) continue;  // the same code
      const std::string name = std::string(to_string(method)) + "-" + to_string(level);
      const auto setup_of = [&](const std::string& folder, std::int64_t steps) {
        return setup_in(testing::new_folder(base, name + "-" + folder), method, level, steps);
      };
      const StateValues whole = trained(setup_of("whole", adaptive_steps));
      EXPECT_EQ(std::get<std::int64_t>(whole.at("adaptive/rounds")), 4);
      TrainSetup saves = setup_of("saved", adaptive_steps);
      saves.output.checkpoint_every_s = 0;
      const std::string saved = saves.run_directory;
      EXPECT_EQ(difference(whole, trained(std::move(saves))), "") << name;
      for (std::int64_t stop = 1; stop < adaptive_steps; ++stop) {
        if (!testing::stops_at(stop)) continue;
        TrainSetup part = setup_of(std::to_string(stop), adaptive_steps);
        part.resume = testing::stopped_after(stop, saved, part.run_directory);
        EXPECT_EQ(difference(whole, trained(std::move(part))), "") << name << " stopped after step " << stop;
      }
      TrainSetup first = setup_of("first", 5), longer = setup_of("longer", adaptive_steps);
      longer.longer = true;
      const std::string ended = first.run_directory;
      trained(std::move(first));
      longer.resume = newest(ended);
      EXPECT_EQ(difference(whole, trained(std::move(longer))), "") << name << " made longer";
    }
}

// A checkpoint keeps everything: a run that goes on without an item is refused.
TEST(AdaptiveRun, NeedsEveryItem) {
  const testing::SharedFolder base;
  constexpr Reproducibility level = Reproducibility::ranks;
  trained(setup_in(testing::new_folder(base, "first"), AdaptiveMethod::rar_d, level, 7));
  const LoadedCheckpoint sound = newest(base.file("first"));
  int items = 0;
  for (const auto& [name, value] : sound.values) {
    if (name.rfind("adaptive/", 0) != 0 && name.rfind("points/", 0) != 0) continue;
    ++items;
    LoadedCheckpoint dropped = sound;
    dropped.values.erase(name);
    TrainSetup setup = setup_in(testing::new_folder(base, "dropped"), AdaptiveMethod::rar_d, level, adaptive_steps);
    setup.resume = dropped;
    try {
      Session session(world(), testing::heat_problem(), setup);
      ADD_FAILURE() << name << " can be missing";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::storage) << name;
    }
    world().barrier("test");
  }
  EXPECT_GE(items, 8);  // six of the rounds, two coordinates
}

}  // namespace
}  // namespace jetpinn
