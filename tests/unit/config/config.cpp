#include "jetpinn/config/config.hpp"

#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

TEST(config, fills_structs_from_keys_and_defaults) {
  const Config config = small();
  EXPECT_EQ(config.name, "small");
  EXPECT_EQ(config.problem.coordinates, (std::vector<std::string>{"t", "x"}));
  EXPECT_EQ(config.problem.time, "t");
  EXPECT_EQ(config.problem.fields, std::vector<std::string>{"u"});
  EXPECT_EQ(config.problem.constants.at("nu").text, "0.01/pi");
  EXPECT_EQ(config.problem.domain.at("x")[0].text, "-1");
  ASSERT_EQ(config.problem.terms.size(), 2u);
  EXPECT_TRUE(config.problem.terms[0].equation);
  EXPECT_FALSE(config.problem.terms[1].equation);
  EXPECT_EQ(config.problem.terms[1].on->text, "t == 0");
  EXPECT_EQ(config.problem.terms[1].weight[0].text, "10");
  EXPECT_EQ(config.sampling.points, (std::map<std::string, std::int64_t>{{"burgers", 500}, {"initial", 100}}));
  ASSERT_EQ(config.training.stages.size(), 2u);
  EXPECT_EQ(config.training.stages[1].optimizer.kind, "lbfgs");
  EXPECT_EQ(config.training.stages[1].steps, 30);
}

TEST(config, knows_where_texts_were_written) {
  const Config config = small();
  const SourceText& residual = config.problem.terms[0].residuals[0];
  EXPECT_EQ(residual.line, 8);
  EXPECT_EQ(residual.column, 13);
  EXPECT_EQ(residual.key, "problem.equations.0.residual");
  EXPECT_EQ(config.problem.name_places.at("nu").line, 3);
}

TEST(config, overrides_any_key) {
  const Config config =
      small({"training.stages.0.steps=7", "training.stages.2.steps=9", "problem.constants.nu=0.1", "problem.constants.mu=2",
             "training.stop.time=10 min", "network.hidden=[8, 8]", "problem.equations.0.residual=u_t", "training.seed=3",
             "training.seed=4", "training.stages.1.learning_rate=0.5", "training.stages.0.learning_rate.schedule=cosine"});
  EXPECT_EQ(config.training.stages[0].steps, 7);
  ASSERT_EQ(config.training.stages.size(), 3u);
  EXPECT_EQ(config.training.stages[2].steps, 9);
  EXPECT_EQ(config.problem.constants.at("nu").text, "0.1");
  EXPECT_EQ(config.problem.constants.at("mu").text, "2");
  EXPECT_EQ(config.training.stop.time_s, 600);
  EXPECT_EQ(config.network.hidden, (std::vector<std::int64_t>{8, 8}));
  EXPECT_EQ(config.problem.terms[0].residuals[0].text, "u_t");
  EXPECT_EQ(config.problem.terms[0].residuals[0].line, 0);
  EXPECT_EQ(config.training.seed, 4u);  // the last one wins
  EXPECT_EQ(config.training.stages[1].optimizer.learning_rate.start, 0.5);
  EXPECT_EQ(config.training.stages[0].optimizer.learning_rate.kind, "cosine");
}

TEST(config, a_table_that_is_large_for_the_job_is_streamed) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.file("a.h5")) << std::string(60000, ' ');
  std::ofstream(folder.file("a.csv")) << std::string(60000, ' ');
  const auto streams = [&](const std::string& lines, std::vector<std::string> sets) {
    const std::string text = replaced(small_config, "on       = \"t == 0\"\nresidual = \"u + sin(pi*x)\"\nweight   = 10\n",
                                      lines + "residual = 'u'\n");
    return parse_config(text, folder.file("small.toml"), std::move(sets)).problem.terms[1].stream;
  };
  EXPECT_TRUE(streams("points = 'a.h5'\n", {"run.memory_limit=100 KiB"}));
  EXPECT_FALSE(streams("points = 'a.h5'\nstream = false\n", {"run.memory_limit=100 KiB"}));
  EXPECT_FALSE(streams("points = 'a.h5'\n", {"run.memory_limit=130 KiB"}));
  EXPECT_FALSE(streams("points = 'a.h5'\n", {}));
  EXPECT_FALSE(streams("points = 'a.csv'\n", {"run.memory_limit=100 KiB"}));
  EXPECT_FALSE(streams("points = 'a.h5'\nholdout = 0.1\n", {"run.memory_limit=100 KiB"}));
  EXPECT_FALSE(streams("points = 'a.h5'\n", {"run.memory_limit=100 KiB", "training.balance.method=rba"}));
}

TEST(config, trained_numbers_are_numbers_or_tables) {
  const Config config =
      small({"problem.trainable.k=0.1", "problem.trainable.q={ start = '2*nu', min = 0, learning_rate = 1e-3 }"});
  ASSERT_EQ(config.problem.trained.size(), 2u);
  const TrainedText &k = config.problem.trained.at("k"), &q = config.problem.trained.at("q");
  EXPECT_EQ(k.start.text, "0.1");
  EXPECT_FALSE(k.lower || k.upper);
  EXPECT_EQ(k.learning_rate, 0);
  EXPECT_EQ(q.start.text, "2*nu");
  EXPECT_EQ(q.lower.value().text, "0");
  EXPECT_FALSE(q.upper);
  EXPECT_EQ(q.learning_rate, 1e-3);
  EXPECT_EQ(parse_config(config.resolved, "config.toml", {}).resolved, config.resolved);
  // By value, in any order; another start, bound or rate is another run.
  EXPECT_TRUE(matters(config, small({"problem.trainable.q={ min = 0.0, learning_rate = 0.001, start = '0.02/pi' }",
                                     "problem.trainable.k.start=1e-1"}))
                  .empty());
  EXPECT_EQ(matters(config, small({"problem.trainable.k=0.2", "problem.trainable.q={ start = '2*nu', max = 1 }"})).size(),
            4u);
}

TEST(config, overrides_make_tables_and_lists) {
  const std::string text = "[problem]\ncoordinates = [\"x\"]\ndomain = { x = [0, 1] }\n";
  const Config config = parse_config(
      text, "a.toml", {"problem.equations.0.residual=u_xx", "reference.exact.u=x", "training.stages.0.steps=3"});
  EXPECT_EQ(config.problem.terms[0].name, "equation_0");
  EXPECT_EQ(config.problem.reference.exact.at("u").text, "x");
  EXPECT_EQ(config.training.stages[0].steps, 3);
  EXPECT_EQ(config.problem.time, "");
}

TEST(config, writes_out_runs_of_names) {
  const std::string text =
      "[problem]\ncoordinates = [\"t\", \"x1..x3\"]\ndomain = { t = [0, 2], \"x1..x3\" = [0, 1] }\n"
      "[[problem.equations]]\nresidual = \"u\"\n[network]\nperiodic = [\"x2..x3\"]\n";
  const Config config = parse_config(text, "a.toml", {});
  EXPECT_EQ(config.problem.coordinates, (std::vector<std::string>{"t", "x1", "x2", "x3"}));
  EXPECT_EQ(config.problem.domain.at("x3")[1].text, "1");
  EXPECT_EQ(config.network.periodic, (std::vector<std::string>{"x2", "x3"}));
}

TEST(config, resolved_text_is_complete_and_reads_back_the_same) {
  const std::string lines =
      replaced(small_config, "\"u_t + u*u_x - nu*u_xx\"", "[\"\"\"\nu_t\n + u*u_x \\\" \"\"\", 'u_x']");
  for (const std::string& text : {small_config, lines}) {
    const Config config =
        parse_config(text, "small.toml", {"network.hidden=[8]", "reference.file=a/../b.h5", "training.stop.loss=1e-9"});
    const Config again = parse_config(config.resolved, "elsewhere/config.toml", {});
    EXPECT_EQ(again.resolved, config.resolved);
    EXPECT_EQ(again.problem.terms[0].residuals[0].text, config.problem.terms[0].residuals[0].text);
    EXPECT_EQ(again.name, "small");  // not the stem of the new file
    EXPECT_EQ(again.problem.reference.file, (std::filesystem::current_path() / "b.h5").string());
    EXPECT_EQ(again.training.stop.loss, 1e-9);
    for (const char* key : {"beta2", "checkpoint", "memory_limit", "reproducibility", "activation", "history"})
      EXPECT_NE(config.resolved.find(key), std::string::npos) << key;
  }
}

TEST(config, material_differences_make_another_run) {
  const auto differences = [](const std::vector<std::string>& overrides) { return matters(small(), small(overrides)); };
  EXPECT_TRUE(differences({}).empty());
  EXPECT_EQ(differences({"training.seed=1"}), std::vector<std::string>{"training.seed: 0 -> 1"});
  EXPECT_EQ(differences({"problem.constants.mu=2"}), std::vector<std::string>{"problem.constants.mu: none -> 2"});
  EXPECT_EQ(differences({"training.stages.0.steps=21"}), std::vector<std::string>{"training.stages.0.steps: 20 -> 21"});
  EXPECT_EQ(differences({"sampling.points.initial=7", "network.hidden=[9]"}).size(), 2u);
  // What only says how long, how often or where is harmless.
  EXPECT_TRUE(differences({"training.stages.1.steps=40"}).empty());
  EXPECT_TRUE(differences({"training.stages.2.steps=40"}).empty());
  EXPECT_TRUE(
      differences({"name=other", "output.log_every=5", "run.deadline=1 h", "training.stop.time=5", "reference.exact.u=x"})
          .empty());
  // Another order of sums is another run, but not where sums are exact.
  EXPECT_EQ(differences({"run.gradient_sync=early"}), std::vector<std::string>{"run.gradient_sync: \"plain\" -> \"early\""});
  const std::string exact = "training.reproducibility=ranks";
  EXPECT_TRUE(matters(small({exact}), small({exact, "run.gradient_sync=hierarchical"})).empty());
  EXPECT_EQ(differences({exact, "run.gradient_sync=hierarchical"}).size(), 2u);
  EXPECT_FALSE(matters(small({"training.stages.2.steps=4"}), small()).empty());  // a stage less
}

TEST(config, values_are_compared_not_their_spelling) {
  const auto differences = [](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return matters(small(a), small(b));
  };
  const auto same = [&](const std::string& key, const std::string& a, const std::string& b) {
    EXPECT_EQ(differences({key + "=" + a}, {key + "=" + b}), std::vector<std::string>{}) << key << ": " << a << ", " << b;
  };
  same("problem.constants.nu", "40.0", "40");
  same("problem.constants.nu", "1e-3", "0.001");
  same("problem.constants.nu", "\"1e-3\"", "0.001");
  same("problem.constants.nu", "0.5", "\"1/2\"");
  same("problem.domain.t", "[0, 1]", "[0.0, \"2/2\"]");
  same("problem.conditions.0.weight", "10", "10.0");
  same("problem.conditions.0.weight", "[10]", "[\"1e1\"]");
  same("training.stages.0.learning_rate", "1e-3", "0.001");
  same("training.stages.0.steps", "20", "2e1");
  // Constants have their own run's values.
  EXPECT_EQ(differences({"problem.constants.a=2", "problem.constants.nu=\"a/4\""},
                        {"problem.constants.a=4", "problem.constants.nu=\"a/8\""}),
            std::vector<std::string>{"problem.constants.a: 2 -> 4"});
  EXPECT_EQ(differences({"problem.constants.nu=40"}, {"problem.constants.nu=40.000001"}).size(), 1u);
  EXPECT_EQ(differences({"problem.constants.nu=nonsense"}, {"problem.constants.nu=1"}).size(), 1u);
  EXPECT_EQ(differences({"training.seed=9007199254740992"}, {"training.seed=9007199254740993"}).size(), 1u);
  EXPECT_EQ(differences({"problem.conditions.0.weight=[10]"}, {"problem.conditions.0.weight=11"}).size(), 1u);
  EXPECT_EQ(differences({"problem.equations.0.residual=u_t"}, {"problem.equations.0.residual=u_x"}).size(), 1u);
}

TEST(config, an_endless_file_is_not_read_to_its_end) {
  EXPECT_NE(message_of([] { read_config_file("/dev/zero"); }).find("larger than 1 MiB"), std::string::npos);
}

// Reading the memory of a process at its begin is an error of input and output, and no empty config.
TEST(config, a_file_that_cannot_be_read_is_not_empty) {
  EXPECT_NE(message_of([] { read_config_file("/proc/self/mem"); })
                .find("cannot read the config '/proc/self/mem': Input/output error; check the disk"),
            std::string::npos);
  EXPECT_NE(message_of([] { read_config_file("/proc"); }).find("'/proc': it is a folder; name a TOML file"),
            std::string::npos);
}

TEST(config, stages_have_weights_of_their_own) {
  const Config config = small({"training.stages.1.weights.initial=1 + t", "training.stages.1.weights.burgers=[2]"});
  ASSERT_EQ(config.problem.stage_weights.size(), 2u);
  EXPECT_TRUE(config.problem.stage_weights[0].empty());
  EXPECT_EQ(config.problem.stage_weights[1].at("initial").list[0].text, "1 + t");
  EXPECT_EQ(changes_text(config.training.stages[1]), "weights burgers [2], initial 1 + t");
  EXPECT_EQ(matters(config, small({"training.stages.1.weights.initial=1 + t"})),
            std::vector<std::string>{"training.stages.1.weights.burgers: [2] -> none"});
}

TEST(config, stages_have_sampling_of_their_own) {
  const std::string stage = "training.stages.1.sampling.";
  const Config config = small({stage + "points.initial=7", stage + "method=lhs", stage + "resample_every=3"});
  ASSERT_EQ(config.sampling.stages.size(), 2u);
  EXPECT_EQ(choice_of(config.sampling, 0), static_cast<const PointChoice&>(config.sampling));
  EXPECT_EQ(choice_of(config.sampling, 1).points, (PointCounts{{"burgers", 500}, {"initial", 7}}));
  EXPECT_EQ(choice_of(config.sampling, 1).method, SamplingMethod::lhs);
  EXPECT_EQ(choice_of(config.sampling, 1).resample_every, 3);
}

}  // namespace
}  // namespace jetpinn
