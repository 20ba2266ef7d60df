#include "jetpinn/runtime/emulated_device.hpp"

#include "jetpinn/runtime/pages.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <iterator>
#include <utility>

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

EmulatedDevice::~EmulatedDevice() {
  for (const auto& [begin, bytes] : pages_) unmap_pages(begin, bytes);
}

// A device whose pages cannot be closed would prove nothing.
void EmulatedDevice::protect(int protection) noexcept {
  for (const auto& [begin, bytes] : pages_)
    if (mprotect(begin, static_cast<std::size_t>(bytes), protection) != 0) std::abort();
}

void EmulatedDevice::give(std::function<void()> work) { waiting_.push_back(std::move(work)); }

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
  run_until(pieces);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

std::byte* EmulatedDevice::take(std::int64_t bytes) {
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
