// A stop that waits for what is never measured.
#include "jetpinn/audit/audit.hpp"

#include <fmt/format.h>

namespace jetpinn {

Warnings audit_stopping(const AuditInput& input) {
  const double error = input.training.stop.error;
  if (!(error > 0) || !input.reference.ranges.empty()) return {};
  return {{"stop", fmt::format("training.stop.error is {:g}, and there is no reference to compare with, so that it stops "
                               "nothing: add [reference], or remove it",
                               error)}};
}

}  // namespace jetpinn
