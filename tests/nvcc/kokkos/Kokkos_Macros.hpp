// The marks of functions for devices as a Kokkos with CUDA defines them, for compiling kernels where there is none.
#pragma once

#define KOKKOS_FUNCTION __host__ __device__
#define KOKKOS_INLINE_FUNCTION inline __host__ __device__
#define KOKKOS_FORCEINLINE_FUNCTION __forceinline__ __host__ __device__
