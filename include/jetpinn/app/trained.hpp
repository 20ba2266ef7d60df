// A trained network taken back from its run folder.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"

#include <vector>

namespace jetpinn {

struct Trained {
  Config config;
  Assembly assembly;
  EngineOptions engine;
  std::vector<double> parameters;  // replicated
};

// Collective. Reads config.toml and network.h5 of the run folder that the command line names. Throws Error (usage).
Trained load_trained(Communicator& communicator, const CommandLine& line);

}  // namespace jetpinn
