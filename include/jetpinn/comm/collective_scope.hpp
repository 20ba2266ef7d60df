// Every collective runs inside a scope that says who is where: what a watchdog reads when a rank hangs, without calling MPI.
#pragma once

#include <atomic>
#include <cstdint>

namespace jetpinn {

struct CollectiveState {
  std::atomic<const char*> phase{nullptr};     // a string literal; null: in no collective
  std::atomic<std::int64_t> step{-1};
  std::atomic<double> entered{0};              // wall_seconds() at entry
};

CollectiveState& collective_state();
void set_collective_step(std::int64_t step);

class CollectiveScope {
 public:
  explicit CollectiveScope(const char* phase);
  ~CollectiveScope();
  CollectiveScope(const CollectiveScope&) = delete;
  CollectiveScope& operator=(const CollectiveScope&) = delete;

 private:
  const char* outer_;
};

}  // namespace jetpinn
