#include "jetpinn/runtime/cuda_device.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/cuda_graph.hpp"
#include "jetpinn/runtime/cuda_product.hpp"

#include <cuda_runtime_api.h>

#include <cstring>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// Pinned memory, used from its beginning to its end and then anew, when the stream has read all of it.
class CudaDevice::Staging {
 public:
  Staging() { check_cuda(cudaMallocHost(reinterpret_cast<void**>(&begin_), size), "pinned memory"); }
  ~Staging() { cudaFreeHost(begin_); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  static bool takes(std::int64_t bytes) { return bytes <= largest; }
  // A copy of `from` that stays until the stream has passed what the caller gives it next.
  const std::byte* hold(const void* from, std::int64_t bytes, CudaDevice& device) {
    if (used_ + bytes > size) {
      device.wait_for(device.given());
      used_ = 0;
    }
    std::byte* const place = begin_ + used_;
    std::memcpy(place, from, static_cast<std::size_t>(bytes));
    used_ += (bytes + alignment - 1) / alignment * alignment;
    return place;
  }

 private:
  static constexpr std::int64_t size = std::int64_t{8} << 20, largest = size / 8, alignment = 64;
  std::byte* begin_ = nullptr;
  std::int64_t used_ = 0;
};

CudaDevice::CudaDevice() {
  // Not blocking: what other parts of the process do on CUDA's default stream is not waited for.
  check_cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "a stream");
  try {
    staging_ = std::make_unique<Staging>();
  } catch (...) {
    cudaStreamDestroy(stream_);
    throw;
  }
}

CudaDevice::~CudaDevice() {
  recording_.reset();
  cudaStreamSynchronize(stream_);
  library_.reset();
  for (const auto& [begin, bytes] : slabs_) cudaFree(begin);
  staging_.reset();
  cudaStreamDestroy(stream_);
}

CudaLibrary& CudaDevice::library() {
  if (!library_) library_ = std::make_unique<CudaLibrary>(*this);
  return *library_;
}

void CudaDevice::give(std::function<void()> work) {
  if (recording_) throw NotRecordable("the host works in it");
  work();
  count();
}

void CudaDevice::wait_for(std::int64_t pieces) {
  if (recording_) throw NotRecordable("the host waits for the card");
  if (pieces <= waited_) return;
  const std::int64_t given = given_;
  check_cuda(cudaStreamSynchronize(stream_), "work on the card");
  waited_ = given;
}

void CudaDevice::begin_recording(std::int64_t staged) {
  JETPINN_CHECK(!recording_, "a recording in a recording");
  given_before_ = given_;
  recording_ = std::make_unique<CudaGraph>(*this, staged);
}

std::unique_ptr<DeviceGraph> CudaDevice::end_recording() {
  std::unique_ptr<CudaGraph> graph = std::move(recording_);
  given_ = given_before_;
  graph->end();
  return graph;
}

void CudaDevice::drop_recording() noexcept {
  if (recording_) given_ = given_before_;
  recording_.reset();
}

void CudaDevice::prepare(std::function<void()> part) { recording_ ? recording_->prepare(std::move(part)) : part(); }

void CudaDevice::send(const void* from, void* to, std::int64_t bytes) {
  check_cuda(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice, stream_),
             "a copy to the card");
  copied.to_device += bytes;
  count();
}

void CudaDevice::copy_to_device(const void* from, void* to, std::int64_t bytes) {
  if (bytes == 0) return;
  if (recording_)
    return copy_made_to_device([=](void* place) { std::memcpy(place, from, static_cast<std::size_t>(bytes)); }, to, bytes);
  send(Staging::takes(bytes) ? staging_->hold(from, bytes, *this) : from, to, bytes);
}

void CudaDevice::copy_values_to_device(const void* from, void* to, std::int64_t bytes) {
  if (bytes == 0) return;
  if (!recording_) {
    copy_to_device(from, to, bytes);
    if (!Staging::takes(bytes)) wait_for(given_);
    return;
  }
  std::byte* const place = recording_->room(bytes);
  std::memcpy(place, from, static_cast<std::size_t>(bytes));
  send(place, to, bytes);
}

void CudaDevice::copy_made_to_device(std::function<void(void*)> make, void* to, std::int64_t bytes) {
  if (bytes == 0) return;
  if (!recording_) {
    std::vector<std::byte> values(static_cast<std::size_t>(bytes));
    make(values.data());
    return copy_values_to_device(values.data(), to, bytes);
  }
  std::byte* const place = recording_->room(bytes);
  recording_->prepare([make = std::move(make), place] { make(place); });
  send(place, to, bytes);
}

void CudaDevice::copy_to_host(const void* from, void* to, std::int64_t bytes) {
  if (bytes == 0) return;
  check_cuda(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost, stream_),
             "a copy from the card");
  copied.to_host += bytes;
  count();
}

std::byte* CudaDevice::take(std::int64_t bytes) {
  if (recording_) throw NotRecordable("memory of the card is taken");
  void* slab = nullptr;
  const cudaError_t taken = cudaMalloc(&slab, static_cast<std::size_t>(bytes));
  if (taken == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    std::size_t free = 0, all = 0;
    cudaMemGetInfo(&free, &all);
    const auto mib = [](auto number) { return std::to_string(static_cast<std::int64_t>(number) >> 20) + " MiB"; };
    throw Error(Status::usage, "device cuda: " + mib(bytes) + " more of the card's memory are needed, " + mib(free) +
                                   " of " + mib(all) +
                                   " are free; lower network.hidden, or leave the card to this run alone");
  }
  check_cuda(taken, "memory of the card");
  slabs_[static_cast<std::byte*>(slab)] = bytes;
  check_cuda(cudaMemsetAsync(slab, 0, static_cast<std::size_t>(bytes), stream_), "zeros in the card's memory");
  count();
  return static_cast<std::byte*>(slab);
}

void CudaDevice::give_back(std::byte* from, std::int64_t bytes) noexcept {
  const auto slab = std::prev(slabs_.upper_bound(from));
  slab->second -= bytes;
  if (slab->second > 0) return;
  cudaStreamSynchronize(stream_);  // work that still uses it
  cudaFree(slab->first);
  slabs_.erase(slab);
}

}  // namespace jetpinn
