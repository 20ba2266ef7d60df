// Sums and updates of flat fp64 buffers. A sum's order depends on the length alone, never on how the buffer is aligned, so
// that equal numbers give equal bits on every rank and in every run.
#pragma once

#include <cstdint>

namespace jetpinn {

double dot(const double* a, const double* b, std::int64_t n);
double norm(const double* a, std::int64_t n);                                  // Euclidean
double sum_of_magnitudes(const double* a, std::int64_t n);
double largest_magnitude(const double* a, std::int64_t n);
void add_scaled(double scale, const double* x, double* y, std::int64_t n);     // y += scale x

}  // namespace jetpinn
