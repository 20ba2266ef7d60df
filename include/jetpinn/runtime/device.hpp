// The device of a space and its memory, as an engine owns them.
#pragma once

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/runtime/cuda_device.hpp"
#include "jetpinn/runtime/emulated_device.hpp"
#include "jetpinn/runtime/pool.hpp"

namespace jetpinn {

template <class A>
using PoolOf = SpacePool<typename A::Space>;

template <class Space>
struct Device {
  Stream stream(Stream host) const { return host; }
  SpacePool<Space> pool;
};

template <>
struct Device<EmulatedSpace> {
  Stream stream(Stream) { return device.stream(); }   // its own queue, whatever the host's work is ordered on
  EmulatedDevice device;
  SpacePool<EmulatedSpace> pool{device};
};

template <>
struct Device<CudaSpace> {
  Stream stream(Stream) { return device.stream(); }
  CudaDevice device;
  SpacePool<CudaSpace> pool{device};
};

}  // namespace jetpinn
