// Numbers of things as words.
#pragma once

#include <string>
#include <type_traits>

namespace jetpinn {

// "1 step", "0 steps", "3 steps".
template <class Count>
std::string plural(Count count, const std::string& name) {
  static_assert(std::is_integral_v<Count>);
  return std::to_string(count) + " " + name + (count == 1 ? "" : "s");
}

}  // namespace jetpinn
