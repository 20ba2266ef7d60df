// Data that `jetpinn sample NAME` makes without a config.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

inline const std::vector<std::string>& data_makers() {
  static const std::vector<std::string> names{"machining", "images", "weights"};
  return names;
}

// Those of them that are point tables.
inline const std::vector<std::string>& table_makers() {
  static const std::vector<std::string> names{"machining"};
  return names;
}

}  // namespace jetpinn
