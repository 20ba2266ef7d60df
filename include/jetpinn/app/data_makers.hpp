// Data that `jetpinn sample NAME` makes without a config.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

inline const std::vector<std::string>& data_makers() {
  static const std::vector<std::string> names{"machining", "weights"};
  return names;
}

}  // namespace jetpinn
