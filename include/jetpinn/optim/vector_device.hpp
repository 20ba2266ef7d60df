// A device as optimisers see it: memory for flat fp64 vectors and what is done with those, in the order of one stream. Where
// something is returned to the host, the host waits for it.
#pragma once

#include "jetpinn/base/any_device.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/adam_factors.hpp"
#include "jetpinn/kernels/device_queue.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace jetpinn {

class VectorDevice {
 public:
  virtual ~VectorDevice() = default;

  // What works on the vectors is ordered on it: an engine that is given it shares the device.
  virtual Stream stream() = 0;
  virtual CopiedBytes copied() const = 0;  // so far, by whoever shares the device

  virtual DeviceVector take(std::int64_t n) = 0;  // zeros
  virtual void give_back(DeviceVector vector) noexcept = 0;
  // What is sent is what is there when the copy runs: the host leaves `from` alone until the event is complete.
  virtual Event upload(const double* from, DeviceVector to, std::int64_t n) = 0;
  virtual void download(ConstDeviceVector from, double* to, std::int64_t n) = 0;

  // to = a x + b y; a null y counts as zeros. `to` may be x or y.
  virtual void combine(double a, ConstDeviceVector x, double b, ConstDeviceVector y, DeviceVector to, std::int64_t n) = 0;
  virtual void update_adam(const AdamFactors& by, ConstDeviceVector gradient, DeviceVector first, DeviceVector second,
                           DeviceVector parameters, std::int64_t n) = 0;
  // In an order that depends on n alone.
  virtual double dot(ConstDeviceVector x, ConstDeviceVector y, std::int64_t n) = 0;
  virtual double sum_of_magnitudes(ConstDeviceVector x, std::int64_t n) = 0;
  virtual double largest_magnitude(ConstDeviceVector x, std::int64_t n) = 0;
  virtual bool all_finite(ConstDeviceVector x, std::int64_t n) = 0;
};

// Of the name that --device gives; null: the host. Vectors on it go before it does.
std::unique_ptr<VectorDevice> make_vector_device(const std::string& name);

}  // namespace jetpinn
