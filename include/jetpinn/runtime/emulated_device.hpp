// A device without a GPU: memory that the host may not touch, and a queue that puts off its work as long as it can. Device
// code that runs on it touches no host memory by mistake, and host code waits for what it reads.
//
// The device's pages can be read and written only while work of its queue runs; elsewhere the access ends the process. Work
// runs when somebody waits for it or for something behind it, and not before: who does not wait reads what was there before,
// every time. A copy from the host likewise reads the host's memory when it runs: the source must stay until then.
//
// A graph is the pieces of work that were recorded, which run once more with each replay.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/device_queue.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <deque>
#include <exception>
#include <map>
#include <memory>

namespace jetpinn {

class EmulatedDevice : public DeviceQueue, public SlabSource {
 public:
  EmulatedDevice();
  // Work that nobody waited for is dropped. Pools of the device are gone by then.
  ~EmulatedDevice() override;
  EmulatedDevice(const EmulatedDevice&) = delete;
  EmulatedDevice& operator=(const EmulatedDevice&) = delete;

  Stream stream() { return Stream{this}; }

  void give(std::function<void()> work) override;
  std::int64_t given() const override { return done_ + static_cast<std::int64_t>(waiting_.size()); }
  // All pieces run, even where one throws; then what the first of them threw is thrown.
  void wait_for(std::int64_t pieces) override;

  void begin_recording(std::int64_t staged) override;
  std::unique_ptr<DeviceGraph> end_recording() override;
  void drop_recording() noexcept override;
  void prepare(std::function<void()> part) override;

  std::byte* take(std::int64_t bytes) override;
  // Waits for all work first, which may use the memory; what that throws is left to the next wait.
  void give_back(std::byte* from, std::int64_t bytes) noexcept override;

 private:
  class OpenPages;
  class Graph;
  void protect(int protection) noexcept;
  void run_until(std::int64_t pieces) noexcept;

  std::deque<std::function<void()>> waiting_;
  std::unique_ptr<Graph> recording_;
  std::int64_t done_ = 0;
  std::exception_ptr failure_;
  std::map<std::byte*, std::int64_t> pages_;   // begin and bytes of everything taken
  int open_ = 0;                               // pieces of work that are running, one inside the other
};

}  // namespace jetpinn
