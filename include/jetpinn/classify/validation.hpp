// How well a model does on images that no step trains on.
#pragma once

#include "jetpinn/classify/image_engine.hpp"
#include "jetpinn/train/rank_sum.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

struct Validation {
  double loss = 0;                        // mean cross-entropy
  double accuracy = 0;                    // share of images whose class is the likeliest one
  std::vector<double> accuracy_of_class;  // [classes]; NaN: the set has no image of it
};

// Collective: each rank looks at a share. At level `ranks` the same bits on any number of ranks.
Validation validate_images(ImageEngine& engine, const RankSumSetting& sums, const double* parameters, const ImageSet& set);

}  // namespace jetpinn
