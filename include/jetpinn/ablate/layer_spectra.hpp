// The largest singular values of every chosen layer of one sample, with the first singular vectors: what four of the
// representations are made of, computed once for all of them.
#pragma once

#include "jetpinn/ablate/low_rank_svd.hpp"
#include "jetpinn/ablate/weight_shape.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

constexpr std::int64_t spectrum_values = 10, spectrum_vectors = 2;

template <class T>
struct LayerSpectra {
  std::vector<T> values;        // [layers, spectrum_values], falling; zeros where a matrix has fewer
  std::vector<T> left, right;   // [layers, spectrum_vectors, rows], [layers, spectrum_vectors, columns]
  std::vector<T> squared_norm;  // [layers] of Frobenius

  const T* values_of(std::int64_t layer) const { return values.data() + layer * spectrum_values; }
};

// low_rank: low_rank_svd.hpp. full: LibTorch's decomposition of the whole matrix in fp64, for samples that hold whole
// matrices; throws Error (usage) where LibTorch cannot be loaded.
enum class Decomposition : char { low_rank, full };

template <class T>
class SpectraMaker {
 public:
  explicit SpectraMaker(Decomposition kind) : kind_(kind) {}
  // Where a squared_norm is not finite nothing is decomposed, and only squared_norm has a meaning.
  void make(const SampleLayers<T>& sample, LayerSpectra<T>& spectra);

 private:
  void decompose_whole(const SampleLayers<T>& sample, LayerSpectra<T>& spectra);

  Decomposition kind_;
  LowRankSvd<T> low_rank_;
};

// The sum of squares of a layer's matrix; of factors the trace of (A Aᵀ)(BᵀB).
template <class T>
T squared_norm(const SampleLayers<T>& sample, std::int64_t layer);

}  // namespace jetpinn
