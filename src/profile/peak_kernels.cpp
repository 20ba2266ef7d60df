#include "jetpinn/profile/peak_kernels.hpp"

#include "jetpinn/base/region.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace jetpinn {
namespace {

#if defined(__AVX512F__)
constexpr int register_bytes = 64;
#elif defined(__AVX__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif
// More than a multiply-add's latency times the units that do it (4 x 2 on most cores), and with m
// and a no more than 16 registers.
constexpr int chains = 12;
constexpr int turns = 256;   // of the chains in one call

template <class T>
struct Register;
template <>
struct Register<float> {
  typedef float Values __attribute__((vector_size(register_bytes)));
};
template <>
struct Register<double> {
  typedef double Values __attribute__((vector_size(register_bytes)));
};

// The largest amount per second of repeated calls. A sample takes 0.2 ms at least, for the clock;
// the first one only warms up.
template <class Call>
double best_rate(double amount, double seconds, const Call& call) {
  constexpr double shortest_sample = 2e-4;
  const double until = wall_seconds() + seconds;
  double best = 0;
  for (int calls = 1, samples = 0;; ++samples) {
    const double begin = wall_seconds();
    for (int i = 0; i < calls; ++i) call();
    const double end = wall_seconds();
    if (end - begin >= shortest_sample && samples > 0) best = std::max(best, amount * calls / (end - begin));
    if (end - begin < shortest_sample) calls *= 2;
    if (end >= until && best > 0) return best;
  }
}

// The chains stay in registers: the asm statement uses all of them at the end and is opaque to the compiler.
template <class V>
void multiply_add(V* state, V m, V a) {
  V x[chains];
  for (int c = 0; c < chains; ++c) x[c] = state[c];
  for (int turn = 0; turn < turns; ++turn) {
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) x[c] = x[c] * m + a;
  }
  for (int c = 0; c < chains; ++c) state[c] = x[c];
  asm volatile("" : : "r"(state) : "memory");
}

void triad(double* __restrict to, const double* __restrict b, const double* __restrict c, double s, std::int64_t count) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) to[i] = b[i] + s * c[i];
}

// "2048K", "1M"
std::int64_t bytes_in(const std::string& file) {
  std::ifstream in(file);
  std::int64_t size = 0;
  char unit = 0;
  if (!(in >> size)) return 0;
  in >> unit;
  return unit == 'K' ? size << 10 : unit == 'M' ? size << 20 : unit == 'G' ? size << 30 : size;
}

}  // namespace

CacheSizes cache_sizes(const char* folder) {
  CacheSizes sizes;
  const std::string core = std::string(folder) + "/cpu" + std::to_string(std::max(sched_getcpu(), 0)) + "/cache/index";
  int last = 0;
  for (int index = 0; index < 8; ++index) {
    const std::string cache = core + std::to_string(index);
    int level = 0;
    std::string type;
    std::ifstream(cache + "/level") >> level;
    std::ifstream(cache + "/type") >> type;
    const std::int64_t bytes = bytes_in(cache + "/size");
    if (type == "Instruction" || bytes <= 0) continue;
    if (level == 2) sizes.second = bytes;
    if (level >= 2 && level > last) {
      last = level;
      sizes.last = bytes;
    }
  }
  return sizes;
}

template <class T>
double multiply_add_rate(double seconds) {
  using V = typename Register<T>::Values;
  V state[chains] = {};
  // x tends to 1: no overflow, no subnormal numbers, which some cores compute slowly.
  V m{}, a{};
  for (int lane = 0; lane < static_cast<int>(register_bytes / sizeof(T)); ++lane) {
    m[lane] = static_cast<T>(0.75);
    a[lane] = static_cast<T>(0.25);
  }
  constexpr double flop = 2.0 * chains * turns * register_bytes / sizeof(T);
  return best_rate(flop, seconds, [&] { multiply_add(state, m, a); });
}

double triad_rate(double* data, std::int64_t bytes, double seconds) {
  const std::int64_t count = bytes / static_cast<std::int64_t>(3 * sizeof(double)) / 8 * 8;   // whole cache lines
  double* b = data + count;
  double* c = b + count;
  for (std::int64_t i = 0; i < 2 * count; ++i) b[i] = 1;
  const double moved = 3.0 * sizeof(double) * static_cast<double>(count);
  return best_rate(moved, seconds, [&] {
    triad(data, b, c, 0.5, count);
    asm volatile("" : : "r"(data) : "memory");
  });
}

template double multiply_add_rate<float>(double);
template double multiply_add_rate<double>(double);

}  // namespace jetpinn
