// Whether neighbouring layers have directions in common: cosines of their first left and of their first right singular
// vectors, without sign, and the overlaps |U_lᵀ U_(l+1)| and |V_lᵀ V_(l+1)| (Frobenius) of the first two.
#include "jetpinn/ablate/representation.hpp"
#include "jetpinn/ablate/small_svd.hpp"

#include <cmath>

namespace jetpinn {
namespace {

constexpr std::int64_t numbers_of_pair = 4;

std::int64_t alignment_length(const WeightShape&, std::int64_t layers) {
  return numbers_of_pair * std::max<std::int64_t>(layers - 1, 1);
}

double alignment_flop(const WeightShape& shape, std::int64_t layers) {
  return 2.0 * static_cast<double>(layers * (shape.rows + shape.columns) * spectrum_vectors * spectrum_vectors);
}

template <class T>
void of_pair(const std::vector<T>& vectors, std::int64_t layer, std::int64_t length, T& cosine, T& overlap) {
  const T* here = vectors.data() + layer * spectrum_vectors * length;
  const T* next = here + spectrum_vectors * length;
  T squares = 0;
  for (std::int64_t i = 0; i < spectrum_vectors; ++i)
    for (std::int64_t j = 0; j < spectrum_vectors; ++j) {
      const T product = dot(here + i * length, next + j * length, length);
      squares += product * product;
      if (i == 0 && j == 0) cosine = std::abs(product);
    }
  overlap = std::sqrt(squares);
}

template <class T>
void alignment(const SampleLayers<T>& sample, const LayerSpectra<T>& spectra, T* out) {
  if (sample.count() == 1) std::fill_n(out, numbers_of_pair, T(0));  // nothing is beside it
  for (std::int64_t k = 0; k + 1 < sample.count(); ++k, out += numbers_of_pair) {
    of_pair(spectra.left, k, sample.shape.rows, out[0], out[1]);
    of_pair(spectra.right, k, sample.shape.columns, out[2], out[3]);
  }
}

}  // namespace

Representation alignment_representation() {
  return {"alignment",
          "alignment between layers",
          "that the first right singular vectors of neighbours resemble each other, which nothing else looks at; neither "
          "spectrum "
          "nor size",
          true,
          false,
          alignment_length,
          alignment_flop,
          alignment<float>,
          alignment<double>};
}

}  // namespace jetpinn
