// What a thread of a device does with layers' parameters between the flat fp64 buffer and the rows that products read, and
// with the gradients on their way back: one number.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cmath>
#include <cstdint>

namespace jetpinn {

// Where a matrix of `columns` columns lies in a flat buffer, and how wide its rows are elsewhere.
struct FlatMatrix {
  std::int64_t columns, row_stride, column_stride, width;
  KOKKOS_FUNCTION bool pads(std::int64_t k) const { return k % width >= columns; }
  KOKKOS_FUNCTION std::int64_t flat(std::int64_t k) const { return k / width * row_stride + k % width * column_stride; }
};

// to [rows, width] = from; what pads a row is left alone. Item: of rows * width.
template <class T>
struct LoadRowsItem {
  const double* from;
  FlatMatrix matrix;
  T* to;
  KOKKOS_FUNCTION void operator()(std::int64_t k) const {
    if (!matrix.pads(k)) to[k] = static_cast<T>(from[matrix.flat(k)]);
  }
};

// to += from [rows, width], which is zero then.
template <class Sum>
struct FlushRowsItem {
  Sum* from;
  FlatMatrix matrix;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t k) const {
    if (!matrix.pads(k)) to[matrix.flat(k)] += from[k];
    from[k] = 0;
  }
};

// to[place[k]] = from[k]
struct ScatterItem {
  const double* from;
  const std::int64_t* place;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t k) const { to[place[k]] = from[k]; }
};

// to[k] += from[place[k]]
struct GatherItem {
  const double* from;
  const std::int64_t* place;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t k) const { to[k] += from[place[k]]; }
};

// factors [units + 1] = exp(scale [units]), then the slope; 1 where one is null.
struct FactorItem {
  const double *scale, *slope;
  std::int64_t units;
  double* factors;
  KOKKOS_FUNCTION void operator()(std::int64_t j) const {
    if (j < units)
      factors[j] = scale ? std::exp(scale[j]) : 1.0;
    else
      factors[j] = slope ? *slope : 1.0;
  }
};

// to[i] = V[i] a exp(s_j) for i < products, V[i] behind them.
struct FactorProductItem {
  const double *own, *factors;
  std::int64_t products, units;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    to[i] = i < products ? own[i] * (factors[units] * factors[i % units]) : own[i];
  }
};

// to[i] = exp(s_j) (a dV_i + da V_i + a V_i ds_j) for i < products, dV_i behind them.
struct FactorDirectionItem {
  const double *own, *scale, *slope;  // changes; null: there is none
  const double *values, *factors;
  std::int64_t products, units;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    if (i >= products) {
      to[i] = own[i];
      return;
    }
    double change = factors[units] * own[i];
    if (slope) change += *slope * values[i];
    if (scale) change += factors[units] * values[i] * scale[i % units];
    to[i] = factors[i % units] * change;
  }
};

// vbar_i += a wbar_i exp(s_j) for i < products, wbar_i behind them.
struct FactorGradientItem {
  const double *gathered, *factors;
  std::int64_t products, units;
  double* own;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    own[i] += i < products ? factors[units] * (gathered[i] * factors[i % units]) : gathered[i];
  }
};

// p_i = wbar_i exp(s_j) V_i
struct FactorTerm {
  const double *gathered, *factors, *values;
  std::int64_t units;
  KOKKOS_FUNCTION double operator()(std::int64_t i, std::int64_t) const {
    return gathered[i] * factors[i % units] * values[i];
  }
};

// sbar_j += a sum over rows of p_ij, in their order.
struct ScaleGradientItem {
  FactorTerm product;
  std::int64_t products;
  double* scale;
  KOKKOS_FUNCTION void operator()(std::int64_t j) const {
    for (std::int64_t i = j; i < products; i += product.units) scale[j] += product.factors[product.units] * product(i, 0);
  }
};

// shares [2] = alpha and 1 - alpha.
template <class T>
struct SharesItem {
  const double* alpha;
  T* shares;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { shares[i] = static_cast<T>(i == 0 ? *alpha : 1 - *alpha); }
};

// alphabar += the sum over units, in their order, which are zero then. One item.
template <class Sum>
struct ShareGradientItem {
  Sum* units;
  std::int64_t width;
  double* to;
  KOKKOS_FUNCTION void operator()(std::int64_t) const {
    for (std::int64_t j = 0; j < width; ++j) {
      *to += units[j];
      units[j] = 0;
    }
  }
};

// y[i] += sign a x[i]
template <class T>
struct AddScaledByItem {
  const T* a;
  T sign;
  const T* x;
  T* y;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { y[i] += sign * *a * x[i]; }
};

// What a column holds, as an addend of a sum over points.
template <class T>
struct ColumnTerm {
  const T* column;
  KOKKOS_FUNCTION double operator()(std::int64_t row, std::int64_t) const { return column[row]; }
};

}  // namespace jetpinn
