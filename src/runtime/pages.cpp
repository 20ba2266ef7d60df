#include "jetpinn/runtime/pages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

namespace jetpinn {

std::int64_t page_size() {
  static const auto size = std::max(smallest_page, static_cast<std::int64_t>(sysconf(_SC_PAGESIZE)));
  return size;
}

// A huge page more than asked for; what lies before and behind the aligned part goes back.
std::byte* map_pages(std::int64_t bytes, int protection) {
  void* place =
      mmap(nullptr, static_cast<std::size_t>(bytes + huge_page), protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(place);
  const std::int64_t before =
      (huge_page - static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(begin) % huge_page)) % huge_page;
  unmap_pages(begin, before);
  unmap_pages(begin + before + bytes, huge_page - before);
  return begin + before;
}

void unmap_pages(std::byte* from, std::int64_t bytes) noexcept {
  if (bytes > 0) munmap(from, static_cast<std::size_t>(bytes));
}

}  // namespace jetpinn
