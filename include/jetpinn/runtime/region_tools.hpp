// The regions of base/region.hpp as others' profilers see them: Kokkos Tools and NVTX (Nsight).
#pragma once

#include "jetpinn/base/region.hpp"

#include <memory>

namespace jetpinn {

// Passes regions on to the tools that are attached to this process: a Kokkos tool (KOKKOS_TOOLS_LIBS;
// KOKKOS_PROFILE_LIBRARY before Kokkos 3.7), ranges in the NVTX domain "jetpinn" in builds that found its header. Null, and
// nothing to pay for, when there is none. To be called after Kokkos was started and destroyed before it ends; listens from
// its creation to its destruction.
std::unique_ptr<RegionListener> attach_region_tools();

}  // namespace jetpinn
