// How an engine's time is split between regions.
#pragma once

#include "jetpinn/base/region.hpp"

#include <cstdint>

namespace jetpinn {

// Splits time between regions on a sample of chunks: two clock reads around every product of every tile would cost a tenth
// of a small network's step. With region_detail() every chunk is timed and told to the listeners. A chunk in which the
// thread lost its core counts only while there is no other: what another process took would stand for eight times as much,
// in the region that it happened to fall into.
class RegionSample {
 public:
  // Also of a chunk that throws: listeners are told of every end.
  class Chunk {
   public:
    explicit Chunk(RegionSample& sample) : sample_(sample) { sample_.begin_chunk(); }
    ~Chunk() { sample_.end_chunk(); }
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;

   private:
    RegionSample& sample_;
  };

  void enter(Region region);                             // from now on, until the next call
  void leave_out(double seconds) { since_ += seconds; }  // the last ones were no part of the chunk
  double share(Region region) const;  // of all sampled time

 private:
  void begin_chunk();
  void end_chunk();

  static constexpr int every = 8;
  RegionTimes chunk_, whole_, interrupted_;
  std::int64_t switches_ = 0;  // of the thread, when the chunk began
  Region current_ = Region::other;
  double since_ = 0;
  std::int64_t chunks_ = 0;
  bool on_ = false, detail_ = false;
};

}  // namespace jetpinn
