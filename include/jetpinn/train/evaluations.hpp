// What a run measures beside its training: the errors of its fields against the reference, its loss on points that no step
// trains on, and its monitors.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/held_out_fit.hpp"
#include "jetpinn/train/monitors.hpp"
#include "jetpinn/train/observer.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace jetpinn {

class Evaluations {
 public:
  // Collective: reads the reference unless it is given. `assembly` outlives it.
  Evaluations(Communicator& communicator, const Assembly& assembly, std::optional<ReferenceSet> reference = {});

  // The engine that computes the fields and the monitors, in fp64: errors are those that `jetpinn evaluate` finds.
  void use(std::unique_ptr<Engine> fields) { fields_ = std::move(fields); }
  const Engine& engine() const { return *fields_; }
  const ReferenceSet& reference() const { return reference_; }

  // Collective. `terms` is the engine that trains: both losses are then of one arithmetic. Makes the points where the
  // assembly is of a stage with other weights or points than that of the last measurement.
  void measure(Communicator& communicator, Engine& terms, const std::vector<double>& parameters);
  // Monitors that have steps of their own: whether one is due, and, collective, those that are.
  bool monitors_due(std::int64_t step) const { return monitors_.due(step); }
  void measure_monitors(Communicator& communicator, const std::vector<double>& parameters, std::int64_t step);

  // Of the last measurement.
  const std::vector<FieldError>& errors() const { return errors_; }         // empty: nothing to compare with
  // on points that no step trains on, weighted as the training's
  double loss() const { return loss_; }
  const std::vector<double>& weighted_terms() const { return weighted_; }   // [terms] that it is the sum of
  // [residuals of all squared_means(assembly)] their means over those points; not a number where a term has none
  const std::vector<double>& means() const { return means_; }
  double last_s() const { return last_s_; }                                 // s that it took
  void tell(StepRecord& record) const;
  void tell_monitors(StepRecord& record) const { monitors_.tell(record); }
  void tell(RunSummary& summary) const;

 private:
  void make_points(int rank);
  void add_to_validation(std::size_t term, const std::vector<double>& residuals);
  void finish_validation(Communicator& communicator);  // collective where some table has rows held out

  const Assembly& assembly_;
  ReferenceSet reference_;
  Monitors monitors_;
  PointSet points_;                     // rank-local; empty before the first measurement
  std::size_t variant_ = 0, choice_ = 0;  // of the assembly when they were made
  std::vector<std::size_t> validated_;  // terms with rows held out
  std::vector<double> squares_;         // [validated] over this rank's rows
  std::vector<ValidationError> validation_;
  HeldOutFit held_out_;
  std::vector<FieldFit> fits_;
  std::unique_ptr<Engine> fields_;
  std::vector<FieldError> errors_;
  double loss_ = std::numeric_limits<double>::quiet_NaN();   // not measured yet
  std::vector<double> weighted_, means_;
  double last_s_ = 0;
};

}  // namespace jetpinn
