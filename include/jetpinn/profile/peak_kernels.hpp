// Small kernels that show what one core can do at best: arithmetic, and traffic to its
// second-level cache and to main memory.
#pragma once

#include <cstdint>

namespace jetpinn {

// Bytes of the caches of the core this runs on, as the system tells (sysfs); a common size where it does not.
struct CacheSizes {
  std::int64_t second = std::int64_t{1} << 20;
  std::int64_t last = std::int64_t{32} << 20;
};
CacheSizes cache_sizes(const char* folder = "/sys/devices/system/cpu");

// FLOP/s of vector multiply-adds x := x m + a on independent registers: nothing this build
// computes on one core in T is faster.
// Best of what fits into `seconds`.
template <class T>
double multiply_add_rate(double seconds);

// Bytes/s of the triad a := b + s c (two read, one written; STREAM) over `bytes` in all, given by the caller. Best of what
// fits into `seconds`, of two passes at least.
double triad_rate(double* data, std::int64_t bytes, double seconds);

}  // namespace jetpinn
