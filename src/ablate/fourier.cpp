// Power over frequency along the rows and along the columns of a layer: logarithms in eight bands each.
#include "jetpinn/ablate/fourier.hpp"

#include "jetpinn/ablate/layer_parts.hpp"
#include "jetpinn/ablate/representation.hpp"

#include <cmath>
#include <limits>

namespace jetpinn {

template <class T>
FourierTransform<T>::FourierTransform(std::int64_t length) : length_(length) {
  for (std::int64_t k = 0; k < length; ++k) {
    const double angle = -2 * M_PI * static_cast<double>(k) / static_cast<double>(length);
    roots_.emplace_back(static_cast<T>(std::cos(angle)), static_cast<T>(std::sin(angle)));
  }
  input_.resize(static_cast<std::size_t>(length));
  output_ = scratch_ = input_;
}

// The values start, start + step, ... of the input: transforms of every p-th of them, p the smallest prime factor, joined.
template <class T>
void FourierTransform<T>::transform(std::complex<T>* out, std::int64_t length, std::int64_t start, std::int64_t step) {
  if (length == 1) {
    out[0] = input_[static_cast<std::size_t>(start)];
    return;
  }
  std::int64_t p = 2;
  while (p * p <= length && length % p != 0) ++p;
  if (length % p != 0) p = length;
  const std::int64_t part = length / p;
  for (std::int64_t s = 0; s < p; ++s) transform(out + s * part, part, start + s * step, step * p);
  const std::int64_t turn = length_ / length;  // roots of this length among those of the whole
  for (std::int64_t f = 0; f < length; ++f) {
    std::complex<T> sum = 0;
    for (std::int64_t s = 0; s < p; ++s)
      sum += out[s * part + f % part] * roots_[static_cast<std::size_t>((f * s % length) * turn)];
    scratch_[static_cast<std::size_t>(f)] = sum;
  }
  std::copy_n(scratch_.begin(), length, out);
}

template <class T>
const std::vector<std::complex<T>>& FourierTransform<T>::operator()(const T* x, std::int64_t stride) {
  for (std::int64_t j = 0; j < length_; ++j) input_[static_cast<std::size_t>(j)] = x[j * stride];
  transform(output_.data(), length_, 0, 1);
  return output_;
}

template class FourierTransform<float>;
template class FourierTransform<double>;

namespace {

constexpr std::int64_t bands = numbers_per_layer / 2;

std::int64_t frequencies(std::int64_t length) { return length / 2 + 1; }
std::int64_t bands_of(std::int64_t length) { return std::min(bands, frequencies(length)); }

std::int64_t fourier_length(const WeightShape& shape, std::int64_t layers) {
  return layers * (bands_of(shape.columns) + bands_of(shape.rows));
}

double fourier_flop(const WeightShape& shape, std::int64_t layers) {
  const auto of_side = [](double vectors, double length, double rank) {
    return vectors * 5 * length * std::log2(std::max(length, 2.0)) + 4 * length * rank * rank;
  };
  const auto rows = static_cast<double>(shape.rows), columns = static_cast<double>(shape.columns);
  const auto rank = static_cast<double>(shape.rank);
  return static_cast<double>(layers) * (shape.rank > 0 ? of_side(rank, columns, rank) + of_side(rank, rows, rank)
                                                       : of_side(rows, columns, 0) + of_side(columns, rows, 0));
}

// The vectors of one side as they lie: of the rows of A, the columns of B, or the rows or columns of W.
template <class T>
struct Side {
  const T* first;
  std::int64_t vectors, step;   // from one vector to the next
  std::int64_t length, stride;  // within a vector
};

// Power of W along its rows: sum over i of |(W F)_if|² = (A F)_f* (BᵀB) (A F)_f; of W itself, an identity for BᵀB.
template <class T>
T* band_powers(FourierTransform<T>& transform, const Side<T>& side, const std::vector<T>& gram, T* out) {
  const std::int64_t count = frequencies(side.length), parts = bands_of(side.length);
  std::vector<std::complex<T>> spectra;
  std::vector<T> power(static_cast<std::size_t>(count), T(0));
  for (std::int64_t v = 0; v < side.vectors; ++v) {
    const auto& spectrum = transform(side.first + v * side.step, side.stride);
    if (gram.empty())
      for (std::int64_t f = 0; f < count; ++f)
        power[static_cast<std::size_t>(f)] += std::norm(spectrum[static_cast<std::size_t>(f)]);
    else
      spectra.insert(spectra.end(), spectrum.begin(), spectrum.begin() + count);
  }
  for (std::int64_t i = 0; i < side.vectors && !gram.empty(); ++i)
    for (std::int64_t j = 0; j < side.vectors; ++j)
      for (std::int64_t f = 0; f < count; ++f) {
        const auto x = spectra[static_cast<std::size_t>(i * count + f)],
                   y = spectra[static_cast<std::size_t>(j * count + f)];
        power[static_cast<std::size_t>(f)] +=
            gram[static_cast<std::size_t>(i * side.vectors + j)] * (x.real() * y.real() + x.imag() * y.imag());
      }
  for (std::int64_t b = 0; b < parts; ++b) {
    const std::int64_t begin = part_begin(count, parts, b), end = part_begin(count, parts, b + 1);
    T sum = 0;
    for (std::int64_t f = begin; f < end; ++f) sum += power[static_cast<std::size_t>(f)];
    *out++ = std::log(std::max(sum / static_cast<T>((end - begin) * side.length), std::numeric_limits<T>::min()));
  }
  return out;
}

template <class T>
void fourier(const SampleLayers<T>& sample, const LayerSpectra<T>&, T* out) {
  const auto [samples, layers, rows, columns, rank] = sample.shape;
  FourierTransform<T> along_rows(columns), along_columns(rows);  // with their roots, for all layers
  for (std::int64_t k = 0; k < sample.count(); ++k) {
    if (sample.factored()) {
      const T *a = sample.a_of(k), *b = sample.b_of(k);
      out = band_powers(along_rows, Side<T>{a, rank, columns, columns, 1}, gram_of_columns(b, rows, rank), out);
      out = band_powers(along_columns, Side<T>{b, rank, 1, rows, rank}, gram_of_rows(a, rank, columns), out);
    } else {
      const T* weight = sample.weight_of(k);
      out = band_powers(along_rows, Side<T>{weight, rows, columns, columns, 1}, {}, out);
      out = band_powers(along_columns, Side<T>{weight, columns, 1, rows, columns}, {}, out);
    }
  }
}

}  // namespace

Representation fourier_representation() {
  return {"fourier",
          "Fourier spectrum",
          "the size of the layers, and how smooth their singular vectors are along rows and columns; not the spectrum of "
          "singular "
          "values",
          false,
          false,
          fourier_length,
          fourier_flop,
          fourier<float>,
          fourier<double>};
}

}  // namespace jetpinn
