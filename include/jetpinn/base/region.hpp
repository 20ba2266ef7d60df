// Scoped regions: the names under which time is accounted. Cheap enough for a region per chunk (two clock reads).
#pragma once

#include <array>
#include <cstdint>

namespace jetpinn {

// Where the time of a run goes. The order is that of reports. `startup` lasts from the program's begin to the first step,
// `evaluation` is what is evaluated beside the steps, such as the comparison with a reference, `idle` waits for other ranks
// outside the gradient's all-reduce.
enum class Region : int {
  startup, product, activation, tape, allreduce, optimizer, sampling, evaluation, checkpoint, io, idle, other, count
};
const char* to_string(Region);

struct RegionTimes {
  std::array<double, static_cast<int>(Region::count)> seconds{};
  double& operator[](Region region) { return seconds[static_cast<int>(region)]; }
  double operator[](Region region) const { return seconds[static_cast<int>(region)]; }
};

// Totals of this process (exclusive time: an inner region interrupts the outer one). Their sum is the
// wall time since the account began.
RegionTimes region_times(double* until = nullptr);   // until: receives the moment up to which they count, as wall_seconds()
Region current_region();

// The account begins in Region::startup at `begin`, a value of wall_seconds() before anything was accounted; without
// this call at the first region.
void begin_regions(double begin);
// From here on what no region claims is `other`.
void end_startup();

// Accounts the time until the end of the scope to `region`. Main thread only.
class ScopedRegion {
 public:
  explicit ScopedRegion(Region region);            // listeners hear "jetpinn::<region>"
  ScopedRegion(Region region, const char* label);  // under another name
  ~ScopedRegion();
  ScopedRegion(const ScopedRegion&) = delete;
  ScopedRegion& operator=(const ScopedRegion&) = delete;

 private:
  Region outer_;
};

// A name for listeners that accounts nothing: "jetpinn::step". The text outlives the listeners.
class ScopedLabel {
 public:
  explicit ScopedLabel(const char* label);
  ~ScopedLabel();
  ScopedLabel(const ScopedLabel&) = delete;
  ScopedLabel& operator=(const ScopedLabel&) = delete;
};

// Hears every region and label begin and end, properly nested, on the main thread.
class RegionListener {
 public:
  virtual ~RegionListener() = default;
  virtual void push(const char* label) noexcept = 0;
  virtual void pop() noexcept = 0;
};
inline constexpr int most_region_listeners = 2;
// At most two; false: there is no room. A listener added or removed inside a region may hear an
// end without a begin, or no end.
bool add_region_listener(RegionListener& listener);
void remove_region_listener(RegionListener& listener);
// For code that keeps its own account, and whose regions listeners are to be told of.
void push_region(Region region);
void pop_region();

// On: kernels account every chunk, not a sample, and tell the listeners. Dearer: for single steps.
void set_region_detail(bool on);
bool region_detail();

// Accounts `seconds` of what was accounted to `from` to `to` instead: for splits that were
// sampled rather than timed throughout.
void move_region_time(Region from, Region to, double seconds);

double wall_seconds();  // s, monotonic

}  // namespace jetpinn
