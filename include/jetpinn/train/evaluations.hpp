// What a run measures beside its training: the errors of its fields against the reference.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/problem/problem.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace jetpinn {

class Evaluations {
 public:
  // Collective: reads the reference.
  Evaluations(Communicator& communicator, const Problem& problem) : reference_(communicator, problem) {}

  // The engine that computes the fields, in fp64: errors are those that `jetpinn evaluate` finds.
  void use(std::unique_ptr<Engine> fields) { fields_ = std::move(fields); }
  bool ready() const { return fields_ != nullptr; }
  const Engine& engine() const { return *fields_; }

  bool empty() const { return reference_.empty(); }   // nothing to compare with
  void measure(Communicator& communicator, const std::vector<double>& parameters);   // collective
  const std::vector<FieldError>& errors() const { return errors_; }                  // of the last measurement
  double last_s() const { return last_s_; }                                          // s that it took

 private:
  ReferenceSet reference_;
  std::unique_ptr<Engine> fields_;
  std::vector<FieldError> errors_;
  double last_s_ = 0;
};

}  // namespace jetpinn
