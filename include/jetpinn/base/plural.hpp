// Numbers of things as words.
#pragma once

#include <concepts>
#include <string>

namespace jetpinn {

// "1 step", "0 steps", "3 steps".
template <std::integral Count>
std::string plural(Count count, const std::string& name) {
  return std::to_string(count) + " " + name + (count == 1 ? "" : "s");
}

}  // namespace jetpinn
