// The rows of the table of targets (docs/benchmarks.md): Burgers in (t, x) by a network of four
// layers of 64, on 1k to 100k points.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct TargetRow {
  std::string name;                          // 1k, 10k, 50k, 100k
  std::int64_t points = 0;                   // over all terms
  std::int64_t conditions = 0;               // of them on each of the two conditions
  double limit_s = 0, limit_mb = 0;          // of the target: whole time, and memory of all ranks together, in 1e6 bytes
  double utilisation = 0;                    // of the target, share of the roofline
  double loss = 0;                           // of the target, unweighted sum of term means; 0: the target names none
  double train_s = 0;                        // what the training takes of limit_s, start-up included
  std::int64_t adam_steps = 0;               // ahead of L-BFGS
  int history = 50;                          // of L-BFGS, pairs
};

const std::vector<TargetRow>& target_rows();

// "1k,10k" in any order; empty: all. Throws Error (usage) naming the nearest row.
std::vector<TargetRow> choose_rows(const std::string& list);

// The config of a row, as TOML; `reference` is the path of the reference solution's point table,
// beside the config or absolute.
std::string target_config(const TargetRow& row, const std::string& reference);
constexpr double target_viscosity = 0.01 / 3.14159265358979323846;

}  // namespace jetpinn
