// The table of targets as whole trainings: each row beside the same training by nested autograd, given the same time.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/bench/target_rows.hpp"
#include "jetpinn/study/launch.hpp"

#include <functional>
#include <string>
#include <vector>

namespace jetpinn {

// What a training left in its run folder.
struct TargetRun {
  int status = 0;             // of the contract; a run that left no summary it can be judged by: 5
  double seconds = 0;         // from the start of mpirun to its end
  std::int64_t steps = 0;
  double points_per_s = 0;    // points seen over the whole time
  double memory_mb = 0;       // sum over ranks of the largest resident memory, in 1e6 bytes
  double utilisation = 0;     // share of the roofline over `seconds`; below 0: unknown
  std::string utilisation_from;   // key of the summary: utilisation, or product_share (products alone)
  double loss = 0;            // unweighted sum of term means
  double rel_l2 = 0;          // below 0: unknown
  std::string bottleneck;     // the profile's sentence; empty: it has none

  bool ran() const { return status == 0; }
};

// From the text of summary.json. Throws Error (storage) naming the key that is missing or not a number.
TargetRun read_target_summary(const std::string& text, const LaunchResult& launched);

// The bottleneck in one sentence, from the text of profile/summary.json; empty where it does not say.
std::string read_bottleneck(const std::string& text);

struct TargetResult {
  TargetRow row;
  int ranks = 1;
  TargetRun jets, reference;

  struct Figure {
    std::string name;
    double value = 0, target = 0;
    bool met = false;
  };
  std::vector<Figure> figures() const;   // time, memory, utilisation, loss where the row names
                                         // one, steps against the reference
};

// At least this many times the steps of nested autograd in the same time.
inline constexpr double target_steps_ratio = 10;

struct TargetReport {
  MachineDescription machine;
  std::vector<TargetResult> results;
  bool stopped = false;   // on request, before the last row had run

  int status() const;     // 0: every row and its reference ran; 75: stopped; else the largest
                          // status of those that did not run
  bool met() const;       // every figure of every row that ran
  std::string json() const;
  std::string text() const;   // rows that did not run say so
};

struct BenchTargetsOptions {
  std::vector<TargetRow> rows = target_rows();
  std::string folder = "runs/targets";        // <folder>/<row>/{config.toml, jets/, reference/} and logs are kept
  int ranks = 1;
  std::string device = "auto";  // of the trainings
  std::function<void(const std::string& line)> progress = [](const std::string&) {};
};

// Starts one training after the other; a run folder that is in the way is renamed. Ends early when asked to stop: what was
// not run then is left out. Throws Error (usage) where the folder cannot be written.
TargetReport bench_targets(StopRequests& stops, const BenchTargetsOptions& options);

}  // namespace jetpinn
