// What a thread of a device does with flat fp64 vectors: one component, or one run of a reduction.
#pragma once

#include "jetpinn/kernels/adam_factors.hpp"
#include "jetpinn/kernels/column_sums.hpp"

#include <Kokkos_Macros.hpp>

#include <cmath>
#include <cstdint>

namespace jetpinn {

// to = a x + b y
struct CombineItem {
  double a;
  const double* x;
  double b;
  const double* y;  // null: zeros
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { to[i] = y ? a * x[i] + b * y[i] : a * x[i]; }
};

// m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  x <- x - rate m / (sqrt(v^) + eps). The host's loop runs it too.
struct AdamItem {
  AdamFactors by;
  const double* gradient;
  double *first, *second, *parameters;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const double g = by.clip * gradient[i];
    first[i] = by.b1 * first[i] + (1 - by.b1) * g;
    second[i] = by.b2 * second[i] + (1 - by.b2) * g * g;
    parameters[i] -= by.rate * first[i] / (std::sqrt(second[i] * by.second_correction) + by.epsilon);
  }
};

// Terms of reductions.
struct ProductTerm {
  const double *x, *y;
  KOKKOS_FUNCTION double operator()(std::int64_t i) const { return x[i] * y[i]; }
};
struct MagnitudeTerm {
  const double* x;
  KOKKOS_FUNCTION double operator()(std::int64_t i) const { return std::fabs(x[i]); }
};
// 1 for what is no finite number: its difference from itself is none.
struct NotFiniteTerm {
  const double* x;
  KOKKOS_FUNCTION double operator()(std::int64_t i) const { return x[i] - x[i] == 0 ? 0 : 1; }
};
struct ValueTerm {
  const double* x;
  KOKKOS_FUNCTION double operator()(std::int64_t i) const { return x[i]; }
};

struct SumOf {
  KOKKOS_FUNCTION static double of(double all, double next) { return all + next; }
};
// Of numbers that are not below zero. Of not-a-number it takes no notice, as the host's does not.
struct LargestOf {
  KOKKOS_FUNCTION static double of(double all, double next) { return all < next ? next : all; }
};

// to[i] = what `By` makes of the terms of run i, in their order. Runs are those of column_sums.hpp.
template <class Term, class By>
struct ReduceItem {
  Term term;
  std::int64_t rows;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const std::int64_t begin = i * sum_run, end = begin + sum_run < rows ? begin + sum_run : rows;
    double all = 0;
    for (std::int64_t row = begin; row < end; ++row) all = By::of(all, term(row));
    to[i] = all;
  }
};

}  // namespace jetpinn
