#include "jetpinn/gate/gate_options.hpp"

#include <algorithm>

namespace jetpinn {

bool GateOptions::names(const std::string& term) const {
  return terms.empty() || std::find(terms.begin(), terms.end(), term) != terms.end();
}

double GateOptions::emphasis_of(const std::string& term) const {
  const auto found = emphasis.find(term);
  return found == emphasis.end() ? 1 : found->second;
}

GateOptions gate_of(const GateOptions& run, const StageGate& stage) {
  GateOptions gate = run;
  gate.target = stage.target.value_or(run.target);
  gate.uniform = stage.uniform.value_or(run.uniform);
  gate.unbiased = stage.unbiased.value_or(run.unbiased);
  gate.refresh = stage.refresh.value_or(run.refresh);
  gate.warm_up = stage.warm_up.value_or(run.warm_up);
  if (!stage.active.value_or(true)) gate.target = 1;
  return gate;
}

}  // namespace jetpinn
