// Every collective runs inside a scope that says who is where: what the watchdogs of all ranks read when
// one hangs, without calling MPI.
#pragma once

#include <cstdint>

namespace jetpinn {

// Where the main thread is; the same stands in its rank record, which other processes read.
struct CollectivePlace {
  const char* phase = nullptr;   // a string literal; null: computing, in no scope
  std::int64_t step = -1;        // -1: before the first
  bool waiting = false;          // in a collective; false: at work of this rank's own
};

// Main thread only, as all below.
const CollectivePlace& collective_place();
void set_collective_step(std::int64_t step);

// Around a collective: a scope that lasts longer than the deadline means a lost rank.
class CollectiveScope {
 public:
  explicit CollectiveScope(const char* phase);
  ~CollectiveScope();
  CollectiveScope(const CollectiveScope&) = delete;
  CollectiveScope& operator=(const CollectiveScope&) = delete;

 private:
  CollectivePlace outer_;
};

// Around work of this rank that the others may wait for, such as writing a file: named like a collective, but may last.
class WorkScope {
 public:
  explicit WorkScope(const char* phase);
  ~WorkScope();
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;

 private:
  CollectivePlace outer_;
};

}  // namespace jetpinn
