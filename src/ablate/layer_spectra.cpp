#include "jetpinn/ablate/layer_spectra.hpp"

#include "jetpinn/ablate/layer_parts.hpp"
#include "jetpinn/ablate/small_svd.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/small_network.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

template <class T>
T squared_norm(const SampleLayers<T>& sample, std::int64_t layer) {
  const WeightShape& shape = sample.shape;
  if (!sample.factored()) {
    const T* weight = sample.weight_of(layer);
    return dot(weight, weight, shape.rows * shape.columns);
  }
  const std::vector<T> aa = gram_of_rows(sample.a_of(layer), shape.rank, shape.columns),
                       bb = gram_of_columns(sample.b_of(layer), shape.rows, shape.rank);
  return dot(aa.data(), bb.data(), shape.rank * shape.rank);
}

template <class T>
void SpectraMaker<T>::make(const SampleLayers<T>& sample, LayerSpectra<T>& spectra) {
  const WeightShape& shape = sample.shape;
  const auto sized = [&](std::vector<T>& numbers, std::int64_t of_layer) {
    numbers.resize(static_cast<std::size_t>(sample.count() * of_layer));
    return numbers.data();
  };
  T* values = sized(spectra.values, spectrum_values);
  T* left = sized(spectra.left, spectrum_vectors * shape.rows);
  T* right = sized(spectra.right, spectrum_vectors * shape.columns);
  T* norms = sized(spectra.squared_norm, 1);
  for (std::int64_t k = 0; k < sample.count(); ++k) norms[k] = squared_norm(sample, k);
  if (!std::all_of(norms, norms + sample.count(), [](T norm) { return std::isfinite(norm); })) return;
  if (kind_ == Decomposition::full) return decompose_whole(sample, spectra);
  for (std::int64_t k = 0; k < sample.count(); ++k) {
    const typename LowRankSvd<T>::Result result{values + k * spectrum_values, spectrum_values,
                                                left + k * spectrum_vectors * shape.rows,
                                                right + k * spectrum_vectors * shape.columns, spectrum_vectors};
    if (sample.factored())
      low_rank_.of_factors(sample.b_of(k), sample.a_of(k), shape.rows, shape.columns, shape.rank, result);
    else
      low_rank_.of_weight(sample.weight_of(k), shape.rows, shape.columns, result);
  }
}

template <class T>
void SpectraMaker<T>::decompose_whole(const SampleLayers<T>& sample, LayerSpectra<T>& spectra) {
  const WeightShape& shape = sample.shape;
  JETPINN_CHECK(!sample.factored(), "whole matrices are decomposed");
  const std::int64_t size = shape.rows * shape.columns, least = shape.smaller();
  std::vector<double> weight(static_cast<std::size_t>(size)), values(static_cast<std::size_t>(least)),
      left(static_cast<std::size_t>(least * shape.rows)), right(static_cast<std::size_t>(least * shape.columns));
  for (std::int64_t k = 0; k < sample.count(); ++k) {
    std::copy_n(sample.weight_of(k), size, weight.data());
    full_svd(weight.data(), shape.rows, shape.columns, values.data(), left.data(), right.data());
    const auto take = [k](const std::vector<double>& from, std::int64_t wanted, std::vector<T>& to) {
      const std::int64_t found = std::min(wanted, static_cast<std::int64_t>(from.size()));
      T* out = to.data() + k * wanted;
      std::fill(std::copy_n(from.data(), found, out), out + wanted, T(0));
    };
    take(values, spectrum_values, spectra.values);
    take(left, spectrum_vectors * shape.rows, spectra.left);
    take(right, spectrum_vectors * shape.columns, spectra.right);
  }
}

template float squared_norm(const SampleLayers<float>&, std::int64_t);
template double squared_norm(const SampleLayers<double>&, std::int64_t);
template class SpectraMaker<float>;
template class SpectraMaker<double>;

}  // namespace jetpinn
