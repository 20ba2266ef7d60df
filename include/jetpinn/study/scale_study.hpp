// A scaling study as it stands: what was measured, what it says, what it does not.
#pragma once

#include "jetpinn/study/bench_report.hpp"
#include "jetpinn/study/scale_plan.hpp"
#include "jetpinn/study/scale_run.hpp"
#include "jetpinn/study/scaling.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct MeasuredConfiguration {
  Configuration configuration;
  std::vector<RunOutcome> runs;            // a repeat each
  SampleSpread seconds;                          // of a step, or to the wanted error; no samples: a hole
  double speed_up = -1, efficiency = -1;   // against one rank with the same points; < 0: not known
  double efficiency_low = -1, efficiency_high = -1;   // from the quartiles of both times
  double peak_mib = 0;                     // largest over ranks, median over runs

  bool measured() const { return seconds.samples > 0; }
  double points_per_rank() const { return static_cast<double>(configuration.points) / configuration.ranks; }
  std::optional<StepParts> parts() const;  // medians over runs; none: some run was not profiled
  const RunOutcome* failure() const;       // the first run that failed or is missing; nullptr: none
};

struct Prediction {
  int ranks = 1;
  std::int64_t points = 0;
  double step_s = 0, efficiency = 0;
  std::int64_t enough_points = -1;         // points per rank from which on the efficiency is >= 90 %; < 0: with none
};

struct Study {
  ScaleOptions options;
  std::string name, network, precision;    // of the config
  std::int64_t parameters = 0, message_bytes = 0;   // message_bytes: what a step sums over ranks
  MachineDescription machine;
  std::vector<MeasuredConfiguration> measured;
  std::optional<ScalingModel> model;       // of step times, where there is more than one configuration
  std::vector<HeldBack> held_back;
  std::vector<Prediction> predictions;     // extrapolated
  std::vector<std::string> warnings;

  bool of_steps() const { return options.until_error == 0; }
  std::vector<ScalingPoint> points() const;   // of the measured configurations
  double model_error() const;              // the largest, relative: of configurations held back, where some were, else of those fitted to
  bool model_is_good() const;              // there is one, and model_error is at most 15 %
  int status() const;                      // 0: all measured; else that of the first run that was not
};

// Everything but name, network, precision and machine: those are the caller's to say.
Study evaluate_study(const ScaleOptions& options, const std::vector<Configuration>& plan, const std::vector<std::vector<RunOutcome>>& runs);

// "from 12000 points per rank on, efficiency on 8 ranks is >= 90 %", for every measured rank count above one.
std::vector<std::string> efficiency_sentences(const Study& study);
// The model's parts with their units, and what it is worth.
std::vector<std::string> model_sentences(const Study& study);

}  // namespace jetpinn
