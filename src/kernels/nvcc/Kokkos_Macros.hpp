// The marks of functions for devices, as a Kokkos with CUDA defines them. nvcc sees this file in the place of Kokkos, which
// is one for hosts: it compiles kernels alone, and those take nothing else of Kokkos.
#pragma once

#define KOKKOS_FUNCTION __host__ __device__
#define KOKKOS_INLINE_FUNCTION inline __host__ __device__
#define KOKKOS_FORCEINLINE_FUNCTION __forceinline__ __host__ __device__
