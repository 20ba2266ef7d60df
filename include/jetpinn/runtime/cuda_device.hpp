// One stream of the CUDA card that this process has chosen (runtime/cuda_facts.hpp), and memory of that card. Builds with
// JETPINN_CUDA.
//
// Work begins as soon as the card comes to it. Copies from the host read its memory before they return, but for large ones,
// which the card may still read until the stream has passed them.
#pragma once

#include "jetpinn/kernels/device_queue.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstddef>
#include <map>
#include <memory>

namespace jetpinn {

class CudaGraph;    // runtime/cuda_graph.hpp
class CudaLibrary;  // products (runtime/cuda_product.hpp)

class CudaDevice : public CudaQueue, public SlabSource {
 public:
  // Throws Error.
  CudaDevice();
  // Waits for all work. Pools of the device are gone by then.
  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  Stream stream() { return Stream{this}; }
  CudaLibrary& library();  // made when it is first asked for

  // At once, on the host: work that the card does goes through native().
  void give(std::function<void()> work) override;
  std::int64_t given() const override { return given_; }
  void wait_for(std::int64_t pieces) override;

  CUstream_st* native() override { return stream_; }
  void count() override { ++given_; }
  void copy_to_device(const void* from, void* to, std::int64_t bytes) override;
  void copy_values_to_device(const void* from, void* to, std::int64_t bytes) override;
  void copy_made_to_device(std::function<void(void*)> make, void* to, std::int64_t bytes) override;
  void copy_to_host(const void* from, void* to, std::int64_t bytes) override;

  void begin_recording(std::int64_t staged) override;
  std::unique_ptr<DeviceGraph> end_recording() override;
  void drop_recording() noexcept override;
  void prepare(std::function<void()> part) override;

  std::byte* take(std::int64_t bytes) override;
  // Memory goes back to the card when all of a slab was given back: CUDA takes no part of one.
  void give_back(std::byte* from, std::int64_t bytes) noexcept override;

 private:
  // Where the host puts what the card is to read, so that the host need not wait for it.
  class Staging;

  void send(const void* from, void* to, std::int64_t bytes);  // pinned, or left alone until the stream has passed here

  CUstream_st* stream_ = nullptr;
  std::unique_ptr<Staging> staging_;
  std::unique_ptr<CudaLibrary> library_;
  std::unique_ptr<CudaGraph> recording_;
  std::map<std::byte*, std::int64_t> slabs_;  // begin and bytes that were not given back
  std::int64_t given_ = 0, waited_ = 0;
  std::int64_t given_before_ = 0;  // when the recording began
};

}  // namespace jetpinn
