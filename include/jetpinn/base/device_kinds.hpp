// Devices that compute like the emulated one: their spaces, and which of them this build has.
#pragma once

#include "jetpinn/base/arithmetic.hpp"
#include "jetpinn/base/space.hpp"

namespace jetpinn {

// An NVIDIA GPU. Any build knows the type; what computes there is compiled in builds with JETPINN_CUDA alone.
struct CudaSpace {
  static constexpr bool host = false;
  static constexpr const char* name = "cuda";
};

using CudaFp64 = Arithmetic<Fp64, CudaSpace>;
using CudaFp32 = Arithmetic<Fp32, CudaSpace>;

}  // namespace jetpinn

// Explicit instantiation for every device of the build, by its space or by its arithmetics.
#if defined(JETPINN_CUDA)
#define JETPINN_FOR_DEVICE_SPACES(INSTANTIATE) INSTANTIATE(EmulatedSpace) INSTANTIATE(CudaSpace)
#define JETPINN_FOR_DEVICES(INSTANTIATE) \
  INSTANTIATE(EmulatedFp32) INSTANTIATE(EmulatedFp64) INSTANTIATE(CudaFp32) INSTANTIATE(CudaFp64)
#else
#define JETPINN_FOR_DEVICE_SPACES(INSTANTIATE) INSTANTIATE(EmulatedSpace)
#define JETPINN_FOR_DEVICES(INSTANTIATE) INSTANTIATE(EmulatedFp32) INSTANTIATE(EmulatedFp64)
#endif
