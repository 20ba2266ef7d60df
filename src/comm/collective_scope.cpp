#include "jetpinn/comm/collective_scope.hpp"

#include "jetpinn/fault/rank_record.hpp"

namespace jetpinn {
namespace {

CollectivePlace here;

void move_to(const char* phase, bool waiting) {
  here.phase = phase;
  here.waiting = waiting;
  write_place(own_record(), phase, here.step, waiting);
}

}  // namespace

const CollectivePlace& collective_place() { return here; }

void set_collective_step(std::int64_t step) {
  here.step = step;
  write_place(own_record(), here.phase, step, here.waiting);
}

CollectiveScope::CollectiveScope(const char* phase) : outer_(here) { move_to(phase, true); }
CollectiveScope::~CollectiveScope() { move_to(outer_.phase, outer_.waiting); }

WorkScope::WorkScope(const char* phase) : outer_(here) { move_to(phase, false); }
WorkScope::~WorkScope() { move_to(outer_.phase, outer_.waiting); }

}  // namespace jetpinn
