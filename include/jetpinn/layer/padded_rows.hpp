// Rows that are padded to whole packs.
#pragma once

#include <cstdint>

namespace jetpinn {

constexpr std::int64_t whole_packs(std::int64_t extent, std::int64_t lanes) { return (extent + lanes - 1) / lanes * lanes; }

}  // namespace jetpinn
