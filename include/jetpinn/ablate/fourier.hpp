// A discrete Fourier transform of any length, by its prime factors (Cooley and Tukey 1965).
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace jetpinn {

template <class T>
class FourierTransform {
 public:
  explicit FourierTransform(std::int64_t length);
  // X_f = sum over j of x_j exp(-2 pi i f j / length); x [length]. The result lives until the next call.
  const std::vector<std::complex<T>>& operator()(const T* x, std::int64_t stride = 1);

 private:
  void transform(std::complex<T>* out, std::int64_t length, std::int64_t start, std::int64_t step);

  std::int64_t length_;
  std::vector<std::complex<T>> roots_;  // exp(-2 pi i k / length)
  std::vector<std::complex<T>> input_, output_, scratch_;
};

}  // namespace jetpinn
