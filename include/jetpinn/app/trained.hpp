// A trained network taken back from its run folder, whatever became of the run.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Where parameters came from, and how their run stands. Equal on every rank.
struct ParameterSource {
  // training: now, by another process; ended: without a summary
  enum class Run : char { completed, stopped, failed, training, ended };
  Run run = Run::completed;
  bool checkpoint = false;   // else network.h5
  std::int64_t step = -1;    // of the training; -1: not known
  std::string file;          // network.h5, or the folder of the checkpoint; of windows theirs, and which of them
  std::string sentence;      // what a user should know of it; empty: network.h5 of a completed run
};

struct Trained {
  Config config;
  Assembly assembly;
  EngineOptions engine;
  std::vector<double> parameters;  // replicated
  ParameterSource source;
};

// Collective. Reads config.toml of the run folder, with overrides, and its newest parameters: network.h5, or the newest
// sound checkpoint where that is missing or older. Throws Error (usage) which says how the run ended where it left no
// trained parameters; (storage) where no checkpoint is sound.
Trained load_trained(Communicator& communicator, const std::string& folder, const std::vector<std::string>& overrides);

// Its problem on that part of the domain which is trained: of a run in windows, up to the end of the last one that is there.
Problem trained_part(const Trained& trained);

// The source's sentence on the terminal, from one rank.
void tell_source(const Communicator& communicator, const ParameterSource& source);

}  // namespace jetpinn
