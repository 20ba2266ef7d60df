// A trained model of images as an HDF5 file: a dataset for each block of parameters, in LibTorch's shape.
#pragma once

#include "jetpinn/vision/augment.hpp"
#include "jetpinn/vision/image_model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// One rank writes. Attributes of the root: model, classes, shape of the images, and mean and deviation of the channels, by
// which pixels of 0 .. 255 are brought to what the model takes. Throws Error (storage).
void write_model_file(const std::string& path, const ModelOptions& model, const ChannelScales& scales,
                      const std::vector<double>& parameters, std::int64_t step);

}  // namespace jetpinn
