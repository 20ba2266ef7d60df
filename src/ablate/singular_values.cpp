// The ten largest singular values of every layer.
#include "jetpinn/ablate/representation.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

std::int64_t values_length(const WeightShape&, std::int64_t layers) { return layers * spectrum_values; }

double values_flop(const WeightShape&, std::int64_t) { return 0; }

template <class T>
void values(const SampleLayers<T>&, const LayerSpectra<T>& spectra, T* out) {
  std::copy(spectra.values.begin(), spectra.values.end(), out);
}

}  // namespace

Representation singular_values_representation() {
  return {"singular_values",
          "top-10 singular values of all layers",
          "spectrum and size of every layer, whose scatter averages out: the most that any of them sees",
          true,
          false,
          values_length,
          values_flop,
          values<float>,
          values<double>};
}

}  // namespace jetpinn
