#include "jetpinn/app/plan_report.hpp"

#include "jetpinn/train/recompute.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace jetpinn {
namespace {

constexpr double gib = 1073741824.0, unlimited = std::numeric_limits<double>::max();

MemoryPlan plan_of(double points_gib, double optimizer_gib = 0.1) {
  MemoryPlan plan;
  plan.points = static_cast<std::int64_t>(points_gib * gib);
  plan.optimizer = static_cast<std::int64_t>(optimizer_gib * gib);
  return plan;
}

void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << "\nis not in: " << text;
}

TEST(MemoryShortage, RanksOfOneHostShareIt) {
  const std::vector<MemoryPlan> plans(4, plan_of(1.4));
  std::vector<RankMemory> places(4, {"a", 5 * gib, unlimited});
  expect_words(memory_shortage(plans, places), {"rank 0 needs 1.5 GiB = parameters", "+ stored points 1.4 GiB",
                                                "4 ranks on host a need 6 GiB, 5 GiB are free", "sampling.points"});
  places[0].host = "b";   // three on one host, one on the other
  EXPECT_EQ(memory_shortage(plans, places), "");
}

TEST(MemoryShortage, NamesTheLargestRankOfTheHostThatIsTooSmall) {
  std::vector<MemoryPlan> plans = {plan_of(9), plan_of(1), plan_of(0.1, 2)};
  const std::vector<RankMemory> places = {
      {"large", 100 * gib, unlimited}, {"small", 3 * gib, unlimited}, {"small", 2.5 * gib, unlimited}};
  expect_words(memory_shortage(plans, places),
               {"rank 2 needs 2.1 GiB", "2 ranks on host small need 3.2 GiB, 2.5 GiB are free", "network.hidden"});
}

TEST(MemoryShortage, ALimitOfOneRankCountsAlone) {
  const std::vector<MemoryPlan> plans(2, plan_of(1.4));
  const std::vector<RankMemory> places = {{"a", 100 * gib, unlimited}, {"a", 100 * gib, 0.5 * gib}};
  expect_words(memory_shortage(plans, places), {"rank 1 needs 1.5 GiB", "ulimit -v", "512 MiB"});
}

Config config_of(const std::string& rest) {
  return parse_config(
      "name = 'a'\n[problem]\ncoordinates = ['t', 'x']\nfields = ['u']\ndomain = { t = [0, 1], x = [-1, 1] }\n"
      "[[problem.equations]]\nname = 'heat'\nresidual = 'u_t - u_xx'\n" +
          rest,
      "a.toml", {});
}

Assembly assembly_of(const Config& config, int ranks = 1) {
  return assemble(build_problem(config.problem), config.network, config.sampling, config.training.seed, ranks);
}

TEST(PlanReport, EachNetworkIsSaidWithItsFields) {
  const std::vector<std::string> terms{"problem.fields=['u', 'v', 'p']", "problem.equations.0.residual=u_t - v_xx + p"};
  const auto text_of = [&](const std::string& networks) {
    const Config config = parse_config(
        "[problem]\ncoordinates = ['t', 'x']\ndomain = { t = [0, 1], x = [-1, 1] }\n"
        "[[problem.equations]]\nresidual = 'u'\n" +
            networks,
        "a.toml", terms);
    return plan_report(assembly_of(config), config, 1);
  };
  expect_words(text_of("[[networks]]\nfields = ['p', 'u']\nhidden = [8]\n[[networks]]\nfields = ['v']\nkind = 'residual'\n"
                       "hidden = [4, 4]\nactivation = 'sin'\nperiodic = ['x']\n"),
               {"network    mlp 2-8-2 tanh for u, p, residual 3-4-4-1 sin for v, 83 parameters\n"});
  expect_words(text_of("[network]\nhidden = [8]\n"), {"network    mlp 2-8-3 tanh, 51 parameters\n"});
}

TEST(PlanReport, ASingleHiddenLayerHasNoMatrixThatSeesAllChannels) {
  const Config config = config_of("[network]\nhidden = [20]\n");
  const std::string text = plan_report(assembly_of(config), config, 1);
  expect_words(text, {"work       no matrix sees all channels (a single hidden layer), 1 000 points on 1 rank"});
  EXPECT_EQ(text.find("0 FLOP"), std::string::npos) << text;
}

std::string faces_of(const std::string& on, int points, const std::string& coordinates = "x1..x100",
                     const std::string& domain = "[0, 1]") {
  const Config config = parse_config(
      "[problem]\ncoordinates = ['" + coordinates + "']\nfields = ['u']\ndomain = { '" + coordinates + "' = " + domain +
          " }\n"
          "[[problem.equations]]\nresidual = 'laplacian(u)'\n[[problem.conditions]]\nname = 'border'\nresidual = 'u'\n"
          "on = '" +
          on + "'\n[sampling]\npoints = { border = " + std::to_string(points) + " }\n",
      "a.toml", {});
  const std::string text = plan_report(assembly_of(config), config, 1);
  const std::size_t begin = text.find("faces ");
  return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

TEST(PlanReport, SaysHowTheFacesOfAConditionShareItsPoints) {
  EXPECT_EQ(faces_of("x1 == 0", 10), "");
  EXPECT_EQ(faces_of("x1 == 0 || x2 == 1 && x3 < 0.5", 30), "faces      border: 20 on x1 == 0, 10 on x2 == 1 && x3 <= 0.5");
  std::string all;
  for (int k = 1; k <= 100; ++k)
    all += (k > 1 ? " || x" : "x") + std::to_string(k) + " == 0 || x" + std::to_string(k) + " == 1";
  EXPECT_EQ(faces_of(all, 400), "faces      border: 200 faces, 2 each");
  EXPECT_EQ(faces_of(all, 500), "faces      border: 200 faces, 2 to 3 each");
  EXPECT_EQ(faces_of(all, 198), "faces      border: 200 faces, 0 to 1 each, none on 2 of them: x100 == 0, x100 == 1");
  EXPECT_EQ(faces_of(all, 50),
            "faces      border: 200 faces, 0 to 1 each, none on 150 of them: x26 == 0, x26 == 1, x27 == 0, x27 == 1, x28 == "
            "0, x28 == 1, ...");
}

TEST(PeaksReport, SaysWhatAStepTakesAtLeast) {
  const Config config = config_of("[network]\nhidden = [20, 20]\n");
  const Assembly assembly = assembly_of(config, 2);
  Peaks peaks;
  EXPECT_EQ(peaks_report(peaks, assembly, config, 2), "");
  peaks.flops = assembly.flop_per_step() / 0.01;   // 10 ms on one core
  peaks.cache_bytes = 5e10;
  expect_words(peaks_report(peaks, assembly, config, 2),
               {"GFLOP/s in fp64 on a core", "50 GB/s to its second-level cache: 5 ms a step at least\n"});
  peaks.memory_bytes = 2e10;
  expect_words(peaks_report(peaks, assembly, config, 2), {"cache, 20 GB/s to memory: 5 ms"});
}

std::int64_t total(const std::string& rest, int ranks = 1) {
  const Config config = config_of(rest);
  return plan_memory(assembly_of(config, ranks), config.training, config.output, 0).total();
}

// What a run takes more of, the plan must know.
TEST(MemoryPlan, SeesWhatTakesMemory) {
  const std::string network = "[network]\nhidden = [100, 100]\n";
  const std::int64_t flat = 8 * (2 * 100 + 100 + 100 * 100 + 100 + 100 + 1), plain = total(network);
  const auto near = [](double value, double expected) { EXPECT_NEAR(value, expected, 0.03 * expected); };
  near(static_cast<double>(plain - total(network + "[output]\nkeep_best = false\n")), 2.0 * static_cast<double>(flat));
  near(static_cast<double>(total(network + "[[training.stages]]\noptimizer = 'lbfgs'\nhistory = 40\n") - plain),
       79.0 * static_cast<double>(flat));
  near(static_cast<double>(total(network + "[training]\nreproducibility = 'ranks'\n") - plain),
       5.0 * static_cast<double>(flat));
  // MPI's buffer; half of the points
  near(static_cast<double>(total(network, 2) - plain), static_cast<double>(flat) - 8 * 2 * 488);
  // Gradients of both terms and what a sum over ranks takes of them, and the tangents of a linearisation.
  EXPECT_GT(total(network + "[training]\nbalance = { method = 'gradnorm' }\n") - plain, 6 * flat);
  EXPECT_GT(total(network + "[training]\nbalance = { method = 'ntk' }\n") - plain, 2 * flat);
  const std::string points = "[sampling]\npoints = { heat = 1000000 }\n";
  // A tenth again that no step trains on, with its residuals; and the list of blocks.
  near(static_cast<double>(total(points) - total("")), 16e6 + 2.4e6 + 16e6 / 256);
  near(static_cast<double>(total(points + "resample_every = 5\n") - total(points)), 16e6);
  // L-BFGS computes in fp64: its stage has channels of its own.
  const std::string fp32 = network + "[training]\nprecision = 'fp32'\n", adam = "[[training.stages]]\nsteps = 5\n";
  const std::string lbfgs = "[[training.stages]]\noptimizer = 'lbfgs'\nhistory = 1\nsteps = 5\n";
  EXPECT_LT(total(fp32 + adam), plain);
  EXPECT_GT(total(fp32 + adam + lbfgs), total(network + "[training]\nprecision = 'fp64'\n" + adam + lbfgs));
  EXPECT_LT(total(fp32 + adam + lbfgs + "precision = 'fp32'\n"), total(fp32 + adam + lbfgs));
}

TEST(PlanReport, TellsTheMatrixOfADenseStage) {
  const Config config = config_of("[network]\nhidden = [9]\n[[training.stages]]\noptimizer = 'bfgs'\nsteps = 5\n");
  expect_words(plan_report(assembly_of(config), config, 1),
               {"0 bfgs, fp64, 5 steps, an inverse Hessian of 37 x 37, with its vectors"});
}

TEST(RequireMemory, RefusesAMatrixOfTooManyParameters) {
  const std::string wide = "[network]\nhidden = [100, 100]\n[[training.stages]]\noptimizer = 'ssbroyden'\nsteps = ";
  const Config config = config_of(wide + "5\n"), skipped = config_of(wide + "0\n");
  testing::expect_error(Status::usage, {"ssbroyden", "at most 8000", "lbfgs"},
                        [&] { require_memory(assembly_of(config), config); });
  require_memory(assembly_of(skipped), skipped);
}

TEST(RequireMemory, HoldsThePlanAgainstTheLimit) {
  const Config config = config_of("[run]\nmemory_limit = '1 MiB'\n");
  testing::expect_error(Status::usage, {"planned memory", "run.memory_limit = 1 MiB"},
                        [&] { require_memory(assembly_of(config), config); });
}

Assembly recomputing(const Config& config) {
  Assembly assembly = assembly_of(config);
  choose_recomputed(assembly, config);
  return assembly;
}

// Ten layers of 200 units, of which channels take most: the limit lies between what is planned kept and with as little kept
// as can be.
TEST(RequireMemory, ComputesLayersAgainWhereALimitIsClose) {
  const std::string deep = "[network]\nhidden = [200, 200, 200, 200, 200, 200, 200, 200, 200, 200]\n";
  const Config config = config_of(deep);
  const Assembly assembly = assembly_of(config);
  const double kept = planned_bytes(assembly, config), least = least_planned_bytes(assembly, config.training, config.output);
  ASSERT_LT(least, 0.98 * kept);
  const auto limited = [&](double bytes, const std::string& recompute) {
    return config_of(deep + "[run]\nmemory_limit = " + std::to_string(static_cast<std::int64_t>(bytes)) +
                     "\n[training]\nrecompute = " + recompute + "\n");
  };
  const Config none = limited(0.5 * (kept + least), "'none'"), automatic = limited(0.5 * (kept + least), "'auto'");
  testing::expect_error(Status::usage, {"is beyond run.memory_limit", "training.recompute = \"auto\" stays within it"},
                        [&] { require_memory(recomputing(none), none); });
  const Assembly chosen = recomputing(automatic);
  require_memory(chosen, automatic);
  EXPECT_FALSE(chosen.recomputed.empty());
  EXPECT_GT(chosen.flop_per_step(), assembly.flop_per_step());
  expect_words(plan_report(chosen, automatic, 1), {"recompute  hidden layer", "in place of", "% more work"});

  const Config tight = limited(0.9 * least, "'auto'");
  testing::expect_error(Status::usage, {"is beyond run.memory_limit", "as little is kept as can be", "channels take"},
                        [&] { require_memory(recomputing(tight), tight); });
  const Config wide = limited(2 * kept, "'auto'");
  EXPECT_TRUE(recomputing(wide).recomputed.empty());
  expect_words(plan_report(recomputing(wide), wide, 1), {"recompute  nothing: the plan is within run.memory_limit\n"});
}

TEST(PlanReport, TellsTheSegmentsThatAreComputedAgain) {
  const Config config = config_of("[network]\nhidden = [50, 50, 50, 50, 50, 50]\n[training]\nrecompute = 3\n");
  expect_words(plan_report(recomputing(config), config, 1), {"recompute  hidden layers 1-2, 3-4 of 6 are computed again"});
  const Config plain = config_of("[network]\nhidden = [50, 50]\n");
  EXPECT_EQ(plan_report(recomputing(plain), plain, 1).find("recompute"), std::string::npos);
}

TEST(PlanReport, TellsTheRangesOfParameters) {
  const Config config = parse_config(
      "name = 'a'\n[problem]\ncoordinates = ['t', 'x']\ndomain = { t = [0, 1], x = [-1, 1] }\n"
      "constants = { low = 10 }\nparameters = { Re = ['low', 'low^2'], k = [0, 1] }\n"
      "[[problem.equations]]\nname = 'heat'\nresidual = 'u_t - u_xx/Re'\n",
      "a.toml", {});
  const std::string report = plan_report(assembly_of(config), config, 1);
  expect_words(report, {"fields     u of t 0 .. 1, x -1 .. 1\n", "parameters Re 10 .. 100, k 0 .. 1\n"});
  const Config without = config_of("");
  EXPECT_EQ(plan_report(assembly_of(without), without, 1).find("\nparameters "), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
