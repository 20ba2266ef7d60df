// Products of rows kept in bf16.
//
// Processors multiply pairs of 16-bit integers and add them up at twice the rate of fp32 (vpdpwssd), while those that have
// an instruction for bf16 but no matrix unit may run it at half that rate (docs/precision.md has the figures). So rows go
// into a product as integers: a row shares the exponent e of its largest number, 2^(e-1) <= max |x| < 2^e, and x counts as
//   q 2^(e-11),  q = x 2^(11-e) to nearest, |q| <= 2047.
// A number of at least 1/16 of the largest keeps all its digits; what rounding takes is at most 2^-12 of the largest. Sums
// of 512 products fit 32 bits and are exact in any order; longer ones add up in fp32, 512 at a time. Two numbers, 2s and 2s
// + 1 of the inner extent, make a pair; `steps` counts pairs.
//
// A row with a number that is not finite gives NaN; one whose largest is below 2^-110 counts as zeros.
#pragma once

#include "jetpinn/base/bfloat16.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

using IntegerPair = std::uint32_t;  // of two signed 16-bit integers, that of the even place in the lower half

// Packed: columns go in panels, [panel][steps][columns of the panel], padded with zeros to whole vectors of 16.
inline constexpr std::int64_t pair_vector = 16;
inline constexpr std::int64_t right_panel = 64;   // of a right factor: four vectors of sums
inline constexpr std::int64_t left_panel = 48;    // of a left one: eight times six rows of sums
inline constexpr std::int64_t exact_steps = 256;  // whose sums fit 32 bits
inline constexpr int integer_bits = 11;

constexpr std::int64_t pair_steps(std::int64_t inner) { return (inner + 1) / 2; }
// Pairs that a packed matrix of so many columns takes; of rows side by side, columns is 1.
constexpr std::int64_t packed_pairs(std::int64_t inner, std::int64_t columns) {
  return pair_steps(inner) * ((columns + pair_vector - 1) / pair_vector * pair_vector);
}

struct Bf16Kernels {
  const char* name;
  void (*widen)(std::int64_t count, const BFloat16* from, float* to);
  void (*round)(std::int64_t count, const float* from, BFloat16* to);
  // Rows of `columns` numbers, `stride` apart, as pairs side by side, [rows][pair_steps(columns)], and each row's 2^(e-11).
  void (*take_rows)(std::int64_t rows, std::int64_t columns, const BFloat16* from, std::int64_t stride, IntegerPair* to,
                    float* scales);
  // C [rows, columns] = A B, or += where `add`: A as take_rows has it, B packed in right panels with a scale for each
  // column, C with rows `ldc` apart, each sum rounded once.
  void (*multiply)(std::int64_t rows, std::int64_t steps, std::int64_t columns, const IntegerPair* a,
                   const float* row_scales, const IntegerPair* b, const float* column_scales, bool add, BFloat16* c,
                   std::int64_t ldc);
  // For A' B over at most 512 rows, both packed in pairs of rows: row r of A divided by its 2^e, row r of B multiplied by
  // it, so that what B's columns share an exponent for is the size of a row's share in the sum. column_scales: of B, for
  // each column.
  void (*take_factors)(std::int64_t rows, std::int64_t left, const BFloat16* a, std::int64_t lda, std::int64_t right,
                       const BFloat16* b, std::int64_t ldb, IntegerPair* to_a, IntegerPair* to_b, float* column_scales);
  // C [left, right] += A' B of what take_factors packed, C with rows `ldc` apart.
  void (*accumulate)(std::int64_t left, std::int64_t right, std::int64_t steps, const IntegerPair* a, const IntegerPair* b,
                     const float* column_scales, float* c, std::int64_t ldc);
};

// Names of all kernels, which give the same bits: avx512_vnni, portable (plain loops).
const std::vector<std::string>& bf16_backends();
// Why this processor, or this build, has no fast products of rows in bf16; empty: it has.
std::string why_no_bf16();
// Throws Error (usage) for a name that is unknown, and for one whose instructions are missing, with the reason.
const Bf16Kernels& bf16_kernels(const std::string& backend);

// B [inner, columns] = from, rows `stride` apart: integers with a scale for each column, packed in right panels.
void pack_weights(std::int64_t inner, std::int64_t columns, const double* from, std::int64_t stride, IntegerPair* to,
                  float* scales);

// FLOP/s of C = A B for rows x k times k x n, its conversions included: the best of repeated runs.
double measure_bf16_product(const std::string& backend, std::int64_t rows, std::int64_t k, std::int64_t n,
                            double seconds = 2e-3);

}  // namespace jetpinn
