// Sums over points on a device, always in the same order: a thread sums a fixed run of rows of one column, then a thread a
// column sums the runs in their order. Never by atomic additions, whose order is anybody's.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

inline constexpr std::int64_t sum_run = 128;  // rows
KOKKOS_FUNCTION constexpr std::int64_t sum_runs(std::int64_t rows) { return (rows + sum_run - 1) / sum_run; }

// partial[run * columns + j] = sum of term(row, j) over the run's rows.
template <class Sum, class Term>
struct PartialSumItem {
  Term term;
  std::int64_t rows, columns;
  Sum* partial;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const std::int64_t begin = i / columns * sum_run, end = begin + sum_run < rows ? begin + sum_run : rows;
    Sum sum = 0;
    for (std::int64_t row = begin; row < end; ++row) sum += term(row, i % columns);
    partial[i] = sum;
  }
};

template <class Sum>
KOKKOS_FUNCTION Sum sum_of_runs(const Sum* partial, std::int64_t runs, std::int64_t columns, std::int64_t j) {
  Sum sum = 0;
  for (std::int64_t run = 0; run < runs; ++run) sum += partial[run * columns + j];
  return sum;
}

// to[j] += sum of its runs.
template <class Sum>
struct ColumnSumItem {
  const Sum* partial;
  std::int64_t runs, columns;
  Sum* to;
  KOKKOS_FUNCTION void operator()(std::int64_t j) const { to[j] += sum_of_runs(partial, runs, columns, j); }
};

}  // namespace jetpinn
