#include "jetpinn/comm/collective_scope.hpp"

#include "jetpinn/base/region.hpp"

namespace jetpinn {

CollectiveState& collective_state() {
  static CollectiveState state;
  return state;
}

void set_collective_step(std::int64_t step) { collective_state().step = step; }

CollectiveScope::CollectiveScope(const char* phase) : outer_(collective_state().phase.load()) {
  // The time first: a watchdog that sees the phase must not see the time of an older one.
  collective_state().entered = wall_seconds();
  collective_state().phase = phase;
}

CollectiveScope::~CollectiveScope() {
  collective_state().entered = wall_seconds();
  collective_state().phase = outer_;
}

}  // namespace jetpinn
