// How an image is changed before a step trains on it: a pure function of (seed, epoch, index), whatever the batch, the rank
// or the order.
#pragma once

#include "jetpinn/vision/image_model.hpp"
#include "jetpinn/vision/image_set.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace jetpinn {

struct AugmentOptions {
  bool flip = false;        // every second image is mirrored
  std::int64_t shift = 0;   // pixels: moved by up to so many each way, what comes in is black
  std::int64_t cutout = 0;  // pixels: a square of this side becomes the mean (DeVries and Taylor, arXiv:1708.04552); 0: none
  bool any() const { return flip || shift > 0 || cutout > 0; }
};

// Of one image in one epoch.
struct ImageChange {
  bool mirrored = false;
  std::int64_t down = 0, right = 0;            // pixels that it is moved
  std::int64_t cut_row = -1, cut_column = -1;  // the middle of what is cut out; < 0: nothing is
};
ImageChange change_of(const AugmentOptions& options, const ImageShape& shape, std::uint64_t seed, std::int64_t epoch,
                      std::int64_t index);

// Brings each channel to mean 0 and standard deviation 1 over a set of images.
struct ChannelScales {
  std::vector<double> mean, deviation;  // [channels] of pixels in 0 .. 255
};
// By whole-number sums: the same on every machine. A channel without contrast has deviation 1.
ChannelScales scales_of(const ImageSet& set);

// out: [channels, height, width]. Black is the pixel value 0; what is cut out is the mean of the set.
void normalise(const ImageSet& set, std::int64_t index, const ImageChange& change, std::int64_t cutout,
               const ChannelScales& scales, float* out);

}  // namespace jetpinn
