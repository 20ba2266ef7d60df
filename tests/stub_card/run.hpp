// Kernels on a card that is a stub: loops, in place of what nvcc makes of src/kernels/cuda_launch.cu.
#pragma once

#include "stub_card/stream.hpp"

#include <cstdint>

namespace jetpinn {

template <class Functor>
void run(CUstream_st* stream, const char*, std::int64_t extent, const Functor& functor) {
  stub_give(stream, [extent, functor] {
    for (std::int64_t i = 0; i < extent; ++i) functor(i);
  });
}

}  // namespace jetpinn
