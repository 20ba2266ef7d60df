// A block of sums stays in registers: six rows of four vectors, 24 of 32 registers, while pairs go by: each step reads four
// vectors of the right factor and one pair of each row. 16 sums take two products each an instruction.
//
// Nothing of the standard library is used: an inline function compiled here could take the place of another source's copy,
// and end the program on processors that lack these instructions.
#include "jetpinn/runtime/bf16_vnni.hpp"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // a false alarm inside immintrin.h of GCC 12 (GCC bug 105593)
#endif
#include <immintrin.h>

namespace jetpinn {
namespace {

constexpr int block_rows = 6, lanes = 16;

std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
__mmask16 lanes_of(std::int64_t count) { return static_cast<__mmask16>((1u << smaller(count, lanes)) - 1u); }

// --- numbers of 16 bits, and what shared_exponent.hpp says on vectors

__m512 widened(__m256i values) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16)); }
__m512 load(const BFloat16* from, __mmask16 here) { return widened(_mm256_maskz_loadu_epi16(here, from)); }

// to_bfloat16 of bfloat16.hpp
__m256i rounded(__m512 values) {
  const __m512i bits = _mm512_castps_si512(values), magnitude = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  __m512i result = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  const __mmask16 nan = _mm512_cmpgt_epi32_mask(magnitude, _mm512_set1_epi32(0x7f800000));
  result = _mm512_mask_or_epi32(result, nan, bits, _mm512_set1_epi32(0x00400000));
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(result, 16));
}
void store(BFloat16* to, __mmask16 here, __m512 values) { _mm256_mask_storeu_epi16(to, here, rounded(values)); }

struct Scales {
  __m512 to_integers, of_integers;
};
// magnitudes: bits of the largest of each lane.
Scales scales_of(__m512i magnitudes) {
  const __m512i field = _mm512_srli_epi32(magnitudes, 23);
  const __mmask16 zero = _mm512_cmplt_epi32_mask(field, _mm512_set1_epi32(16)),
                  infinite = _mm512_cmpeq_epi32_mask(field, _mm512_set1_epi32(255));
  const __m512i up = _mm512_slli_epi32(_mm512_sub_epi32(_mm512_set1_epi32(264), field), 23),
                down = _mm512_slli_epi32(_mm512_sub_epi32(field, _mm512_set1_epi32(10)), 23);
  return {_mm512_castsi512_ps(_mm512_maskz_mov_epi32(static_cast<__mmask16>(~(zero | infinite)), up)),
          _mm512_castsi512_ps(_mm512_mask_mov_epi32(_mm512_maskz_mov_epi32(static_cast<__mmask16>(~zero), down), infinite,
                                                    _mm512_set1_epi32(0x7fc00000)))};
}
float first_of(__m512 values) { return _mm512_cvtss_f32(values); }

// Of a row of numbers, in every lane.
Scales scales_of_row(std::int64_t columns, const BFloat16* row) {
  __m512i largest = _mm512_setzero_si512();
  const __m512i magnitude = _mm512_set1_epi16(0x7fff);
  std::int64_t j = 0;
  for (; j + 2 * lanes <= columns; j += 2 * lanes)
    largest = _mm512_max_epu16(largest, _mm512_and_si512(_mm512_loadu_si512(row + j), magnitude));
  if (j < columns) {
    const __mmask32 here = static_cast<__mmask32>((1ull << (columns - j)) - 1u);
    largest = _mm512_max_epu16(largest, _mm512_and_si512(_mm512_maskz_loadu_epi16(here, row + j), magnitude));
  }
  const __m512i even = _mm512_slli_epi32(largest, 16), odd = _mm512_and_si512(largest, _mm512_set1_epi32(0x7fff0000));
  return scales_of(_mm512_set1_epi32(static_cast<int>(_mm512_reduce_max_epu32(_mm512_max_epu32(even, odd)))));
}

__m512i integers(__m512 values) { return _mm512_cvtps_epi32(values); }
__m512i pairs(__m512i even, __m512i odd) {
  return _mm512_or_si512(_mm512_and_si512(even, _mm512_set1_epi32(0xffff)), _mm512_slli_epi32(odd, 16));
}

// --- conversions

void widen(std::int64_t count, const BFloat16* from, float* to) {
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    _mm512_storeu_ps(to + i, widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i))));
  if (i < count) _mm512_mask_storeu_ps(to + i, lanes_of(count - i), load(from + i, lanes_of(count - i)));
}

void round(std::int64_t count, const float* from, BFloat16* to) {
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), rounded(_mm512_loadu_ps(from + i)));
  if (i < count) store(to + i, lanes_of(count - i), _mm512_maskz_loadu_ps(lanes_of(count - i), from + i));
}

void take_rows(std::int64_t rows, std::int64_t columns, const BFloat16* from, std::int64_t stride, IntegerPair* to,
               float* scales) {
  const std::int64_t steps = pair_steps(columns);
  for (std::int64_t r = 0; r < rows; ++r, from += stride, to += steps) {
    const Scales scale = scales_of_row(columns, from);
    scales[r] = first_of(scale.of_integers);
    char* row = reinterpret_cast<char*>(to);
    for (std::int64_t j = 0; j < columns; j += lanes) {
      const __m256i q =
          _mm512_cvtepi32_epi16(integers(_mm512_mul_ps(load(from + j, lanes_of(columns - j)), scale.to_integers)));
      _mm256_mask_storeu_epi16(row + 2 * j, lanes_of(2 * steps - j), q);  // an odd row ends with half a pair of zero
    }
  }
}

// Two rows of integers go side by side; `odd` is null where the row is missing.
void pack_rows(const BFloat16* even, const BFloat16* odd, std::int64_t columns, std::int64_t panel, std::int64_t steps,
               std::int64_t step, __m512 even_factor, __m512 odd_factor, const float* column_factors, IntegerPair* to) {
  for (std::int64_t first = 0; first < columns; first += panel) {
    const std::int64_t end = smaller(first + panel, columns), width = (end - first + lanes - 1) / lanes * lanes;
    IntegerPair* at = to + step * width;
    for (std::int64_t j = first; j < end; j += lanes, at += lanes) {
      const __mmask16 here = lanes_of(end - j);
      __m512 x = _mm512_mul_ps(load(even + j, here), even_factor), y = _mm512_setzero_ps();
      if (odd) y = _mm512_mul_ps(load(odd + j, here), odd_factor);
      if (column_factors) {
        const __m512 factors = _mm512_loadu_ps(column_factors + j);
        x = _mm512_mul_ps(x, factors), y = _mm512_mul_ps(y, factors);
      }
      _mm512_storeu_si512(at, pairs(integers(x), integers(y)));
    }
    to += steps * width;
  }
}

constexpr std::int64_t most_rows = 512;
constexpr std::int64_t columns_at_once = 1024;  // of scales that lie on the stack; a multiple of a panel

void take_factors(std::int64_t rows, std::int64_t left, const BFloat16* a, std::int64_t lda, std::int64_t right,
                  const BFloat16* b, std::int64_t ldb, IntegerPair* to_a, IntegerPair* to_b, float* column_scales) {
  const std::int64_t steps = pair_steps(rows);
  float factors[most_rows], sizes[most_rows];
  for (std::int64_t r = 0; r < rows; ++r) {
    const Scales scale = scales_of_row(left, a + r * lda);
    factors[r] = first_of(scale.to_integers), sizes[r] = first_of(scale.of_integers);
  }
  const auto odd_row = [rows](const BFloat16* m, std::int64_t r, std::int64_t ld) {
    return r + 1 < rows ? m + (r + 1) * ld : nullptr;
  };
  const auto odd_factor = [rows](const float* of, std::int64_t r) {
    return _mm512_set1_ps(r + 1 < rows ? of[r + 1] : 0.0f);
  };
  for (std::int64_t r = 0; r < rows; r += 2)
    pack_rows(a + r * lda, odd_row(a, r, lda), left, left_panel, steps, r / 2, _mm512_set1_ps(factors[r]),
              odd_factor(factors, r), nullptr, to_a);
  alignas(64) float column_factors[columns_at_once];
  for (std::int64_t first = 0; first < right; first += columns_at_once) {
    const std::int64_t columns = smaller(columns_at_once, right - first);
    for (std::int64_t j = 0; j < columns; j += lanes) {
      const __mmask16 here = lanes_of(columns - j);
      __m512i largest = _mm512_setzero_si512();
      for (std::int64_t r = 0; r < rows; ++r) {
        const __m512 share = _mm512_mul_ps(load(b + r * ldb + first + j, here), _mm512_set1_ps(sizes[r]));
        largest = _mm512_max_epu32(largest, _mm512_and_si512(_mm512_castps_si512(share), _mm512_set1_epi32(0x7fffffff)));
      }
      const Scales scale = scales_of(largest);
      _mm512_mask_storeu_ps(column_scales + first + j, here, scale.of_integers);
      _mm512_store_ps(column_factors + j, scale.to_integers);
    }
    for (std::int64_t r = 0; r < rows; r += 2) {
      const BFloat16* odd = odd_row(b, r, ldb);
      pack_rows(b + r * ldb + first, odd ? odd + first : nullptr, columns, right_panel, steps, r / 2,
                _mm512_set1_ps(sizes[r]), odd_factor(sizes, r), column_factors, to_b + steps * first);
    }
  }
}

// --- products

// sum += left right of both numbers of a pair. Not the intrinsic, for which GCC 12 moves every sum to memory and back.
__attribute__((always_inline)) inline void add_products(__m512i& sum, __m512i left, __m512i right) {
  asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(left), "v"(right));
}

// sums [Rows][Vectors] = pairs of a (rows `row` apart, steps `step` apart) times the panel b [steps][Vectors * 16].
template <int Rows, int Vectors>
__attribute__((always_inline)) inline void sum_block(std::int64_t steps, const IntegerPair* a, std::int64_t row,
                                                     std::int64_t step, const IntegerPair* b,
                                                     __m512i (&sums)[Rows][Vectors]) {
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) sums[r][v] = _mm512_setzero_si512();
  for (std::int64_t s = 0; s < steps; ++s, a += step, b += Vectors * lanes) {
    __m512i right[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) right[v] = _mm512_loadu_si512(b + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const __m512i left = _mm512_set1_epi32(static_cast<int>(a[r * row]));
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) add_products(sums[r][v], left, right[v]);
    }
  }
}

struct Block {
  std::int64_t steps;
  const IntegerPair* a;
  std::int64_t row, step;
  const IntegerPair* b;
  const float *row_scales, *column_scales;
  void* c;
  std::int64_t ldc, columns;  // columns: of the panel that are there
  bool add;
};

template <int Rows, int Vectors>
void multiply_block(const Block& block) {
  __m512i exact[Rows][Vectors];
  __m512 sums[Rows][Vectors];
  std::int64_t steps = smaller(block.steps, exact_steps);
  sum_block<Rows, Vectors>(steps, block.a, block.row, block.step, block.b, exact);
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) sums[r][v] = _mm512_cvtepi32_ps(exact[r][v]);
  for (std::int64_t s = steps; s < block.steps; s += steps) {
    steps = smaller(block.steps - s, exact_steps);
    sum_block<Rows, Vectors>(steps, block.a + s * block.step, block.row, block.step, block.b + s * Vectors * lanes, exact);
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) sums[r][v] = _mm512_add_ps(sums[r][v], _mm512_cvtepi32_ps(exact[r][v]));
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    BFloat16* c = static_cast<BFloat16*>(block.c) + r * block.ldc;
    const __m512 row_scale = _mm512_set1_ps(block.row_scales[r]);
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
      const __mmask16 here = lanes_of(block.columns - v * lanes);
      __m512 sum =
          _mm512_mul_ps(_mm512_mul_ps(sums[r][v], row_scale), _mm512_maskz_loadu_ps(here, block.column_scales + v * lanes));
      if (block.add) sum = _mm512_add_ps(load(c + v * lanes, here), sum);
      store(c + v * lanes, here, sum);
    }
  }
}

template <int Rows, int Vectors>
void accumulate_block(const Block& block) {
  __m512i sums[Rows][Vectors];
  sum_block<Rows, Vectors>(block.steps, block.a, block.row, block.step, block.b, sums);
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    float* c = static_cast<float*>(block.c) + r * block.ldc;
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
      const __mmask16 here = lanes_of(block.columns - v * lanes);
      const __m512 scales = _mm512_maskz_loadu_ps(here, block.column_scales + v * lanes);
      _mm512_mask_storeu_ps(
          c + v * lanes, here,
          _mm512_add_ps(_mm512_maskz_loadu_ps(here, c + v * lanes), _mm512_mul_ps(_mm512_cvtepi32_ps(sums[r][v]), scales)));
    }
  }
}

using BlockKernel = void (*)(const Block&);
#define JETPINN_ROWS(kernel, rows) \
  { &kernel<rows, 1>, &kernel<rows, 2>, &kernel<rows, 3>, &kernel<rows, 4> }
#define JETPINN_BLOCKS(kernel)                                                                          \
  {                                                                                                     \
    JETPINN_ROWS(kernel, 1), JETPINN_ROWS(kernel, 2), JETPINN_ROWS(kernel, 3), JETPINN_ROWS(kernel, 4), \
        JETPINN_ROWS(kernel, 5), JETPINN_ROWS(kernel, 6)                                                \
  }
constexpr BlockKernel multiply_blocks[block_rows][4] = JETPINN_BLOCKS(multiply_block);
constexpr BlockKernel accumulate_blocks[block_rows][4] = JETPINN_BLOCKS(accumulate_block);
#undef JETPINN_BLOCKS
#undef JETPINN_ROWS

// A panel of the right factor stays in the first-level cache while all rows go by.
void multiply(std::int64_t rows, std::int64_t steps, std::int64_t columns, const IntegerPair* a, const float* row_scales,
              const IntegerPair* b, const float* column_scales, bool add, BFloat16* c, std::int64_t ldc) {
  for (std::int64_t first = 0; first < columns; first += right_panel) {
    const std::int64_t count = smaller(right_panel, columns - first), vectors = (count + lanes - 1) / lanes;
    for (std::int64_t r = 0; r < rows; r += block_rows)
      multiply_blocks[smaller(block_rows, rows - r) - 1][vectors - 1](
          {steps, a + r * steps, steps, 1, b, row_scales + r, column_scales + first, c + r * ldc + first, ldc, count, add});
    b += steps * vectors * lanes;
  }
}

void accumulate(std::int64_t left, std::int64_t right, std::int64_t steps, const IntegerPair* a, const IntegerPair* b,
                const float* column_scales, float* c, std::int64_t ldc) {
  for (std::int64_t first = 0; first < right; first += right_panel) {
    const std::int64_t count = smaller(right_panel, right - first), vectors = (count + lanes - 1) / lanes;
    const IntegerPair* panel = a;
    for (std::int64_t top = 0; top < left; top += left_panel) {
      const std::int64_t height = smaller(left_panel, left - top), stride = (height + lanes - 1) / lanes * lanes;
      for (std::int64_t i = 0; i < height; i += block_rows)
        accumulate_blocks[smaller(block_rows, height - i) - 1][vectors - 1](
            {steps, panel + i, 1, stride, b, nullptr, column_scales + first, c + (top + i) * ldc + first, ldc, count, true});
      panel += steps * stride;
    }
    b += steps * vectors * lanes;
  }
}

const Bf16Kernels kernels{"avx512_vnni", widen, round, take_rows, multiply, take_factors, accumulate};

}  // namespace

const Bf16Kernels* vnni_kernels() { return &kernels; }
bool processor_has_vnni() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

}  // namespace jetpinn

#else

namespace jetpinn {

const Bf16Kernels* vnni_kernels() { return nullptr; }
bool processor_has_vnni() { return false; }

}  // namespace jetpinn

#endif
