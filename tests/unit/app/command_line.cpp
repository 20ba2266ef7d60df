#include "jetpinn/app/command_line.hpp"

#include "jetpinn/app/leave.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/json_schema.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "jetpinn");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string message_of(const std::vector<const char*>& words) {
  try {
    parse(words);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(command_line, common_options) {
  const CommandLine line =
      parse({"train", "a.toml", "--set", "training.stages.0.steps=1", "--seed", "7", "--set=network.hidden=[8, 8]",
             "--output", "out", "--max-time", "2 min", "--force", "--quiet"});
  EXPECT_EQ(line.command, "train");
  EXPECT_EQ(line.subject, "a.toml");
  EXPECT_EQ(line.sets, (std::vector<std::string>{"training.stages.0.steps=1", "network.hidden=[8, 8]", "training.seed=7"}));
  EXPECT_EQ(line.output, "out");
  EXPECT_EQ(line.max_time_s, 120);
  EXPECT_TRUE(line.force && line.quiet);
  EXPECT_EQ(line.device, "auto");
}

TEST(command_line, other_commands) {
  const CommandLine predict = parse({"predict", "runs/a", "--grid", "t=0:1:3", "--quantities", "u, u_x", "--file", "p.h5"});
  EXPECT_EQ(predict.grid, "t=0:1:3");
  EXPECT_EQ(predict.quantities, "u, u_x");
  EXPECT_EQ(predict.file, "p.h5");
  EXPECT_TRUE(parse({"check", "a.toml", "--dump-config"}).dump_config);
  const CommandLine bench = parse({"bench", "step", "a.toml", "--json", "b.json"});
  EXPECT_EQ(bench.benchmark, "step");
  EXPECT_EQ(bench.json, "b.json");
}

TEST(command_line, what_a_command_writes_and_where_it_computes) {
  EXPECT_EQ(message_of({"train", "a.toml", "--file", "a.h5"}),
            "--file names a file, and train writes a folder; name it with --output DIR");
  EXPECT_EQ(message_of({"sweep", "a.toml", "--device", "cude"}),
            "device 'cude' is unknown; choose auto, cpu, cuda or emulated");
  EXPECT_FALSE(parse({"ablate", "1k", "--no-mixed"}).ablate.mixed);
}

TEST(command_line, how_long_smaller_networks_are_timed) {
  EXPECT_LT(parse({"prune", "runs/a", "--target", "0.5"}).bench_seconds, 0);  // the report's own time
  EXPECT_EQ(parse({"prune", "runs/a", "--target", "0.5", "--seconds", "0.1"}).bench_seconds, 0.1);
  EXPECT_EQ(parse({"sparsify", "--import", "b.h5", "--seconds", "0"}).bench_seconds, 0);
  EXPECT_NE(message_of({"sparsify", "runs/a", "--seconds", "nan"}).find("--seconds"), std::string::npos);
}

TEST(command_line, scale_options) {
  const CommandLine line = parse({"scale", "weak", "a.toml", "--ranks", "4,1,2", "--points", "10k,1e5", "--until",
                                  "error=1e-3", "--slurm", "--no-wait", "--sbatch=--mem=1G"});
  EXPECT_EQ(line.scale.kind, ScaleKind::weak);
  EXPECT_EQ(line.scale.ranks, (std::vector<int>{1, 2, 4}));
  EXPECT_EQ(line.scale.points, (std::vector<std::int64_t>{10000, 100000}));
  EXPECT_EQ(line.scale.until_error, 1e-3);
  EXPECT_TRUE(line.scale.slurm && !line.scale.wait);
  EXPECT_EQ(line.scale.sbatch, (std::vector<std::string>{"--mem=1G"}));
  EXPECT_NE(
      message_of({"scale", "string", "a.toml", "--ranks", "1"}).find("unknown scaling study 'string'; there is strong"),
      std::string::npos);
  EXPECT_NE(message_of({"scale", "strong", "a.toml", "--ranks", "1,x"}).find("--ranks wants whole numbers"),
            std::string::npos);
}

// NaN lies neither below nor above a range.
TEST(command_line, numbers_are_finite) {
  for (const char* value : {"nan", "-nan", "inf", "-inf", "1e999", "-1", "fast"}) {
    for (const char* option : {"--rate", "--elastic", "--allowed"})
      EXPECT_NE(message_of({"adapt", "runs/a", "--data", "-", option, value}).find(option), std::string::npos) << value;
    message_of({"evaluate", "runs/a", "--physics", "--against", "runs/b", "--allowed", value});
    message_of({"bench", "io", "--seconds", value});
    message_of({"bench", "io", "--sizes", value});
    EXPECT_NE(message_of({"prune", "runs/a", "--target", "0.5", "--learning-rate", value})
                  .find("--learning-rate: '" + std::string(value) + "' is no finite number above 0"),
              std::string::npos)
        << value;
  }
  EXPECT_EQ(parse({"adapt", "runs/a", "--data", "-", "--rate", "1e-3"}).adapt.rate, 1e-3);
  EXPECT_NE(
      message_of({"adapt", "runs/a", "--data", "-", "--rate", "nan"}).find("'nan' is no finite number from 0 to 1e+06"),
      std::string::npos);
}

TEST(command_line, answers_help_and_version) {
  EXPECT_NE(parse({"--version"}).answer.find("LibTorch"), std::string::npos);
  for (const char* command : {"train", "evaluate", "predict", "check", "bench", "profile"})
    EXPECT_NE(parse({command, "--version"}).answer.find("LibTorch"), std::string::npos) << command;
  EXPECT_NE(parse({"--help"}).answer.find("evaluate"), std::string::npos);
  EXPECT_NE(parse({"train", "--help"}).answer.find("default [32, 32, 32, 32]"), std::string::npos);
}

TEST(command_line, profile) {
  const CommandLine line = parse({"profile", "runs/a", "--compare", "runs/b", "--trace", "t.json", "--prometheus", "p.prom",
                                  "--json", "s.json", "--continuation", "2"});
  EXPECT_EQ(line.subject, "runs/a");
  EXPECT_EQ(line.compare, "runs/b");
  EXPECT_EQ(line.trace, "t.json");
  EXPECT_EQ(line.prometheus, "p.prom");
  EXPECT_EQ(line.json, "s.json");
  EXPECT_EQ(line.continuation, 2);
  EXPECT_NE(message_of({"profile", "runs/a", "--continuation", "-1"}).find("--continuation"), std::string::npos);
}

TEST(command_line, a_schema_needs_no_config) {
  EXPECT_EQ(parse({"check", "--schema"}).answer, json_schema());
  EXPECT_TRUE(parse({"check", "a.toml"}).answer.empty());
  EXPECT_EQ(message_of({"check"}), "CONFIG is required (see jetpinn check --help)");
}

TEST(command_line, parameters_are_held_at_values) {
  for (const char* command : {"evaluate", "predict"}) EXPECT_EQ(parse({command, "runs/a", "--at", "Re=20"}).at, "Re=20");
}

TEST(command_line, sample_makes_data_or_takes_a_config) {
  const CommandLine data = parse({"sample", "machining", "--file", "a.h5", "--count", "2k", "--seed", "7"});
  EXPECT_EQ(data.count, 2000);
  EXPECT_EQ(data.sample_seed, 7u);
  EXPECT_TRUE(data.sets.empty());
  EXPECT_EQ(parse({"sample", "machining", "--file", "a.h5"}).count, 100000);
  const CommandLine config = parse({"sample", "a.toml", "--file", "a.h5", "--seed", "7", "--term", "walls"});
  EXPECT_EQ(config.sets, (std::vector<std::string>{"training.seed=7"}));
  EXPECT_EQ(config.term, "walls");
}

TEST(command_line, sample_says_what_cannot_be) {
  EXPECT_EQ(message_of({"sample", "machning", "--file", "a.h5"}),
            "there is no config 'machning', and no data of this name; did you mean 'machining'?");
  EXPECT_EQ(message_of({"sample", "wieghts", "--file", "a.h5"}),
            "there is no config 'wieghts', and no data of this name; did you mean 'weights'?");
  const auto of_import = [](const char* option, const char* value) {
    return message_of({"sample", "weights", "--import", "list.csv", "--file", "a.h5", option, value});
  };
  for (const char* option : {"--count", "--layers", "--rank", "--seed"})
    EXPECT_NE(of_import(option, "4").find("leave them away with --import"), std::string::npos) << option;
  EXPECT_EQ(message_of({"sample", "machining"}), "sample writes one file; name it, as in --file F.h5");
  const auto of_data = [](const std::string& option, const std::string& value) {
    return message_of({"sample", "machining", "--file", "a.h5", option.c_str(), value.c_str()});
  };
  EXPECT_EQ(of_data("--count", "few"), "--count wants a whole number of at least 1, as in 1000, 10k or 1e5; not 'few'");
  EXPECT_EQ(of_data("--count", "1,2"), "--count wants a whole number of at least 1, as in 1000, 10k or 1e5; not '1,2'");
  EXPECT_EQ(of_data("--seed", "-1"), "--seed must be a whole number >= 0, not '-1'");
  EXPECT_NE(of_data("--term", "a").find("--term names a term of a config"), std::string::npos);
  EXPECT_NE(of_data("--set", "a=1").find("--set changes a key of a config"), std::string::npos);
  EXPECT_NE(of_data("--output", "a").find("--output names a folder"), std::string::npos);
  EXPECT_NE(message_of({"sample", "a.toml", "--file", "a.h5", "--count", "9"}).find("counted by sampling.points"),
            std::string::npos);
}

TEST(command_line, errors) {
  EXPECT_EQ(message_of({"trian", "a.toml"}), "unknown command 'trian'; did you mean 'train'?");
  EXPECT_EQ(message_of({"train"}), "CONFIG is required (see jetpinn train --help)");
  EXPECT_NE(message_of({"train", "a.toml", "--bogus"}).find("--bogus"), std::string::npos);
  EXPECT_NE(message_of({}).find("no command given"), std::string::npos);
  EXPECT_NE(message_of({"train", "a.toml", "--resume", "maybe"}).find("unknown --resume 'maybe'"), std::string::npos);
  EXPECT_NE(message_of({"train", "a.toml", "--max-time", "soon"}).find("must be a duration"), std::string::npos);
  EXPECT_NE(message_of({"sparsify"}).find("either RUN or --import FILE"), std::string::npos);
  EXPECT_NE(message_of({"sparsify", "a", "--import", "b.h5"}).find("either RUN or --import FILE"), std::string::npos);
  EXPECT_NE(message_of({"sparsify", "--import", "b.h5", "--target", "0.5"}).find("--target prunes a RUN"),
            std::string::npos);
  EXPECT_NE(message_of({"sparsify", "--import", "b.h5", "--rewind", "5"}).find("--rewind prunes a RUN"), std::string::npos);
  EXPECT_NE(message_of({"sparsify", "a", "--rates-only"}).find("say where to"), std::string::npos);
  EXPECT_NE(
      message_of({"sparsify", "a", "--rates-only", "--rewind", "5", "--epochs", "2"}).find("leave --steps and --epochs"),
      std::string::npos);
  EXPECT_NE(
      message_of({"sparsify", "--import", "b.h5", "--device", "emulated"}).find("--device says where a RUN is trained"),
      std::string::npos);
  EXPECT_EQ(parse({"sparsify", "--import", "b.h5", "--device", "cpu"}).import, "b.h5");
  EXPECT_EQ(message_of({"bench", "stepp", "a.toml"}), "unknown benchmark 'stepp'; did you mean 'step'?");
  EXPECT_EQ(message_of({"bench", "targets", "a.toml"}),
            "bench targets takes no config, but 'a.toml' was given; leave it away");
  EXPECT_EQ(message_of({"bench", "step"}), "bench step needs a CONFIG (see jetpinn bench --help)");
}

TEST(leave, describes_failures_in_one_line) {
  const auto outcome = [](auto error) { return describe_failure(std::make_exception_ptr(error)); };
  EXPECT_EQ(outcome(Error(Status::storage, "disk full")).status, 5);
  EXPECT_EQ(outcome(Error(Status::storage, "disk full")).message, "disk full");
  EXPECT_EQ(outcome(FailedElsewhere(Status::usage, 1)).message, "");
  EXPECT_EQ(outcome(FailedElsewhere(Status::usage, 1)).status, 2);
  EXPECT_EQ(outcome(std::runtime_error("bad\nException raised from here\nframe #0")).message, "unexpected failure: bad");
  EXPECT_EQ(outcome(std::bad_alloc()).status, 2);
}

}  // namespace
}  // namespace jetpinn
