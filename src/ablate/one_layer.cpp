// The largest singular values of the layer in the middle, and of no other.
#include "jetpinn/ablate/representation.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

std::int64_t one_layer_length(const WeightShape&, std::int64_t) { return spectrum_values; }

double no_flop(const WeightShape&, std::int64_t) { return 0; }

template <class T>
void one_layer(const SampleLayers<T>& sample, const LayerSpectra<T>& spectra, T* out) {
  std::copy_n(spectra.values_of(sample.count() / 2), spectrum_values, out);
}

}  // namespace

Representation one_layer_representation() {
  return {"one_layer",
          "singular values of one layer",
          "spectrum and size, but of one layer, whose own scatter is three times that between samples",
          true,
          false,
          one_layer_length,
          no_flop,
          one_layer<float>,
          one_layer<double>};
}

}  // namespace jetpinn
