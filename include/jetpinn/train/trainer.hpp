// Trains a problem through its stages and leaves a run folder.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampling_options.hpp"
#include "jetpinn/train/options.hpp"
#include "jetpinn/train/window_metrics.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct TrainSetup {
  std::string name;
  std::string run_directory;      // exists, is empty or new, writable
  std::string resolved_config;    // becomes config.toml
  NetworkOptions network;
  SamplingOptions sampling;
  TrainingOptions training;
  OutputOptions output;
  RunOptions run;
  double max_time_s = 0;          // the process must be gone this long after program_start; 0: no limit
  bool quiet = false;             // only the result is said
  bool verbose = false;           // at the end, the tables of the profile too
  bool debug = false;             // fail at the first value that is not finite
  double program_start = 0;       // wall_seconds() when the program began: times include start-up
  std::function<bool()> stop_requested;   // this rank was asked to stop
  std::function<double(double seconds, double work)> times;  // for tests: what dealing takes for this rank's seconds
  std::string config_hash;                // of the keys that matter
  std::vector<double> start_parameters;   // replicated; empty: drawn
  std::optional<ReferenceSet> reference;  // of the problem, where it has been read already
  std::optional<LoadedCheckpoint> resume;
  Warnings warnings;                      // of the audit, said already; the summary keeps them
  std::optional<WindowOfRun> window;      // that this training is; none: it stands alone
  bool longer = false;                    // the resumed run had come to its end and goes on under a longer plan
};

struct TrainResult {
  std::string status;       // completed | stopped | failed
  std::string stopped_by;   // as RunSummary's
  double loss = 0;
};

// Collective. Throws Error (numerical when loss or gradient stay non-finite), after the run folder tells of it.
TrainResult train(Communicator& communicator, Problem problem, TrainSetup setup);

}  // namespace jetpinn
