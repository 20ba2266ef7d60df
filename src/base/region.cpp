#include "jetpinn/base/region.hpp"

#include <chrono>
#include <iterator>

namespace jetpinn {
namespace {

struct Account {
  RegionTimes times;
  Region current = Region::other;
  double since = wall_seconds();

  void enter(Region next) {
    const double now = wall_seconds();
    times[current] += now - since;
    since = now;
    current = next;
  }
};

Account& account() {
  static Account the_account;
  return the_account;
}

}  // namespace

const char* to_string(Region region) {
  static const char* const names[] = {"product",  "activation", "tape", "allreduce", "optimizer",
                                      "sampling", "checkpoint", "io",   "other"};
  static_assert(std::size(names) == static_cast<std::size_t>(Region::count));
  return names[static_cast<int>(region)];
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

RegionTimes region_times() {
  account().enter(account().current);
  return account().times;
}

void move_region_time(Region from, Region to, double seconds) {
  account().times[from] -= seconds;
  account().times[to] += seconds;
}

ScopedRegion::ScopedRegion(Region region) : outer_(account().current) { account().enter(region); }
ScopedRegion::~ScopedRegion() { account().enter(outer_); }

}  // namespace jetpinn
