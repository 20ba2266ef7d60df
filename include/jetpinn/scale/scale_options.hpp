// What a scaling study is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

enum class ScaleKind { strong, weak, memory };
const char* to_string(ScaleKind kind);
ScaleKind scale_kind(const std::string& name);   // throws Error (usage)

struct ScaleOptions {
  ScaleKind kind = ScaleKind::strong;
  std::string config;                  // path of the TOML file
  std::vector<std::string> sets;       // --set
  std::vector<int> ranks;              // ascending, each once
  std::vector<std::int64_t> points;    // of all terms: strong and memory over all ranks, weak on
                                       // each rank; empty: as in the config
  std::int64_t steps = 200;            // Adam steps of a measurement
  int repeats = 3;
  double until_error = 0;              // > 0: whole trainings up to this relative error, the time to it
  int gpus_per_node = 0;               // 0: no GPUs
  int ranks_per_gpu = 1;
  bool oversubscribe = false;          // more ranks than cores, marked in every output
  bool slurm = false, wait = true;     // submit jobs; wait for them
  std::vector<std::string> sbatch;     // further options of sbatch
  std::string device = "auto";         // of its runs
  std::string output;                  // folder of the study; empty: studies/<name>-<kind>
  bool force = false, quiet = false;
};

// "1,2,4", "10k, 1.5M, 1e5": whole numbers of at least 1, ascending, each once. Throws Error
// (usage) naming the option `what`.
std::vector<std::int64_t> parse_counts(const std::string& what, const std::string& text);
// One of them.
std::int64_t parse_count(const std::string& what, const std::string& text);
// "error=1e-3". Throws Error (usage).
double parse_until(const std::string& text);

// Throws Error (usage) where the options cannot be met: more ranks than cores or tasks of an allocation (0: there is none),
// fewer points than ranks, a number out of range. `terms`: how many terms share the points.
void check_options(const ScaleOptions& options, int cores, int allocated_tasks, std::size_t terms);

}  // namespace jetpinn
