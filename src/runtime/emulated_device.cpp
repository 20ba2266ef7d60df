#include "jetpinn/runtime/emulated_device.hpp"

#include "jetpinn/runtime/pages.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

namespace jetpinn {

// The device's memory is open as long as this lives.
class EmulatedDevice::OpenPages {
 public:
  explicit OpenPages(EmulatedDevice& device) : device_(device) {
    if (device_.open_++ == 0) device_.protect(PROT_READ | PROT_WRITE);
  }
  ~OpenPages() {
    if (--device_.open_ == 0) device_.protect(PROT_NONE);
  }
  OpenPages(const OpenPages&) = delete;
  OpenPages& operator=(const OpenPages&) = delete;

 private:
  EmulatedDevice& device_;
};

// What was recorded, and how much of the host's memory it copies.
class EmulatedDevice::Graph : public DeviceGraph {
 public:
  Graph(EmulatedDevice& device, std::int64_t staged) : device_(device), staged_(staged), before_(device.copied) {}

  const CopiedBytes& before() const { return before_; }
  void prepare(std::function<void()> part) { parts_.push_back(std::move(part)); }
  void give(std::function<void()> work) { work_->push_back(std::move(work)); }
  // Nothing of it was done yet.
  void end() {
    copied_ = {device_.copied.to_device - before_.to_device, device_.copied.to_host - before_.to_host};
    device_.copied = before_;
    if (copied_.to_device > staged_) throw NotRecordable("more is copied from the host than was said");
  }

  void replay() override {
    device_.run_until(last_);  // what was prepared for the replay before has been read
    for (const auto& part : parts_) part();
    device_.copied.to_device += copied_.to_device;
    device_.copied.to_host += copied_.to_host;
    device_.give([work = work_] { run(*work); });
    last_ = device_.given();
  }

 private:
  using Work = std::vector<std::function<void()>>;
  // All pieces, as the queue has it.
  static void run(const Work& work) {
    std::exception_ptr failure;
    for (const auto& piece : work) try {
        piece();
      } catch (...) {
        if (!failure) failure = std::current_exception();
      }
    if (failure) std::rethrow_exception(failure);
  }

  EmulatedDevice& device_;
  const std::int64_t staged_;
  const CopiedBytes before_;
  CopiedBytes copied_;
  Work parts_;
  const std::shared_ptr<Work> work_ = std::make_shared<Work>();  // shared with replays that wait
  std::int64_t last_ = 0;                                        // pieces of the queue when it was replayed last
};

EmulatedDevice::EmulatedDevice() = default;
EmulatedDevice::~EmulatedDevice() {
  for (const auto& [begin, bytes] : pages_) unmap_pages(begin, bytes);
}

// A device whose pages cannot be closed would prove nothing.
void EmulatedDevice::protect(int protection) noexcept {
  for (const auto& [begin, bytes] : pages_)
    if (mprotect(begin, static_cast<std::size_t>(bytes), protection) != 0) std::abort();
}

void EmulatedDevice::give(std::function<void()> work) {
  recording_ ? recording_->give(std::move(work)) : waiting_.push_back(std::move(work));
}

void EmulatedDevice::begin_recording(std::int64_t staged) {
  JETPINN_CHECK(!recording_, "a recording in a recording");
  recording_ = std::make_unique<Graph>(*this, staged);
}

std::unique_ptr<DeviceGraph> EmulatedDevice::end_recording() {
  std::unique_ptr<Graph> graph = std::move(recording_);
  graph->end();
  return graph;
}

void EmulatedDevice::drop_recording() noexcept {
  if (recording_) copied = recording_->before();
  recording_.reset();
}

void EmulatedDevice::prepare(std::function<void()> part) { recording_ ? recording_->prepare(std::move(part)) : part(); }

void EmulatedDevice::run_until(std::int64_t pieces) noexcept {
  if (done_ >= pieces || waiting_.empty()) return;
  const OpenPages open(*this);
  while (done_ < pieces && !waiting_.empty()) {
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    ++done_;
    try {
      work();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

void EmulatedDevice::wait_for(std::int64_t pieces) {
  if (recording_) throw NotRecordable("the host waits for the device");
  run_until(pieces);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

std::byte* EmulatedDevice::take(std::int64_t bytes) {
  if (recording_) throw NotRecordable("memory of the device is taken");
  std::byte* begin = map_pages(bytes, open_ > 0 ? PROT_READ | PROT_WRITE : PROT_NONE);
  pages_[begin] = bytes;
  return begin;
}

void EmulatedDevice::give_back(std::byte* from, std::int64_t bytes) noexcept {
  run_until(given());
  const auto slab = std::prev(pages_.upper_bound(from));
  slab->second -= bytes;
  if (slab->second == 0) pages_.erase(slab);
  unmap_pages(from, bytes);
}

}  // namespace jetpinn
