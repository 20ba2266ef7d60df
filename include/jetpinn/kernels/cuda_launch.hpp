// Kernels on a CUDA stream.
#pragma once

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/stream.hpp"

#include <cstdint>

namespace jetpinn {

// functor(i) for i < extent, a thread for each. nvcc compiles it for the functors that src/kernels/cuda_launch.cu lists, and
// the compiler of everything else sees this declaration alone: a functor that is not in the list fails to link.
template <class Functor>
void launch(CudaSpace, Stream stream, const char* label, std::int64_t extent, const Functor& functor);

}  // namespace jetpinn
