#include "jetpinn/engine/region_sample.hpp"

#include <sys/resource.h>

namespace jetpinn {
namespace {

void add(RegionTimes& sum, const RegionTimes& times) {
  for (int r = 0; r < static_cast<int>(Region::count); ++r) sum.seconds[r] += times.seconds[r];
}

// How often the calling thread was off its core, by its own will or not.
std::int64_t thread_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw + usage.ru_nivcsw;
}

}  // namespace

void RegionSample::begin_chunk() {
  detail_ = region_detail();
  on_ = detail_ || chunks_ % every == 0;
  ++chunks_;
  if (!on_) return;
  chunk_ = {};
  switches_ = thread_switches();
  since_ = wall_seconds();
  current_ = Region::other;
}

void RegionSample::enter(Region region) {
  if (!on_ || region == current_) return;
  const double now = wall_seconds();
  chunk_[current_] += now - since_;
  since_ = now;
  if (detail_ && current_ != Region::other) pop_region();
  current_ = region;
  if (detail_ && current_ != Region::other) push_region(region);
}

void RegionSample::end_chunk() {
  if (!on_) return;
  enter(Region::other);
  add(thread_switches() == switches_ ? whole_ : interrupted_, chunk_);
  on_ = detail_ = false;
}

double RegionSample::share(Region region) const {
  for (const RegionTimes& times : {whole_, interrupted_}) {
    double total = 0;
    for (double seconds : times.seconds) total += seconds;
    if (total > 0) return times[region] / total;
  }
  return 0;
}

}  // namespace jetpinn
