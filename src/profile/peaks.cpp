#include "jetpinn/profile/peaks.hpp"

#include "jetpinn/profile/host.hpp"
#include "jetpinn/profile/memory.hpp"
#include "jetpinn/profile/peak_kernels.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;

double cache_rate(std::int64_t bytes, double seconds) {
  Pool pool;
  return triad_rate(pool.allocate<double>(bytes / static_cast<std::int64_t>(sizeof(double))), bytes, seconds);
}

// Twice the last level's cache would be enough; some machines' is a quarter of a gigabyte and more, and touching memory
// takes longer than measuring it.
std::int64_t memory_set(const CacheSizes& caches) { return std::clamp(2 * caches.last, 32 * mebibyte, 128 * mebibyte); }

void measure_memory(MachinePeaks& peaks, const CacheSizes& caches) {
  constexpr std::int64_t share = 8;   // of what is there, no more: others start at the same time
  const std::int64_t bytes = memory_set(caches);
  if (bytes > std::min(available_memory_bytes(), address_space_left_bytes()) / share) return;
  try {
    const MemoryReservation memory(bytes);   // gone from the peak of resident memory afterwards
    peaks.memory_bytes = triad_rate(static_cast<double*>(memory.data()), bytes, 0.06);
    peaks.memory_set = bytes;
  } catch (const Error&) {
    // another process was quicker
  }
}

struct Seconds {
  double arithmetic, cache;
};

MachinePeaks measure(const CacheSizes& caches, Seconds time) {
  MachinePeaks peaks;
  peaks.fp64_flops = multiply_add_rate<double>(time.arithmetic);
  peaks.fp32_flops = multiply_add_rate<float>(time.arithmetic);
  peaks.cache_set = caches.second / 2;
  peaks.cache_bytes = cache_rate(peaks.cache_set, time.cache);
  return peaks;
}

}  // namespace

Peaks MachinePeaks::in(Precision precision) const {
  Peaks peaks;
  if (precision == Precision::fp64) peaks.flops = fp64_flops;
  if (precision == Precision::fp32 || precision == Precision::tf32) peaks.flops = fp32_flops;
  peaks.cache_bytes = cache_bytes;
  peaks.memory_bytes = memory_bytes;
  return peaks;
}

MachinePeaks measure_peaks() {
  const CacheSizes caches = cache_sizes();
  MachinePeaks peaks = measure(caches, {0.04, 0.04});
  measure_memory(peaks, caches);
  return peaks;
}

MachinePeaks read_or_measure_peaks(const PeakCache& cache) {
  std::optional<MachinePeaks> peaks = cache.read();
  if (!peaks) {
    peaks = measure_peaks();
    cache.write(*peaks);
    return *peaks;
  }
  constexpr double clearly = 1.02;
  const MachinePeaks again = measure(cache_sizes(), {2e-3, 2e-3});
  bool faster = false;
  for (auto value : {&MachinePeaks::fp64_flops, &MachinePeaks::fp32_flops, &MachinePeaks::cache_bytes}) {
    if (again.*value < clearly * (*peaks).*value) continue;
    (*peaks).*value = again.*value;
    faster = true;
  }
  if (faster) cache.write(*peaks);
  return *peaks;
}

MachinePeaks peaks_of_host(Communicator& communicator, const std::string& host,
                           const std::function<MachinePeaks()>& measure) {
  constexpr std::size_t exact_in_double = std::size_t{1} << 53;
  const double own = static_cast<double>(std::hash<std::string>{}(host) % exact_in_double);
  const std::vector<double> hosts = communicator.gather("machine peaks", own);
  const auto first = std::find(hosts.begin(), hosts.end(), own) - hosts.begin();
  MachinePeaks peaks;
  communicator.agree("machine peaks", [&] {
    if (first == communicator.rank()) peaks = measure();
  });
  for (double* value : {&peaks.fp64_flops, &peaks.fp32_flops, &peaks.cache_bytes, &peaks.memory_bytes})
    *value = communicator.gather("machine peaks", *value)[static_cast<std::size_t>(first)];
  return peaks;
}

MachinePeaks machine_peaks(Communicator& communicator) {
  return peaks_of_host(communicator, host_name(), [] { return read_or_measure_peaks(PeakCache()); });
}

}  // namespace jetpinn
