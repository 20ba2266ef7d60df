#include "jetpinn/runtime/bf16_kernels.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/runtime/bf16_vnni.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "jetpinn/runtime/shared_exponent.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr const char* vnni_name = "avx512_vnni";

void widen(std::int64_t count, const BFloat16* from, float* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = to_float(from[i]);
}

void round(std::int64_t count, const float* from, BFloat16* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = to_bfloat16(from[i]);
}

std::int64_t whole_vectors(std::int64_t columns) { return (columns + pair_vector - 1) / pair_vector * pair_vector; }

std::uint32_t magnitude_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits & 0x7fffffffu;
}

std::int32_t integer_of(float value) { return std::isfinite(value) ? static_cast<std::int32_t>(std::nearbyint(value)) : 0; }
IntegerPair pair_of(std::int32_t even, std::int32_t odd) {
  return (static_cast<IntegerPair>(even) & 0xffffu) | static_cast<IntegerPair>(odd) << 16;
}
std::int32_t even_of(IntegerPair pair) { return static_cast<std::int16_t>(pair & 0xffffu); }
std::int32_t odd_of(IntegerPair pair) { return static_cast<std::int16_t>(pair >> 16); }

std::uint32_t exponent_of_row(std::int64_t columns, const BFloat16* row) {
  std::uint32_t largest = 0;
  for (std::int64_t j = 0; j < columns; ++j) largest = std::max(largest, magnitude_of(to_float(row[j])));
  return shared_exponent(largest);
}

void take_rows(std::int64_t rows, std::int64_t columns, const BFloat16* from, std::int64_t stride, IntegerPair* to,
               float* scales) {
  for (std::int64_t r = 0; r < rows; ++r, from += stride) {
    const std::uint32_t exponent = exponent_of_row(columns, from);
    scales[r] = of_integers(exponent);
    const float factor = to_integers(exponent);
    const auto integer = [&](std::int64_t j) { return j < columns ? integer_of(to_float(from[j]) * factor) : 0; };
    for (std::int64_t j = 0; j < columns; j += 2) *to++ = pair_of(integer(j), integer(j + 1));
  }
}

// [rows, columns] in pairs of rows, integer(row, column) of each place.
template <class Integer>
void pack(std::int64_t rows, std::int64_t columns, std::int64_t panel, const Integer& integer, IntegerPair* to) {
  for (std::int64_t first = 0; first < columns; first += panel) {
    const std::int64_t count = std::min(panel, columns - first), width = whole_vectors(count);
    for (std::int64_t r = 0; r < rows; r += 2, to += width) {
      for (std::int64_t j = 0; j < count; ++j)
        to[j] = pair_of(integer(r, first + j), r + 1 < rows ? integer(r + 1, first + j) : 0);
      std::fill(to + count, to + width, IntegerPair{0});
    }
  }
}

void take_factors(std::int64_t rows, std::int64_t left, const BFloat16* a, std::int64_t lda, std::int64_t right,
                  const BFloat16* b, std::int64_t ldb, IntegerPair* to_a, IntegerPair* to_b, float* column_scales) {
  std::vector<float> factors(static_cast<std::size_t>(rows)), sizes(factors.size()),
      columns(static_cast<std::size_t>(right));
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::uint32_t exponent = exponent_of_row(left, a + r * lda);
    factors[static_cast<std::size_t>(r)] = to_integers(exponent);
    sizes[static_cast<std::size_t>(r)] = of_integers(exponent);
  }
  pack(
      rows, left, left_panel,
      [&](std::int64_t r, std::int64_t i) {
        return integer_of(to_float(a[r * lda + i]) * factors[static_cast<std::size_t>(r)]);
      },
      to_a);
  const auto share = [&](std::int64_t r, std::int64_t j) {
    return to_float(b[r * ldb + j]) * sizes[static_cast<std::size_t>(r)];
  };
  for (std::int64_t j = 0; j < right; ++j) {
    std::uint32_t largest = 0;
    for (std::int64_t r = 0; r < rows; ++r) largest = std::max(largest, magnitude_of(share(r, j)));
    column_scales[j] = of_integers(shared_exponent(largest));
    columns[static_cast<std::size_t>(j)] = to_integers(shared_exponent(largest));
  }
  pack(
      rows, right, right_panel,
      [&](std::int64_t r, std::int64_t j) { return integer_of(share(r, j) * columns[static_cast<std::size_t>(j)]); }, to_b);
}

// sums [columns of the panel] of at most exact_steps pairs; a's pairs lie `stride` apart.
void sum_panel(std::int64_t steps, std::int64_t width, const IntegerPair* a, std::int64_t stride, const IntegerPair* b,
               std::int32_t* sums) {
  std::fill(sums, sums + width, 0);
  for (std::int64_t s = 0; s < steps; ++s, b += width) {
    const std::int32_t even = even_of(a[s * stride]), odd = odd_of(a[s * stride]);
    for (std::int64_t j = 0; j < width; ++j) sums[j] += even * even_of(b[j]) + odd * odd_of(b[j]);
  }
}

void multiply(std::int64_t rows, std::int64_t steps, std::int64_t columns, const IntegerPair* a, const float* row_scales,
              const IntegerPair* b, const float* column_scales, bool add, BFloat16* c, std::int64_t ldc) {
  std::int32_t exact[right_panel];
  float sums[right_panel];
  for (std::int64_t first = 0; first < columns; first += right_panel) {
    const std::int64_t count = std::min(right_panel, columns - first), width = whole_vectors(count);
    for (std::int64_t r = 0; r < rows; ++r) {
      std::fill(sums, sums + width, 0.0f);
      for (std::int64_t s = 0; s < steps; s += exact_steps) {
        sum_panel(std::min(exact_steps, steps - s), width, a + r * steps + s, 1, b + s * width, exact);
        for (std::int64_t j = 0; j < width; ++j) sums[j] += static_cast<float>(exact[j]);
      }
      BFloat16* row = c + r * ldc + first;
      for (std::int64_t j = 0; j < count; ++j) {
        const float sum = sums[j] * row_scales[r] * column_scales[first + j];
        row[j] = to_bfloat16(add ? to_float(row[j]) + sum : sum);
      }
    }
    b += steps * width;
  }
}

void accumulate(std::int64_t left, std::int64_t right, std::int64_t steps, const IntegerPair* a, const IntegerPair* b,
                const float* column_scales, float* c, std::int64_t ldc) {
  std::int32_t sums[right_panel];
  for (std::int64_t top = 0; top < left; top += left_panel) {
    const std::int64_t height = std::min(left_panel, left - top), stride = whole_vectors(height);
    const IntegerPair* panel = b;
    for (std::int64_t first = 0; first < right; first += right_panel) {
      const std::int64_t count = std::min(right_panel, right - first), width = whole_vectors(count);
      for (std::int64_t i = 0; i < height; ++i) {
        sum_panel(steps, width, a + i, stride, panel, sums);
        for (std::int64_t j = 0; j < count; ++j)
          c[(top + i) * ldc + first + j] += static_cast<float>(sums[j]) * column_scales[first + j];
      }
      panel += steps * width;
    }
    a += steps * stride;
  }
}

const Bf16Kernels portable_kernels{"portable", widen, round, take_rows, multiply, take_factors, accumulate};

}  // namespace

const std::vector<std::string>& bf16_backends() {
  static const std::vector<std::string> names{vnni_name, portable_kernels.name};
  return names;
}

std::string why_no_bf16() {
  if (!vnni_kernels())
    return "this program was built without the instructions AVX512-VNNI, by a compiler or for processors without them";
  return processor_has_vnni() ? "" : "this processor lacks the instructions AVX512-VNNI";
}

const Bf16Kernels& bf16_kernels(const std::string& backend) {
  if (backend == portable_kernels.name) return portable_kernels;
  if (backend != vnni_name) throw Error(Status::usage, "unknown products of rows in bf16, '" + backend + "'");
  const std::string reason = why_no_bf16();
  if (!reason.empty()) throw Error(Status::usage, "precision bf16: " + reason + "; take fp32");
  return *vnni_kernels();
}

void pack_weights(std::int64_t inner, std::int64_t columns, const double* from, std::int64_t stride, IntegerPair* to,
                  float* scales) {
  std::vector<double> factors(static_cast<std::size_t>(columns));
  std::vector<std::uint32_t> largest(factors.size());
  for (std::int64_t i = 0; i < inner; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      const auto at = static_cast<std::size_t>(j);
      largest[at] = std::max(largest[at], magnitude_of(static_cast<float>(from[i * stride + j])));
    }
  for (std::int64_t j = 0; j < columns; ++j) {
    const std::uint32_t exponent = shared_exponent(largest[static_cast<std::size_t>(j)]);
    scales[j] = of_integers(exponent);
    factors[static_cast<std::size_t>(j)] = to_integers(exponent);
  }
  constexpr double most = (1 << integer_bits) - 1;
  pack(
      inner, columns, right_panel,
      [&](std::int64_t i, std::int64_t j) {
        const double value = from[i * stride + j] * factors[static_cast<std::size_t>(j)];
        return std::isfinite(value) ? static_cast<std::int32_t>(std::clamp(std::nearbyint(value), -most, most)) : 0;
      },
      to);
}

double measure_bf16_product(const std::string& backend, std::int64_t rows, std::int64_t k, std::int64_t n, double seconds) {
  const Bf16Kernels& kernels = bf16_kernels(backend);
  Pool pool;
  const BFloat16* from = pool.allocate<BFloat16>(rows * k);
  BFloat16* to = pool.allocate<BFloat16>(rows * n);
  IntegerPair* a = pool.allocate<IntegerPair>(rows * pair_steps(k));
  const IntegerPair* b = pool.allocate<IntegerPair>(packed_pairs(k, n));
  float *row_scales = pool.allocate<float>(rows), *column_scales = pool.allocate<float>(n);
  const auto run = [&](int calls) {
    const double start = wall_seconds();
    for (int i = 0; i < calls; ++i) {
      kernels.take_rows(rows, k, from, k, a, row_scales);
      kernels.multiply(rows, pair_steps(k), n, a, row_scales, b, column_scales, false, to, n);
    }
    return wall_seconds() - start;
  };
  int calls = 1;  // a sample long enough for the clock
  while (run(calls) < 2e-4) calls *= 2;
  double best = 1e300;
  for (const double until = wall_seconds() + seconds; wall_seconds() < until;) best = std::min(best, run(calls));
  return 2.0 * static_cast<double>(rows * k * n) * calls / best;
}

}  // namespace jetpinn
