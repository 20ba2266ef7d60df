// Products on a stream: the host's at once, a device's in its queue.
#pragma once

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/cuda_product.hpp"
#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace jetpinn {

template <class T, class Space>
class StreamProduct {
 public:
  // Throws as make_product.
  StreamProduct(const std::string& backend, const ProductShape& shape) : product_(make_product<T>(backend, shape)) {}

  // As Product; a, b and c lie in the space, and stay until the stream has passed here.
  void operator()(Stream stream, std::int64_t rows, Pointer<const T, Space> a, Pointer<const T, Space> b,
                  Pointer<T, Space> c) const {
    if constexpr (Space::host) {
      (*product_)(rows, a, b, c);
    } else {
      give(Space{}, stream, rows, a.address(), b.address(), c.address());
    }
  }

 private:
  // The emulated device computes with the host's libraries.
  void give(EmulatedSpace, Stream stream, std::int64_t rows, const T* a, const T* b, T* c) const {
    queue_of(stream).give([product = product_, rows, a, b, c] { (*product)(rows, a, b, c); });
  }

  std::shared_ptr<Product<T>> product_;  // shared with work that waits
};

// On a CUDA card there is one back end, whatever the name.
template <class T>
class StreamProduct<T, CudaSpace> {
 public:
  StreamProduct(const std::string&, const ProductShape& shape) : product_(std::make_unique<CudaProduct<T>>(shape)) {}

  void operator()(Stream stream, std::int64_t rows, DevicePointer<const T, CudaSpace> a, DevicePointer<const T, CudaSpace> b,
                  DevicePointer<T, CudaSpace> c) const {
    (*product_)(stream, rows, a.address(), b.address(), c.address());
  }

 private:
  std::unique_ptr<CudaProduct<T>> product_;
};

}  // namespace jetpinn
