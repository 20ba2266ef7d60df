// What kernels have done, counted by the plan and not by the hardware: the two sides of the roofline.
#pragma once

namespace jetpinn {

struct KernelWork {
  double flop = 0;    // floating-point operations as the kernels write them
  double bytes = 0;   // read and written by the kernels, each operand of a tile or chunk once: traffic
                      // of the cache that holds a chunk
};

// The classes in which an engine's kernels are accounted; each has a region of the same name.
struct EngineWork {
  KernelWork product, activation, tape;
};

inline void add(KernelWork& to, const KernelWork& work, double times = 1) {
  to.flop += times * work.flop;
  to.bytes += times * work.bytes;
}
inline void add(EngineWork& to, const EngineWork& work, double times = 1) {
  add(to.product, work.product, times);
  add(to.activation, work.activation, times);
  add(to.tape, work.tape, times);
}

}  // namespace jetpinn
