// How many directions a layer has: the stable rank |W|² / σ_1², and the entropy of the shares σ_k² / |W|² of the ten largest
// singular values and of what is beyond them, as one share.
#include "jetpinn/ablate/representation.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

std::int64_t rank_length(const WeightShape&, std::int64_t layers) { return 2 * layers; }

double rank_flop(const WeightShape&, std::int64_t layers) { return 25.0 * static_cast<double>(layers * spectrum_values); }

template <class T>
T entropy_of(T share) {
  return share > 0 ? -share * std::log(share) : T(0);
}

template <class T>
void stable_rank(const SampleLayers<T>& sample, const LayerSpectra<T>& spectra, T* out) {
  for (std::int64_t k = 0; k < sample.count(); ++k) {
    const T* values = spectra.values_of(k);
    const T whole = spectra.squared_norm[static_cast<std::size_t>(k)], first = values[0] * values[0];
    const bool zero = !(first > 0) || !(whole > 0);
    T left = 1, entropy = 0;
    for (std::int64_t v = 0; v < spectrum_values && !zero; ++v) {
      const T share = std::min(values[v] * values[v] / whole, left);
      left -= share;
      entropy += entropy_of(share);
    }
    // What rounding leaves of a matrix that has no more than ten directions.
    constexpr T rounding = T(1e-5);
    out[2 * k] = zero ? T(0) : whole / first;
    out[2 * k + 1] = zero ? T(0) : entropy + (left > rounding ? entropy_of(left) : T(0));
  }
}

}  // namespace

Representation stable_rank_representation() {
  return {"stable_rank",
          "stable rank and spectral entropy",
          "the spectrum of every layer; not the size, by which both are divided",
          true,
          false,
          rank_length,
          rank_flop,
          stable_rank<float>,
          stable_rank<double>};
}

}  // namespace jetpinn
