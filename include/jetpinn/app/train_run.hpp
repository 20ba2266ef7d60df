// One training in one run folder: a command's, or that of a window.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/window_metrics.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct RunRequest {
  Config config;
  std::string folder;
  std::string device;  // cpu | cuda | emulated
  bool force = false;  // a run that is in the folder is renamed away
  // One of several trainings of a command that has looked at the problem already, and whose ranks have met in its folder.
  bool part = false;
  std::optional<WindowOfRun> window;  // of a run in windows that this is
  std::vector<double> start;  // rank 0: the network of training.start_from; empty: it is still to be read
  double begin = 0;       // wall_seconds() when its time began
  double max_time_s = 0;  // after which the process must be gone; 0: no limit
};

// Where it trains: what computes on the processor alone must not claim another place. Throws Error (usage), or says so where
// the place was left to the program.
std::string device_for(const Communicator& communicator, const CommandLine& line, const TrainingOptions& training);

// Why the processor computes although cards were looked for, or that ranks share cards: once, where a training begins.
void say_device(const Communicator& communicator, const CommandLine& line);

enum class RunOutcome { completed, stopped, complete_before };

// Collective. Goes on from what the folder holds, or begins. Throws Error.
RunOutcome train_run(Communicator& communicator, const CommandLine& line, const RunRequest& request);

// The same where the config asks for windows: a run folder for each, one after the other, in windows/0, windows/1, ...
RunOutcome train_windows(Communicator& communicator, const CommandLine& line, const RunRequest& request);

}  // namespace jetpinn
