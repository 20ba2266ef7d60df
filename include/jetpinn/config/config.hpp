// One TOML file plus --set overrides to option structs, by one schema table.
#pragma once

#include "jetpinn/classify/classify_options.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampling_options.hpp"
#include "jetpinn/train/options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// What a config asks for. Each has a schema of its own.
enum class ConfigTask {
  problem,  // jetpinn train: a network that solves a problem
  images    // jetpinn classify: a model that classifies images
};

struct Config {
  ConfigTask task = ConfigTask::problem;
  ClassifyOptions images;  // of a classification, as training, output and run are, whose one stage has no steps yet
  std::string name;
  std::string path;  // of the file
  ProblemText problem;
  NetworkOptions network;
  SamplingOptions sampling;
  TrainingOptions training;
  OutputOptions output;
  RunOptions run;
  std::string resolved;  // TOML with every key, overrides applied and paths absolute: what a run folder keeps
};

// What the text of a config asks for: images where it has [dataset] and no [problem]. Throws Error (usage) where it is no
// TOML.
ConfigTask task_of(const std::string& text, const std::string& path);

// The text of a config file. Throws Error (usage).
std::string read_config_file(const std::string& path);
// overrides: "path.to.key=value" in order. Throws Error (usage) naming file, line, column, the key and the nearest valid
// name.
Config load_config(const std::string& path, const std::vector<std::string>& overrides);
// The same from text; `path` serves messages and relative paths. Rank 0 reads, everybody parses.
Config parse_config(const std::string& text, const std::string& path, const std::vector<std::string>& overrides,
                    ConfigTask task = ConfigTask::problem);

// Puts the scales of a problem, by their names, into the place of problem.scales in the config and its resolved text: what
// "auto" chose is chosen once, and whoever reads the run folder has the same. Empty: there are none, and nothing changes.
void record_scales(Config& config, const std::vector<std::pair<std::string, double>>& scales);

// Differences that make a run another run ("training.seed: 0 -> 1"); empty: resumable. Harmless keys (more steps, intervals,
// stops) are left out.
std::vector<std::string> matters(const Config& old_config, const Config& new_config);

// Reference of every key: name, type, default, unit, one line. For --help and docs.
std::string describe_keys(ConfigTask task = ConfigTask::problem);

}  // namespace jetpinn
