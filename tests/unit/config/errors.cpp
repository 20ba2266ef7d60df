// Each kind of unusable config, with the exact place and words.
#include "jetpinn/problem/problem.hpp"
#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(config_errors, unknown_key) {
  EXPECT_EQ(message_of_change("residual = \"u_t", "residul = \"u_t"),
            "small.toml:8:1: unknown key 'residul' in problem.equations.0; did you mean 'residual'?\n"
            "    8 | residul = \"u_t + u*u_x - nu*u_xx\"\n"
            "      | ^~~~~~~");
  EXPECT_EQ(message_of_change("[sampling]", "[smapling]"),
            "small.toml:16:2: unknown key 'smapling'; did you mean 'sampling'?\n"
            "   16 | [smapling]\n"
            "      |  ^~~~~~~~");
  EXPECT_EQ(message_of_change("points = {", "zzz = 1\npoints = {"),
            "small.toml:17:1: unknown key 'zzz' in sampling; keys here are method, methods, points, resample_every, batch, "
            "adaptive\n"
            "   17 | zzz = 1\n"
            "      | ^~~");
}

TEST(config_errors, a_key_of_another_table) {
  const auto said = [](const std::string& assignment, const std::string& words) {
    const std::string message = message_of_override(assignment);
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  said("training.optimizer=adam", "unknown key 'optimizer' in training; it is a key of training.stages\n");
  said("training.learning_rate=1e-3", "it is a key of training.stages\n");
  said("equations=[]", "unknown key 'equations'; it is a key of problem\n");
  said("stages=[]", "it is a key of training\n");
  said("residual=u", "it is a key of problem.equations and of problem.conditions");
  said("training.stages.0.points=3", "it is a key of training.stages.sampling\n");
  said("training.hidden=[8]", "it is a key of network and of networks\n");
  said("training.stages.0.reference.file=a.h5", "it is a key of the whole config, above all tables\n");
  said("sampling.geometry=1", "it is a key of the whole config, above all tables\n");
  said("sampling.name=a", "unknown key 'name' in sampling; keys here are method,");
}

TEST(config_errors, wrong_type) {
  EXPECT_EQ(message_of_change("steps     = 20", "steps     = \"many\""),
            "small.toml:21:14: 'training.stages.0.steps' must be a whole number >= 0, not text\n"
            "   21 | steps     = \"many\"\n"
            "      |              ^~~~");
  EXPECT_NE(message_of_change("weight   = 10", "weight   = true")
                .find("small.toml:14:12: 'problem.conditions.0.weight' must be an expression, "
                      "or a list of them, not true"),
            std::string::npos);
  EXPECT_NE(message_of_override("network.hidden=32").find("not a whole number; write [32]\n"), std::string::npos);
  EXPECT_NE(message_of_override("network.periodic=x").find("must be a list of text, not text; write [\"x\"]\n"),
            std::string::npos);
  EXPECT_EQ(message_of_override("network.hidden=[8.5]").find("write ["), std::string::npos);
  EXPECT_NE(message_of_override("sampling.points=1000")
                .find("'sampling.points' must be a table, as in { <term> = ... }, not a whole number"),
            std::string::npos);
  EXPECT_NE(message_of_override("training.stop='10 min'").find("must be a table, as in { time = ... }, not text"),
            std::string::npos);
  EXPECT_NE(message_of_change("[[problem.equations]]", "[problem.equations]")
                .find("small.toml:6:1: 'problem.equations' is a list of tables; write "
                      "[[problem.equations]]"),
            std::string::npos);
  EXPECT_NE(
      message_of_change("x = [-1, 1]", "x = [-1, 0, 1]").find("small.toml:4:33: 'problem.domain.x' must be two bounds"),
      std::string::npos);
}

TEST(config_errors, no_stage) {
  EXPECT_NE(message_of_override("training.stages=[]")
                .find("'training.stages' is empty; write [[training.stages]] once at "
                      "least, or leave the key away"),
            std::string::npos);
  EXPECT_NE(message_of_override("problem.equations=[]").find("'problem.equations' is empty"), std::string::npos);
}

TEST(config_errors, out_of_range) {
  EXPECT_EQ(message_of_change("burgers = 500", "burgers = 0"),
            "small.toml:17:22: 'sampling.points.burgers' is out of range: it must be 1 .. 1e+15 points\n"
            "   17 | points = { burgers = 0 }\n"
            "      |                      ^");
  for (const std::string key : {"beta1", "beta2", "shampoo_beta"})  // a mean that keeps all of itself never begins
    EXPECT_NE(message_of_override("training.stages.0." + key + "=1").find("it must be >= 0 and < 1"), std::string::npos);
  EXPECT_NE(message_of_override("training.stages.0.learning_rate=0").find("it must be > 0"), std::string::npos);
  EXPECT_NE(message_of_override("training.stop.loss=inf").find("must be a finite number"), std::string::npos);
  EXPECT_NE(message_of_override("training.stop.time=-3 s").find("it must be >= 0 s"), std::string::npos);
}

TEST(config_errors, too_many) {
  std::string constants, list = "'c0'";
  for (int k = 0; k < 1001; ++k) constants += (k ? ", c" : "c") + std::to_string(k) + " = 1";
  for (int k = 1; k < 1001; ++k) list += ", 'c" + std::to_string(k) + "'";
  EXPECT_NE(message_of_change("nu = \"0.01/pi\"", constants).find("'problem.constants' has 1001 entries; at most 1000"),
            std::string::npos);
  EXPECT_NE(message_of_change("\"x\"]", "\"x1..x500\", \"y1..y500\"]").find("'problem.coordinates' has 1001 entries"),
            std::string::npos);
  EXPECT_NE(message_of_change("\"x\"]", "\"x1..x1000000000\"]").find("a run of names"), std::string::npos);
  EXPECT_NE(message_of_change("residual = \"u_t + u*u_x - nu*u_xx\"", "residual = [" + list + "]").find("has 1001 entries"),
            std::string::npos);
  std::string terms;
  for (int k = 0; k < 1000; ++k) terms += "[[problem.equations]]\nresidual = 'u'\n";
  EXPECT_NE(message_of_change("[[problem.conditions]]", terms + "[[problem.conditions]]")
                .find("'problem.equations' has 1001 entries"),
            std::string::npos);
}

TEST(config_errors, whole_numbers_may_be_written_as_floats) {
  const Config config = small({"sampling.points.burgers=1e4", "network.hidden=[8.0, 1.6e1]", "training.seed=0.0"});
  EXPECT_EQ(config.sampling.points.at("burgers"), 10'000);
  EXPECT_EQ(config.network.hidden, (std::vector<std::int64_t>{8, 16}));
  EXPECT_NE(config.resolved.find("burgers = 10000"), std::string::npos);
  for (const char* assignment : {"training.seed=0.5", "training.seed=1e300", "training.seed=1e16", "training.seed=nan"})
    EXPECT_NE(message_of_override(assignment).find("'training.seed' must be a whole number >= 0, not a number"),
              std::string::npos)
        << assignment;
  EXPECT_NE(message_of_override("training.seed=-1e0").find("'training.seed' is out of range"), std::string::npos);
  EXPECT_NE(message_of_override("network.hidden=[8.5]").find("'network.hidden.0' must be a list of whole numbers"),
            std::string::npos);
}

TEST(config_errors, unknown_word) {
  EXPECT_EQ(
      message_of_override("network.activation=tan"),
      "--set network.activation: 'network.activation' must be one of tanh, sin, silu, gelu, softplus; did you mean 'tanh'?\n"
      "      | network.activation=tan\n"
      "      |                    ^~~");
}

TEST(config_errors, units) {
  EXPECT_NE(message_of_override("training.stop.time=5 weeks").find("must be a duration, as in \"10 min\" or seconds"),
            std::string::npos);
  EXPECT_NE(message_of_override("run.memory_limit=1 GX").find("must be an amount of memory, as in \"1 GiB\""),
            std::string::npos);
}

TEST(config_errors, missing_keys) {
  EXPECT_EQ(message_of_change("coordinates = [\"t\", \"x\"]\n", ""),
            "small.toml:1:1: the key 'problem.coordinates' is missing; it takes a list of text\n"
            "    1 | [problem]\n"
            "      | ^~~~~~~~~");
  EXPECT_NE(
      message_of_change("on       = \"t == 0\"\n", "").find("small.toml:10:1: the key 'problem.conditions.0.on' is missing"),
      std::string::npos);
  EXPECT_EQ(message_of([] { parse_config("name = 'x'\n", "a.toml", {}); }),
            "a.toml: the key 'problem.coordinates' is missing; it takes a list of text");
  EXPECT_NE(message_of_change(", x = [-1, 1]", "").find("says nothing about the coordinate 'x'; add x = [lower, upper]"),
            std::string::npos);
}

TEST(config_errors, not_toml) {
  EXPECT_NE(message_of_change("weight   = 10", "weight   = = 10").find("small.toml:14:12: not valid TOML"),
            std::string::npos);
  EXPECT_NE(message_of_change("weight   = 10", "weight   = 10\nweight = 11").find("small.toml:15:"), std::string::npos);
}

TEST(config_errors, other_encodings) {
  EXPECT_EQ(message_of([] { parse_config("# W\u00e4rme\nname = 'caf\xe9'\n", "a.toml", {}); }),
            "a.toml:2:12: the byte 0xE9 is not UTF-8 text; save the file as UTF-8\n"
            "    2 | name = 'caf\xe9'\n"
            "      |            ^");
  EXPECT_EQ(message_of([] { parse_config(std::string("\xff\xfen\0a\0", 6), "a.toml", {}); }),
            "a.toml: this file is UTF-16 text; save it as UTF-8");
}

TEST(config_errors, names_that_refer_to_nothing) {
  EXPECT_EQ(message_of_change("burgers = 500", "burger = 500"),
            "small.toml:17:12: 'burger' is not a term; did you mean 'burgers'?\n"
            "   17 | points = { burger = 500 }\n"
            "      |            ^~~~~~");
  EXPECT_NE(message_of_change("name     = \"initial\"", "name     = \"burgers\"")
                .find("small.toml:11:13: the term 'burgers' is declared twice, first in line 7"),
            std::string::npos);
  EXPECT_NE(message_of_override("problem.time=s").find("'s' is not a coordinate"), std::string::npos);
  EXPECT_NE(message_of_override("network.periodic=[\"y\"]").find("'y' is not a coordinate"), std::string::npos);
  EXPECT_NE(message_of_override("network.output.v=t*v").find("'v' is not a field; there is u"), std::string::npos);
  EXPECT_NE(message_of_override("reference.exact.w=0").find("'w' is not a field"), std::string::npos);
  EXPECT_NE(message_of_override("reference.free_constant=[\"p\"]").find("'p' is not a field"), std::string::npos);
  EXPECT_NE(message_of_override("problem.domain.y=[0, 1]").find("'y' is not a coordinate"), std::string::npos);
  EXPECT_NE(message_of_override("name=a/b").find("becomes a folder"), std::string::npos);
}

// Counted where vectors are known.
TEST(config_errors, weights_are_as_many_as_residuals) {
  const auto message = [](const std::string& assignment) {
    return message_of([&] { build_problem(small({assignment}).problem); });
  };
  EXPECT_EQ(message("problem.conditions.0.weight=[1, 2]"),
            "--set problem.conditions.0.weight: term 'initial' has 1 residual but 2 weights; give one, or one for each "
            "residual\n"
            "      | problem.conditions.0.weight=[1, 2]\n"
            "      |                             ^~~~~~");
}

TEST(config_errors, a_grid_is_never_another_grid) {
  const std::string message = message_of_change("[sampling]", "[sampling]\nmethod = 'grid'\nresample_every = 100");
  EXPECT_EQ(message.find("small.toml:18:18: a grid is the same grid whenever it is made, so resampling changes nothing"), 0u)
      << message;
  EXPECT_NO_THROW(small({"sampling.method=grid"}));
  EXPECT_NO_THROW(small({"sampling.resample_every=100"}));
}

TEST(config_errors, overrides) {
  EXPECT_EQ(message_of_override("nonsense"),
            "--set nonsense: expected path.to.key=value, for example training.stages.0.steps=100");
  EXPECT_NE(message_of_override("training.stages.4.steps=1").find("has 2 items, so the largest number here is 2"),
            std::string::npos);
  EXPECT_NE(message_of_override("training.stages.first.steps=1").find("is a list; name an item by its number"),
            std::string::npos);
  EXPECT_NE(message_of_override("training.seed.x=1").find("'training' has no"), 0u);
  EXPECT_NE(message_of_override("network..hidden=1").find("the path has an empty part"), std::string::npos);
  EXPECT_EQ(message_of_override("training.sed=1"),
            "--set training.sed: unknown key 'sed' in training; did you mean 'seed'?\n"
            "      | training.sed=1\n"
            "      |          ^~~");
  EXPECT_NE(message_of_override("name=12").find("text that reads as a number needs quotes of its own"), std::string::npos);
}

TEST(config_errors, monitors) {
  EXPECT_NE(
      message_of_override("monitors.0.name=drag").find("the monitor 'drag' has no expression; give it one of integral"),
      std::string::npos);
  EXPECT_NE(message_of_override("monitors.0={ mean = 'u', max = 'u' }").find("the monitor 'monitor_0' has two expressions"),
            std::string::npos);
  EXPECT_NE(message_of_override("monitors.0={ mean = 'u', name = 'a b' }").find("the name of a monitor is made of letters"),
            std::string::npos);
  EXPECT_NE(message_of_override("monitors.0={ mean = 'u', points = 0 }").find("it must be 1 .. 1e+09 points"),
            std::string::npos);
  EXPECT_EQ(message_of_change("[sampling]",
                              "[[monitors]]\nname = 'a'\nmax = 'u'\n[[monitors]]\nname = 'a'\nmin = 'u'\n[sampling]"),
            "small.toml:20:9: the monitor 'a' is declared twice\n"
            "   20 | name = 'a'\n"
            "      |         ^");
  const auto drag = [] { build_problem(small({"monitors.0={ integral = '-p + u_x', on = 'x == 1' }"}).problem); };
  EXPECT_NE(message_of(drag).find("'p'"), std::string::npos) << message_of(drag);
}

TEST(config_errors, trained_numbers) {
  EXPECT_EQ(message_of_change("constants   = {", "trainable = { k = { min = 1 } }\nconstants   = {"),
            "small.toml:3:15: the key 'problem.trainable.k.start' is missing; it takes an expression or a number\n"
            "    3 | trainable = { k = { min = 1 } }\n"
            "      |               ^");
  EXPECT_NE(message_of_override("problem.trainable.k={ start = 1, mn = 0 }").find("unknown key 'mn'"), std::string::npos);
  EXPECT_NE(message_of_override("problem.trainable.k={ start = 1, learning_rate = 0 }").find("it must be > 0"),
            std::string::npos);
  EXPECT_NE(message_of_override("problem.trainable.k=true").find("'problem.trainable.k.start' must be an expression"),
            std::string::npos);
  const Config clash =
      parse_config(replaced(small_config, "constants   = {", "trainable = { nu = 1 }\nconstants   = {"), "small.toml", {});
  EXPECT_EQ(message_of([&] { build_problem(clash.problem); }).find("small.toml:3:15: the name 'nu' is declared twice"), 0u)
      << message_of([&] { build_problem(clash.problem); });
}

const char* const measured = "on       = \"t == 0\"\nresidual = \"u + sin(pi*x)\"\nweight   = 10\n";

TEST(config_errors, points_of_a_table) {
  const auto refused = [](const std::string& lines, const std::string& words) {
    const std::string message = message_of_change(measured, lines + "residual = 'u'\n");
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  refused("points = 'a.h5'\non = 't == 0'\n", "small.toml:12:11: a condition has its points `on` a set or from a table");
  refused("", "the key 'problem.conditions.0.on' is missing; it takes text, or `points` names a table");
  refused("points = ''\n", "'problem.conditions.0.on' is missing");
  refused("on = 't == 0'\nsigma = 0.1\n", "sigma belongs to a table, and this condition has no `points`");
  refused("on = 't == 0'\nholdout = 0.1\n", "holdout keeps rows of a table, and this condition has no `points`");
  refused("points = 'a.h5'\nholdout_by = 'tool'\n",
          "small.toml:13:15: holdout_by says which rows are held out together, and holdout is 0; give a share too");
  refused("on = 't == 0'\nholdout_by = 'tool'\n", "holdout_by says which rows are held out together, and holdout is 0");
  refused("points = 'a.h5'\nholdout = 0.1\nholdout_by = 3\n", "'problem.conditions.0.holdout_by' must be text");
  refused("points = 'a.h5'\nholdout = 0.95\n", "'problem.conditions.0.holdout' is out of range");
  refused("points = 'a.h5'\nholdout = -0.1\n", "'problem.conditions.0.holdout' is out of range");
  refused("points = 3\n", "'problem.conditions.0.points' must be the path of a file");
  refused("on = 't == 0'\nstream = true\n", "stream = true reads the rows of a table, and this term has no `points`");
  refused("points = 'a.csv'\nstream = true\n", "stream = true reads an HDF5 file, and ");
  refused("points = 'a.h5'\nstream = true\nholdout = 0.1\n", "stream = true trains on all rows of its table, and holdout");
  refused("points = 'a.h5'\nstream = true\nreduction = 'square_of_mean'\n", "stream = true takes some rows in a step");
  const std::string table = replaced(small_config, measured, "points = 'a.h5'\nresidual = 'u - data.u'\n");
  const Config two_sigmas = parse_config(table, "small.toml", {"problem.conditions.0.sigma=[1, 2]"});
  EXPECT_NE(message_of([&] {
              build_problem(two_sigmas.problem);
            }).find("term 'initial' has 1 residual but 2 values of sigma; give one, or one for each residual"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              parse_config(table, "small.toml", {"sampling.points.initial=10"});
            }).find("the points of 'initial' are the rows of its table"),
            std::string::npos);
}

TEST(config_errors, causal) {
  const auto refused = [](const std::vector<std::string>& sets, const std::string& words) {
    const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  const std::string causal = "problem.equations.0.causal.", on = causal + "coordinate=t";
  refused({causal + "coordinate=time"}, "'time' is not a coordinate");
  refused({causal + "chunks=8"}, "causal weights need the coordinate");
  refused({on, causal + "chunks=0"}, "'problem.equations.0.causal.chunks' is out of range");
  refused({on, causal + "tolerance=0"}, "'problem.equations.0.causal.tolerance' is out of range: it must be > 0");
  refused({on, causal + "tolerance=-1"}, "out of range");
  refused({on, causal + "tolerances=[1, 0.1]"}, "must rise");
  refused({on, causal + "tolerances=[]"}, "is empty");
  refused({on, causal + "tolerances=[1, 2]", causal + "tolerance=1"}, "keep one of them");
  refused({on, causal + "every=0"}, "out of range");
  refused({"problem.conditions.0.causal.coordinate=t"}, "it is a key of problem.equations");
  EXPECT_EQ(small({"problem.equations.0.causal=t"}).resolved, small({on}).resolved);
  const Config config = small({on, causal + "chunks=8"});
  EXPECT_EQ(config.problem.terms[0].causal.coordinate->text, "t");
  EXPECT_EQ(config.problem.terms[0].causal.options.chunks, 8);
  EXPECT_EQ(parse_config(config.resolved, "config.toml", {}).resolved, config.resolved);
}

// Keys of the design that are not built yet: silent at their default, refused otherwise.
TEST(config_errors, not_available_yet) {
  for (const char* assignment : {"sampling.adaptive={}", "training.balance={}", "problem.conditions.0.holdout=0", "gate={}"})
    EXPECT_EQ(small({assignment}).resolved, small().resolved) << assignment;
  for (const char* assignment : {"problem.initial.u=0", "training.stages.0.precision=fp16", "training.precision=tf32"}) {
    const std::string message = message_of_override(assignment);
    EXPECT_NE(message.find("not available yet"), std::string::npos) << assignment << ": " << message;
  }
}

}  // namespace
}  // namespace jetpinn
