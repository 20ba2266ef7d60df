// A gate that no stage trains with.
#include "jetpinn/audit/audit.hpp"

#include <fmt/format.h>

namespace jetpinn {

Warnings audit_gate(const AuditInput& input) {
  const TrainingOptions& training = input.training;
  if (!training.gate.active() || training.has_gate()) return {};
  return {
      {"gate", fmt::format("gate.target is {:g}, and no stage has a gate: all points are trained in every step; let a stage "
                           "be of adam, adamw or soap, or remove [gate]",
                           training.gate.target)}};
}

}  // namespace jetpinn
