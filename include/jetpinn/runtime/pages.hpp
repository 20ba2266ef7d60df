// Memory of the process straight from the system.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jetpinn {

inline constexpr std::int64_t smallest_page = 4096, huge_page = std::int64_t{2} << 20;

std::int64_t page_size();   // what the system maps and takes back

// Zeroed, aligned to huge pages, with a protection of mmap(2). Throws std::bad_alloc.
std::byte* map_pages(std::int64_t bytes, int protection);
void unmap_pages(std::byte* from, std::int64_t bytes) noexcept;

}  // namespace jetpinn
