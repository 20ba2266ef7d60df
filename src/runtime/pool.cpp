#include "jetpinn/runtime/pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>

namespace jetpinn {
namespace {

constexpr std::int64_t cache_line = 64, smallest_page = 4096, huge_page = std::int64_t{2} << 20;

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

// What the system maps and takes back.
std::int64_t page() {
  static const auto size = std::max(smallest_page, static_cast<std::int64_t>(sysconf(_SC_PAGESIZE)));
  return size;
}

void give_back(std::byte* from, std::int64_t bytes) {
  if (bytes > 0) munmap(from, static_cast<std::size_t>(bytes));
}

}  // namespace

Pool::~Pool() {
  for (const Slab& slab : slabs_) give_back(slab.data, slab.size);
}

// Aligned to huge pages, zeroed by the system.
void Pool::add_slab(std::int64_t size) {
  slabs_.reserve(slabs_.size() + 1);
  void* place = mmap(nullptr, static_cast<std::size_t>(size + huge_page), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(place);
  const std::int64_t before =
      (huge_page - static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(begin) % huge_page)) % huge_page;
  give_back(begin, before);
  give_back(begin + before + size, huge_page - before);
#if defined(__linux__)
  // fewer address translations; harmless where refused
  madvise(begin + before, static_cast<std::size_t>(size), MADV_HUGEPAGE);
#endif
  slabs_.push_back({begin + before, size});
  next_ = begin + before;
  left_ = size;
}

void* Pool::allocate_bytes(std::int64_t bytes) {
  if (planning()) {   // numbers that differ: a plan may be larger than any address space that a process is allowed
    constexpr std::uintptr_t nowhere = std::uintptr_t{1} << 40;
    void* place = reinterpret_cast<void*>(nowhere + static_cast<std::uintptr_t>(round_up(bytes_, cache_line)) +
                                          static_cast<std::uintptr_t>(pieces_++) * cache_line);
    bytes_ += bytes;
    return place;
  }
  // Pieces begin at different offsets within a page: buffers walked side by side must not meet in one cache set.
  const std::int64_t skew = (pieces_++ * 13 % (smallest_page / cache_line)) * cache_line;
  const std::int64_t need = round_up(bytes + smallest_page, page());
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
void Pool::seal() {
  if (left_ == 0) return;
  slabs_.back().size -= left_;
  give_back(next_, left_);
  left_ = 0;
}

}  // namespace jetpinn
