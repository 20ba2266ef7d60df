// What keys of sampling and training say of one another, refused with the exact place and words.
#include "jetpinn/problem/problem.hpp"
#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(config_errors, schedules) {
  const std::string rate = "training.stages.0.learning_rate={ schedule = 'piecewise', ";
  EXPECT_NE(message_of_override("training.stages.0.learning_rate.schedule=piecewise").find("needs steps and factors"),
            std::string::npos);
  EXPECT_NE(
      message_of_override(rate + "at = [10, 20], factors = [0.5] }").find("has 2 steps and learning_rate.factors has 1"),
      std::string::npos);
  EXPECT_NE(message_of_override(rate + "at = [20, 20], factors = [1, 1] }").find("must rise"), std::string::npos);
  EXPECT_NE(message_of_override(rate + "at = [-1], factors = [1] }").find("learning_rate.at.0' is out of range"),
            std::string::npos);
  EXPECT_NE(message_of_override(rate + "at = [1], factors = [0] }").find("learning_rate.factors.0' is out of range"),
            std::string::npos);
  EXPECT_NE(message_of_override(rate + "at = [1], factors = ['a'] }").find("must be a list of numbers > 0, not text"),
            std::string::npos);
  EXPECT_NE(
      message_of_override("training.stages.0.learning_rate={ schedule = 'one_cycle', start = 1 }").find("which is below it"),
      std::string::npos);
  EXPECT_NE(
      message_of_override("training.stages.0.learning_rate={ schedule = 'cyclical', max = 1e-4 }").find("which is below it"),
      std::string::npos);
  for (const std::string key :
       {"decay = 0.5", "every = 10", "end = 1e-5", "factor = 0.9", "at = [1]", "factors = [0.5]", "max = 1", "period = 10"})
    EXPECT_NE(message_of_override("training.stages.0.learning_rate={ start = 1e-3, " + key + " }")
                  .find("learning_rate." + key.substr(0, key.find(' ')) + " belongs to a schedule, and none is named"),
              std::string::npos)
        << key;
  EXPECT_EQ(small({"training.stages.0.learning_rate={ start = 0.1, warmup = 5 }"})
                .training.stages[0]
                .optimizer.learning_rate.warmup,
            5);
  const Config config = small({rate + "at = [10, 20], factors = [0.5, 2] }", "training.stages.0.optimizer=adamw"});
  EXPECT_EQ(config.training.stages[0].optimizer.learning_rate.at, (std::vector<std::int64_t>{10, 20}));
  EXPECT_EQ(config.training.stages[0].optimizer.learning_rate.factors, (std::vector<double>{0.5, 2}));
  EXPECT_EQ(parse_config(config.resolved, "again.toml", {}).resolved, config.resolved);
}

TEST(config_errors, batches) {
  const auto refused = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused({"sampling.batch.burger=10"}, "'burger' is not a term");
  refused({"training.stages.0.batch.burger=10"}, "'burger' is not a term");
  refused({"sampling.batch.burgers=0"}, "'sampling.batch.burgers' is out of range");
  refused({"training.stages.0.batch.burgers=-1"}, "'training.stages.0.batch.burgers' is out of range");
  refused({"sampling.batch.burgers=1.5"}, "sampling.batch.burgers");
  for (const std::string kind : {"lbfgs", "bfgs", "ssbroyden"})
    refused({"training.stages.0.optimizer=" + kind, "training.stages.0.batch.burgers=10"},
            "a stage of " + kind + " takes all points in every step");
}

TEST(config_errors, balance) {
  const auto refused = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  const std::string method = "training.balance.method=";
  refused({method + "gradnrom"}, "did you mean 'gradnorm'?");
  refused({method + "rba", "training.balance.every=0"}, "'training.balance.every' is out of range");
  refused({method + "rba", "training.balance.momentum=1.5"}, "must be 0 .. 1");
  refused({"training.balance.every=10"}, "training.balance.every needs a method");
  refused({method + "ntk", "training.balance.rate=0.1"}, "the method ntk does not read training.balance.rate");
  refused({method + "self_adaptive", "training.balance.momentum=0.1"}, "does not read training.balance.momentum");
  refused({method + "gradnorm", "training.balance.terms=['initail']"}, "did you mean 'initial'?");
  const std::string mean = ".0.reduction=square_of_mean";
  refused({"problem.equations" + mean, "problem.conditions" + mean, method + "relobralo"}, "has nothing to balance");
  for (const std::string of_points : {"rba", "self_adaptive"})
    refused({method + of_points, "sampling.resample_every=10"}, "keeps a weight for each point");
  parse_config(small_config, "small.toml", {method + "gradnorm", "sampling.resample_every=10"});
}

TEST(config_errors, adaptive) {
  const auto refused = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  const std::string adaptive = "sampling.adaptive.", method = adaptive + "method=";
  refused({method + "rar"}, "did you mean 'rad'?");
  refused({adaptive + "every=10"}, "sampling.adaptive.every needs a method");
  refused({method + "rad", adaptive + "every=0"}, "'sampling.adaptive.every' is out of range");
  refused({method + "rad", adaptive + "add=1"}, "the method rad does not read sampling.adaptive.add");
  refused({method + "r3", adaptive + "candidates=5"}, "the method r3 does not read sampling.adaptive.candidates");
  refused({method + "r3", adaptive + "score=uncertainty"}, "the method r3 does not read sampling.adaptive.score");
  refused({method + "rar_g", adaptive + "cells=5"}, "the method rar_g does not read sampling.adaptive.cells");
  refused({method + "rad", adaptive + "ensemble=5"}, "sampling.adaptive.ensemble is of score = \"uncertainty\"");
  refused({method + "rar_g", adaptive + "power=1"}, "does not read sampling.adaptive.power");
  refused({method + "rad", adaptive + "most_change=1.5"}, "out of range");
  refused({method + "rad", adaptive + "roll_back=0.5"}, "1 or more, or 0 for never");
  refused({method + "rad", adaptive + "terms=['initail']"}, "did you mean 'initial'?");
  refused({method + "rad", "training.stages.0.learning_rate.schedule=stall"}, "the schedule stall lowers the rate");
  refused({method + "rar_d", adaptive + "add=1e18"}, "out of range");
  refused({method + "importance", adaptive + "offset=1e308"}, "out of range");
  refused({method + "rar_d", "sampling.batch.burgers=256"}, "batches share a fixed number of points");
  refused({method + "rar_d", "training.stages.0.batch.burgers=256"}, "batches share a fixed number of points");
  refused({method + "rad", "training.balance.method=rba"}, "keeps a weight for each point");
  parse_config(small_config, "small.toml",
               {method + "rad", "sampling.batch.burgers=256", "training.balance.method=gradnorm"});
  const Config config = small({method + "rar_d", adaptive + "every=7", adaptive + "most=3", adaptive + "terms=['burgers']"});
  EXPECT_EQ(config.sampling.adaptive.method, AdaptiveMethod::rar_d);
  EXPECT_EQ(config.sampling.adaptive.every, 7);
  EXPECT_EQ(config.sampling.adaptive.settings().most, 3);
  EXPECT_EQ(config.sampling.adaptive.settings().add, 0.1);
  EXPECT_EQ(parse_config(small().resolved, "config.toml", {}).resolved, small().resolved) << "of a run without a method";
  EXPECT_EQ(parse_config(config.resolved, "config.toml", {}).resolved, config.resolved);
}

// A search is refused in bf16 where it is asked for, and computes in fp64 where the run says bf16.
TEST(config_errors, bf16) {
  for (const char* optimizer : {"lbfgs", "bfgs", "ssbroyden", "ngd"}) {
    const std::string message = message_of([&] {
      parse_config(small_config, "small.toml",
                   {"training.stages.0.precision=bf16", std::string("training.stages.0.optimizer=") + optimizer});
    });
    EXPECT_NE(message.find("leave precision away for fp64, or take fp32"), std::string::npos) << message;
  }
  const Config searches = small({"training.precision=bf16", "training.stages.0.optimizer=lbfgs"}),
               steps = small({"training.stages.0.precision=bf16", "training.stages.0.optimizer=soap"});
  EXPECT_EQ(searches.training.precision_of(searches.training.stages[0]), Precision::fp64);
  EXPECT_EQ(steps.training.precision_of(steps.training.stages[0]), Precision::bf16);
  EXPECT_NE(message_of_override("training.precision=fp16").find("bf16 has the range of fp32"), std::string::npos);
}

TEST(config_errors, recompute) {
  const auto given = [](const std::string& value) {
    return parse_config(small_config, "small.toml", {"training.recompute=" + value}).training.recompute;
  };
  EXPECT_FALSE(given("none").automatic);
  EXPECT_EQ(given("none").segments, 1);
  EXPECT_TRUE(given("auto").automatic);
  EXPECT_EQ(given("3").segments, 3);
  EXPECT_EQ(given("3.0").segments, 3);
  for (const char* wrong : {"0", "-1", "2.5", "true", "all", "[2]"})
    EXPECT_NE(message_of_override(std::string("training.recompute=") + wrong).find("training.recompute"), std::string::npos)
        << wrong;
  EXPECT_NE(message_of_override("training.recompute=atuo").find("one of none, auto, or a whole number 1 .. 10000"),
            std::string::npos)
      << message_of_override("training.recompute=atuo");
  const std::string both = message_of([] {
    parse_config(small_config, "small.toml", {"training.recompute=2", "training.engine=reference"});
  });
  EXPECT_NE(both.find("training.recompute is of the jets engine"), std::string::npos) << both;
  EXPECT_NO_THROW(small({"training.engine=reference"}));
}

TEST(config_errors, weights_of_a_stage) {
  const auto refused = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { build_problem(parse_config(small_config, "small.toml", sets).problem); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused({"training.stages.0.weights.initail=10"}, "'initail' is not a term; did you mean 'initial'?");
  refused({"training.stages.0.weights.initial=true"}, "training.stages.0.weights.initial");
  refused({"training.stages.0.weights=10"}, "training.stages.0.weights");
  refused({"training.stages.1.weights.initial=-1"}, "a weight cannot be negative");
  refused({"training.stages.1.weights.initial=[1, 2]"}, "has 1 residual but 2 weights");
  refused({"training.stages.1.weights.initial=u"}, "'u' is a field");
  refused({"training.stages.1.weights.initial=1 + y"}, "y");
  const Config broken =
      parse_config(replaced(small_config, "steps     = 20", "weights = { initial = \"1 +* t\" }"), "small.toml", {});
  EXPECT_EQ(message_of([&] { build_problem(broken.problem); }).rfind("small.toml:21:", 0), 0u);
}

TEST(config_errors, windows_of_a_periodic_coordinate) {
  const auto refused = [](const std::vector<std::string>& sets) {
    const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
    EXPECT_NE(message.find("training.windows cuts 't', and a network that is periodic in it"), std::string::npos) << message;
  };
  refused({"training.windows.count=2", "network.periodic=['x', 't']"});
  refused({"training.windows.edges=[0, 0.5, 1]", "training.windows.coordinate=t", "network.periodic=['t']"});
  refused({"training.windows.count=2", "networks=[{ fields = ['u'], periodic = ['t'] }]"});
  EXPECT_NO_THROW(small({"training.windows.count=2", "network.periodic=['x']"}));
  EXPECT_NO_THROW(small({"training.windows.count=1", "network.periodic=['t']"}));
}

TEST(config_errors, sampling_of_a_stage) {
  const auto refused = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  const std::string stage = "training.stages.0.sampling.";
  refused({stage + "points.burger=10"}, "'burger' is not a term; did you mean 'burgers'?");
  refused({stage + "points.burgers=0"}, "'training.stages.0.sampling.points.burgers' is out of range");
  refused({stage + "points.burgers=1.5"}, "training.stages.0.sampling.points.burgers");
  refused({stage + "pionts.burgers=10"}, "did you mean 'points'?");
  refused({stage + "method=sobl"}, "did you mean 'sobol'?");
  refused({stage + "resample_every=-1"}, "'training.stages.0.sampling.resample_every' is out of range");
  refused({stage + "batch.burgers=1"}, "unknown key 'batch' in training.stages.0.sampling");
  refused({"sampling.method=grid", stage + "resample_every=5"}, "remove training.stages.0.sampling.resample_every");
  refused({stage + "method=grid", stage + "resample_every=5"}, "remove training.stages.0.sampling.resample_every");
  refused({"sampling.resample_every=5", stage + "method=grid"}, "add training.stages.0.sampling.resample_every = 0");
  EXPECT_NO_THROW(small({"sampling.resample_every=5", stage + "method=grid", stage + "resample_every=0"}));
  EXPECT_NO_THROW(small({"sampling.method=grid", stage + "method=lhs", stage + "resample_every=5"}));
  for (const std::string key : {"points.burgers=10", "method=lhs", "resample_every=5"})
    refused({"training.balance.method=rba", stage + key}, "keeps a weight for each point (training.balance), and " + stage);
  EXPECT_NO_THROW(small({"training.balance.method=rba", stage + "resample_every=0"}));
  const Config weighed = small({"training.balance.method=rba"});
  EXPECT_EQ(parse_config(weighed.resolved, "config.toml", {}).resolved, weighed.resolved) << "what is left open stays so";
  EXPECT_NO_THROW(small({"training.balance.method=gradnorm", stage + "points.burgers=10"}));
  const std::string table = replaced(small_config, "on       = \"t == 0\"", "points = \"rows.csv\"");
  EXPECT_NE(message_of([&] {
              parse_config(table, "small.toml", {stage + "points.initial=10"});
            }).find("rows.csv: training.stages.0.sampling.points has no number for it"),
            std::string::npos);
}

}  // namespace
}  // namespace jetpinn
