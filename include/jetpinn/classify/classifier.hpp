// Trains a model to classify images and leaves a run folder.
#pragma once

#include "jetpinn/classify/classify_options.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/train/trainer.hpp"
#include "jetpinn/vision/image_files.hpp"

#include <cstdint>

namespace jetpinn {

// One training with its run folder. run.training has one stage, whose steps are those of all epochs.
struct ClassifySetup {
  TrainSetup run;
  ClassifyOptions task;
};

ModelOptions model_of(const ClassifyOptions& task, const ImageSet& images);
// One stage whose steps are those of all epochs; `task` says how long they are. Optimiser and schedule stay.
void set_steps(TrainingOptions& training, const ClassifyOptions& task, std::int64_t images);

// Bytes of one rank that a training holds from its first step to its last: parameters, gradient, optimiser, sums over ranks.
std::int64_t parameter_bytes(const ClassifyOptions& task, const TrainingOptions& training, const ImageSet& images, int rank,
                             int ranks);

// Bytes of one rank, the program itself left out: images, parameters, gradient, optimiser, sums over ranks, LibTorch with
// the layers of a pass.
std::int64_t planned_bytes(const ClassifyOptions& task, const TrainingOptions& training, const ImageData& images, int rank,
                           int ranks);

// Collective. Throws Error (numerical when loss or gradient stay non-finite), after the run folder tells of it.
TrainResult classify(Communicator& communicator, const ImageData& images, ClassifySetup setup);

}  // namespace jetpinn
