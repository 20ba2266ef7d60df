#include "jetpinn/problem/monitor.hpp"

namespace jetpinn {

const char* to_string(MonitorKind kind) {
  static const char* const names[] = {"integral", "mean", "min", "max"};
  return names[static_cast<int>(kind)];
}

}  // namespace jetpinn
