// The device of a space and its memory, as an engine owns them.
#pragma once

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/runtime/cuda_device.hpp"
#include "jetpinn/runtime/emulated_device.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <memory>

namespace jetpinn {

template <class A>
using PoolOf = SpacePool<typename A::Space>;

template <class Space>
struct Device {
  explicit Device(Stream = {}) {}
  Stream stream(Stream host) const { return host; }
  SpacePool<Space> pool;
};

// A device that one owns, or that several share: a device of their own has no word in what is given to another's queue.
template <class Machine>
class SharedMachine {
 public:
  // shared: the stream of the device, which outlives this; the host's: a device of its own. Throws Error (internal) where it
  // is of another kind of device.
  explicit SharedMachine(Stream shared)
      : own_(shared.queue ? nullptr : std::make_unique<Machine>()), machine_(own_ ? *own_ : of(shared)) {}
  Machine& operator*() const { return machine_; }
  Machine* operator->() const { return &machine_; }

 private:
  static Machine& of(Stream shared) {
    auto* machine = dynamic_cast<Machine*>(shared.queue);
    JETPINN_CHECK(machine != nullptr, "a stream of another kind of device");
    return *machine;
  }

  const std::unique_ptr<Machine> own_;
  Machine& machine_;
};

template <>
struct Device<EmulatedSpace> {
  explicit Device(Stream shared = {}) : device(shared) {}
  Stream stream(Stream) const { return device->stream(); }  // the device's queue, whatever the host's work is ordered on
  SharedMachine<EmulatedDevice> device;
  SpacePool<EmulatedSpace> pool{*device};
};

template <>
struct Device<CudaSpace> {
  explicit Device(Stream shared = {}) : device(shared) {}
  Stream stream(Stream) const { return device->stream(); }
  SharedMachine<CudaDevice> device;
  SpacePool<CudaSpace> pool{*device};
};

}  // namespace jetpinn
