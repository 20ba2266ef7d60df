// The nine views of a network's weights, a row each. A view is a function of one sample alone, so that the same numbers come
// out on any number of ranks. None takes more than sixteen numbers a layer (a picture
// has empty tiles at its end), and none forms B A.
#pragma once

#include "jetpinn/ablate/layer_spectra.hpp"
#include "jetpinn/ablate/weight_shape.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

constexpr std::int64_t numbers_per_layer = 16;  // at most, of every representation

struct Representation {
  const char* name;  // as --representations has it
  const char* title;
  const char* sees;      // what of the generator's planted structure it can see, and why
  bool spectra = false;  // reads LayerSpectra
  bool image = false;    // its numbers are an image, for a convolution network
  // Numbers of a sample, and FLOP to make them (without spectra), of so many layers.
  std::int64_t (*length)(const WeightShape& shape, std::int64_t layers);
  double (*flop)(const WeightShape& shape, std::int64_t layers);
  // out [length]; spectra is empty where it is not read.
  void (*fp32)(const SampleLayers<float>& sample, const LayerSpectra<float>& spectra, float* out);
  void (*fp64)(const SampleLayers<double>& sample, const LayerSpectra<double>& spectra, double* out);
};

// In the order of tables.
const std::vector<Representation>& representations();

// Throws Error (usage) with the nearest name. Of a list as "norms,moments"; empty or "all": all of them. Each once.
std::vector<const Representation*> named_representations(const std::string& list);

// Height and width of the image of so many layers: tiles of 4 x 4 beside each other, about twice as wide as high.
struct PictureShape {
  std::int64_t height = 0, width = 0;
};
PictureShape image_shape(std::int64_t layers);

// The rows of the table, each in its own source.
Representation flattened_representation();
Representation norms_representation();
Representation moments_representation();
Representation one_layer_representation();
Representation singular_values_representation();
Representation stable_rank_representation();
Representation alignment_representation();
Representation fourier_representation();
Representation image_representation();

}  // namespace jetpinn
