// [dataset], [model] and what [training] has of its own for a classification, as plain structs. Seed, optimiser, level,
// stops and output are those of train/options.hpp.
#pragma once

#include "jetpinn/gate/gate_options.hpp"
#include "jetpinn/vision/augment.hpp"
#include "jetpinn/vision/image_files.hpp"
#include "jetpinn/vision/image_model.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// Of images: epochs in place of steps.
inline GateOptions image_gate_defaults() {
  GateOptions gate;
  gate.refresh = gate.warm_up = 1;
  return gate;
}

struct ClassifyOptions {
  DatasetOptions dataset;
  std::string model = "simple_cnn";
  VitOptions vit;  // of sparse_vit
  ModelPrecision precision = ModelPrecision::fp32;
  std::int64_t epochs = 10;
  std::int64_t batch = 128;  // images of a step, over all ranks
  AugmentOptions augment;
  GateOptions gate = image_gate_defaults();
};

}  // namespace jetpinn
