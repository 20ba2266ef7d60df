// What the points of a term are drawn by. Apart from random.hpp, because half of the program names points and few draw them.
#pragma once

#include <cstdint>

namespace jetpinn {

struct PointKey {
  std::uint64_t seed = 0;
  std::uint32_t term = 0;
  std::uint32_t epoch = 0;     // counts resamplings
};

}  // namespace jetpinn
