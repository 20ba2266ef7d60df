#include "jetpinn/runtime/pool.hpp"

#include "jetpinn/runtime/pages.hpp"

#include <sys/mman.h>

#include <cstdint>

namespace jetpinn {
namespace {

constexpr std::int64_t cache_line = 64;

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

class HostSlabs : public SlabSource {
 public:
  std::byte* take(std::int64_t bytes) override {
    std::byte* slab = map_pages(bytes, PROT_READ | PROT_WRITE);
#if defined(__linux__)
    // fewer address translations; harmless where refused
    madvise(slab, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
#endif
    return slab;
  }
  void give_back(std::byte* from, std::int64_t bytes) noexcept override { unmap_pages(from, bytes); }
};

}  // namespace

SlabSource& host_slabs() {
  static HostSlabs slabs;
  return slabs;
}

Slabs::~Slabs() {
  for (const Slab& slab : slabs_) source_.give_back(slab.data, slab.size);
}

void Slabs::add_slab(std::int64_t size) {
  slabs_.reserve(slabs_.size() + 1);
  slabs_.push_back({source_.take(size), size});
  next_ = slabs_.back().data;
  left_ = size;
}

void* Slabs::allocate_bytes(std::int64_t bytes) {
  if (planning()) {   // numbers that differ: a plan may be larger than any address space that a process is allowed
    constexpr std::uintptr_t nowhere = std::uintptr_t{1} << 40;
    void* place = reinterpret_cast<void*>(nowhere + static_cast<std::uintptr_t>(round_up(bytes_, cache_line)) +
                                          static_cast<std::uintptr_t>(pieces_++) * cache_line);
    bytes_ += bytes;
    return place;
  }
  // Pieces begin at different offsets within a page: buffers walked side by side must not meet in one cache set.
  const std::int64_t skew = (pieces_++ * 13 % (smallest_page / cache_line)) * cache_line;
  const std::int64_t need = round_up(bytes + smallest_page, page_size());
  if (need > left_) {
    seal();
    add_slab(round_up(need, huge_page));
  }
  std::byte* piece = next_ + skew;
  next_ += need;
  left_ -= need;
  bytes_ += bytes;
  return piece;
}

// Slabs hold whole pages, and so do pieces with what aligns them: the rest is given back to the last byte.
void Slabs::seal() {
  if (left_ == 0) return;
  slabs_.back().size -= left_;
  source_.give_back(next_, left_);
  left_ = 0;
}

}  // namespace jetpinn
