// Which runs a sweep consists of: every combination of the values that keys of the config are given.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace jetpinn {

struct SweepOptions {
  std::string config;                  // path of the TOML file
  std::vector<std::string> sets;       // --set, with several values or one
  int ranks = 1;                       // of each run
  int at_once = 0;                     // runs side by side; 0: as many as the cores hold, with Slurm as many as it starts
  bool slurm = false, wait = true;     // submit a job array; wait for it
  std::vector<std::string> sbatch;     // further options of sbatch
  std::string device = "auto";         // of its runs
  std::string output;                  // folder of the study; empty: studies/<name>-sweep
  bool force = false, quiet = false, dry_run = false;
};

struct SweepAxis {
  std::string key;
  std::vector<std::string> values;     // as they were written
};

struct SweepPlan {
  std::vector<std::string> fixed;      // assignments with one value: of all runs
  std::vector<SweepAxis> axes;         // with several, in the order given
};

struct SweepRun {
  std::vector<std::string> values;     // [axes]
  std::string name;                    // of its folder: "hidden-64-64_seed-0"
  std::size_t setting = 0;             // runs that differ in training.seed alone are of one setting
};

inline constexpr std::size_t most_sweep_runs = 1000;

// The values of "[32,32],[64,64]": divided at commas outside brackets and quotes.
std::vector<std::string> split_values(const std::string& text);

// Throws Error (usage): a key twice, no value, a value twice, no key with several values, more runs than most_sweep_runs.
SweepPlan plan_sweep(const std::vector<std::string>& sets);

bool is_seed(const SweepAxis& axis);

// The last axis changes fastest, the seed before all others.
std::vector<SweepRun> sweep_runs(const std::vector<SweepAxis>& axes);

// "key=value" of each axis.
std::vector<std::string> assignments(const std::vector<SweepAxis>& axes, const SweepRun& run);

}  // namespace jetpinn
