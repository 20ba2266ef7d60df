#include "jetpinn/base/region.hpp"

#include <chrono>
#include <iterator>

namespace jetpinn {
namespace {

struct Account {
  RegionTimes times;
  Region current = Region::startup;
  double since = wall_seconds();
  bool started = false;

  // Regions entered during start-up return to it; afterwards they return to `other`.
  void enter(Region next) {
    const double now = wall_seconds();
    times[current] += now - since;
    since = now;
    current = started && next == Region::startup ? Region::other : next;
  }
};

Account& account() {
  static Account the_account;
  return the_account;
}

RegionListener* listeners[most_region_listeners] = {};
int listener_count = 0;
bool detail = false;

void tell_push(const char* label) {
  for (int i = 0; i < listener_count; ++i) listeners[i]->push(label);
}
// The last to hear a begin is the first to hear its end.
void tell_pop() {
  for (int i = listener_count; i-- > 0;) listeners[i]->pop();
}

const char* label_of(Region region) {
  static const char* const labels[] = {"jetpinn::startup",  "jetpinn::product",    "jetpinn::activation",
                                       "jetpinn::tape",     "jetpinn::allreduce",  "jetpinn::optimizer",
                                       "jetpinn::sampling", "jetpinn::evaluation", "jetpinn::checkpoint",
                                       "jetpinn::io",       "jetpinn::idle",       "jetpinn::other"};
  static_assert(std::size(labels) == static_cast<std::size_t>(Region::count));
  return labels[static_cast<int>(region)];
}

}  // namespace

const char* to_string(Region region) {
  constexpr int prefix = 9;   // "jetpinn::"
  return label_of(region) + prefix;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

RegionTimes region_times(double* until) {
  account().enter(account().current);
  if (until) *until = account().since;
  return account().times;
}

Region current_region() { return account().current; }

// Another run of this process has an account of its own: what was accounted before is forgotten.
void begin_regions(double begin) {
  Account& the = account();
  the.enter(Region::startup);
  the.times = {};
  the.times[Region::startup] = the.since - begin;
  the.current = Region::startup;
  the.started = false;
}

void end_startup() {
  Account& the = account();
  the.started = true;
  the.enter(the.current);
}

void move_region_time(Region from, Region to, double seconds) {
  account().times[from] -= seconds;
  account().times[to] += seconds;
}

ScopedRegion::ScopedRegion(Region region) : ScopedRegion(region, label_of(region)) {}
ScopedRegion::ScopedRegion(Region region, const char* label) : outer_(account().current) {
  account().enter(region);
  if (listener_count > 0) tell_push(label);
}
ScopedRegion::~ScopedRegion() {
  if (listener_count > 0) tell_pop();
  account().enter(outer_);
}

ScopedLabel::ScopedLabel(const char* label) {
  if (listener_count > 0) tell_push(label);
}
ScopedLabel::~ScopedLabel() {
  if (listener_count > 0) tell_pop();
}

bool add_region_listener(RegionListener& listener) {
  if (listener_count == most_region_listeners) return false;
  listeners[listener_count++] = &listener;
  return true;
}

void remove_region_listener(RegionListener& listener) {
  int kept = 0;
  for (int i = 0; i < listener_count; ++i) {
    if (listeners[i] != &listener) listeners[kept++] = listeners[i];
  }
  listener_count = kept;
}

void push_region(Region region) {
  if (listener_count > 0) tell_push(label_of(region));
}
void pop_region() {
  if (listener_count > 0) tell_pop();
}

void set_region_detail(bool on) { detail = on; }
bool region_detail() { return detail; }

}  // namespace jetpinn
