#include "jetpinn/runtime/pool.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace jetpinn {
namespace {

constexpr std::int64_t cache_line = 64, page = 4096, huge_page = std::int64_t{2} << 20;

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

}  // namespace

void Pool::Free::operator()(std::byte* slab) const { std::free(slab); }

void* Pool::allocate_bytes(std::int64_t bytes) {
  // Pieces begin at different offsets within a page: buffers walked side by side must not meet in one cache set.
  const std::int64_t skew = (pieces_++ * 13 % (page / cache_line)) * cache_line;
  const std::int64_t need = round_up(bytes, page) + page;
  if (need > left_) {
    const std::int64_t size = round_up(need, huge_page);
    auto* slab = static_cast<std::byte*>(std::aligned_alloc(huge_page, static_cast<std::size_t>(size)));
    if (!slab) throw std::bad_alloc();
    slabs_.emplace_back(slab);
#if defined(__linux__)
    madvise(slab, static_cast<std::size_t>(size), MADV_HUGEPAGE);  // fewer address translations; harmless where refused
#endif
    next_ = slab;
    left_ = size;
  }
  std::byte* piece = next_ + skew;
  next_ += need;
  left_ -= need;
  bytes_ += bytes;
  std::memset(piece, 0, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 0)));
  return piece;
}

}  // namespace jetpinn
