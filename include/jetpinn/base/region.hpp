// Scoped regions: the names under which time is accounted. Cheap enough for a region per chunk (two clock reads).
#pragma once

#include <array>
#include <cstdint>

namespace jetpinn {

// Where the time of a step goes. The order is that of reports.
enum class Region : int { product, activation, tape, allreduce, optimizer, sampling, checkpoint, io, other, count };
const char* to_string(Region);

struct RegionTimes {
  std::array<double, static_cast<int>(Region::count)> seconds{};
  double& operator[](Region region) { return seconds[static_cast<int>(region)]; }
  double operator[](Region region) const { return seconds[static_cast<int>(region)]; }
};

// Totals of this process since its start (exclusive time: an inner region interrupts the outer one).
RegionTimes region_times();

// Accounts the time until the end of the scope to `region`. Main thread only.
class ScopedRegion {
 public:
  explicit ScopedRegion(Region region);
  ~ScopedRegion();
  ScopedRegion(const ScopedRegion&) = delete;
  ScopedRegion& operator=(const ScopedRegion&) = delete;

 private:
  Region outer_;
};

// Accounts `seconds` of what was accounted to `from` to `to` instead: for splits that were sampled rather than timed throughout.
void move_region_time(Region from, Region to, double seconds);

double wall_seconds();  // s, monotonic

}  // namespace jetpinn
