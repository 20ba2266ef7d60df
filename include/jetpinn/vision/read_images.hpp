// The images that a config names, on every rank.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/vision/image_files.hpp"

namespace jetpinn {

// Collective. Rank 0 reads files and hands them on. Throws Error (usage) for what cannot be used, or a set without images to
// validate on.
ImageData read_images(Communicator& communicator, const DatasetOptions& options);

}  // namespace jetpinn
