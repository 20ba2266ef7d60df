// A scaling study as it stands: what was measured, what it says, what it does not.
#pragma once

#include "jetpinn/scale/scale_plan.hpp"
#include "jetpinn/scale/scale_run.hpp"
#include "jetpinn/scale/scaling.hpp"
#include "jetpinn/study/machine.hpp"
#include "jetpinn/study/sample_spread.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct MeasuredConfiguration {
  Configuration configuration;
  std::vector<MeasuredRun> runs;                 // a repeat each
  SampleSpread seconds;                          // of a step, or to the wanted error; no samples: a hole
  double speed_up = -1, efficiency = -1;   // against one rank with the same points; < 0: not known
  double efficiency_low = -1, efficiency_high = -1;   // from the quartiles of both times
  double peak_mib = 0;                     // largest over ranks, median over runs
  // Of the run whose time is the median, or of the two whose mean it is: so they belong to the time that is shown.
  std::map<std::string, double> split;     // s a step by part, their sum the step's time; empty: such a run was not profiled
  double step_s = 0;                       // of a step; `seconds` are those of a training where an error was wanted
  double imbalance = -1;                   // < 0: not profiled
  double used_over_minimum = 0;            // memory; 0: not profiled

  bool measured() const { return seconds.samples > 0; }
  double points_per_rank() const { return static_cast<double>(configuration.points) / configuration.ranks; }
  std::optional<StepParts> parts() const;  // of the split; none: not profiled
  const MeasuredRun* failure() const;      // the first run that failed or is missing; nullptr: none
};

struct PredictedStep {
  int ranks = 1;
  std::int64_t points = 0;
  double step_s = 0, efficiency = 0;
  std::int64_t enough_points = -1;         // points per rank from which on the efficiency is >= 90 %; < 0: with none
};

// A measured configuration as the model has it.
struct ModelMiss {
  int ranks = 1;
  std::int64_t points = 0;
  double error = 0;                        // predicted over measured time, less 1
  bool seen = true;                        // the model was fitted to it
};

struct Study {
  ScaleOptions options;
  std::string name, network, precision;    // of the config
  std::int64_t parameters = 0, message_bytes = 0;   // message_bytes: what a step sums over ranks
  MachineDescription machine;
  std::vector<MeasuredConfiguration> measured;
  std::optional<ScalingModel> model;       // of step times, where there is more than one configuration
  std::vector<HeldBack> held_back;
  std::vector<PredictedStep> predictions;  // extrapolated; none where the model misses or contradicts a measurement
  std::vector<std::string> warnings;

  bool of_steps() const { return options.until_error == 0; }
  std::vector<ScalingPoint> points() const;   // of the measured configurations
  std::optional<ModelMiss> largest_miss() const;   // over what the model was fitted to and what
                                                   // was held back; none: no model
  bool model_is_good() const;              // there is one, and its largest miss is at most 15 %
  int status() const;                      // 0: all measured; else that of the first run that was not
};

// Everything but name, network, precision and machine: those are the caller's to say.
Study evaluate_study(const ScaleOptions& options, const std::vector<Configuration>& plan,
                     const std::vector<std::vector<MeasuredRun>>& runs);

// "from 12000 points per rank on, efficiency on 8 ranks is >= 90 %", for every measured rank count above one.
// Where the model is not good, or a measured configuration of as many ranks contradicts it, what was measured
// takes the place of what the model says.
std::vector<std::string> efficiency_sentences(const Study& study);
// The model's parts with their units, and what it is worth.
std::vector<std::string> model_sentences(const Study& study);

}  // namespace jetpinn
