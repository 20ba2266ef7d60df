// [gate]: of each step's candidates only the significant ones are trained (docs/gate.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// What the parts of a sample's significance count (gate/significance.hpp); each part has a mean of about 1 over a term.
struct SignificanceWeights {
  double residual = 1;  // its last residual or loss
  double change = 0.5;  // how much that changed since it was scored before
  double gradient = 0;  // a bound of the norm of its gradient; a scoring pass costs more where it counts
  double age = 0.1;     // steps since it was trained last, times the target
  bool scores() const { return residual > 0 || change > 0 || gradient > 0; }  // samples have to be looked at
  bool operator==(const SignificanceWeights& other) const = default;
};

// The PI controller of the threshold (gate/rate_controller.hpp).
struct ControllerOptions {
  double proportional = 0.2, integral = 0.5;  // gains, of log(rate / target)
  double lowest = 1e-3, highest = 1e6;        // bounds of the threshold, in units of a term's mean significance
  bool operator==(const ControllerOptions& other) const = default;
};

struct GateOptions {
  double target = 1;          // share of the candidates that a step trains, over all ranks; 1: no gate
  bool unbiased = true;       // chosen samples weigh 1 / probability; false: they count alike
  std::int64_t refresh = 10;  // steps between two scoring passes
  std::int64_t warm_up = 5;   // first steps of a stage, in which everything is active
  double uniform = 0.2;       // share of the target that is drawn whatever the significance
  SignificanceWeights significance;
  ControllerOptions controller;
  std::vector<std::string> terms;          // that are gated; empty: all that can be
  std::map<std::string, double> emphasis;  // factor of a term's significance; not named: 1

  bool active() const { return target < 1; }
  // Scores are of use: not where all is drawn evenly.
  bool scores() const { return uniform < 1 && significance.scores(); }
  bool names(const std::string& term) const;  // or names none
  double emphasis_of(const std::string& term) const;
  bool operator==(const GateOptions& other) const = default;
};

// What a stage has otherwise; none: as the run has it.
struct StageGate {
  std::optional<bool> active;  // false: the stage has no gate
  std::optional<double> target, uniform;
  std::optional<bool> unbiased;
  std::optional<std::int64_t> refresh, warm_up;
  bool any() const { return active || target || uniform || unbiased || refresh || warm_up; }
};
GateOptions gate_of(const GateOptions& run, const StageGate& stage);

}  // namespace jetpinn
