// A sweep as it stands: what became of each run, medians and spread of each setting over its seeds, and what they say.
#pragma once

#include "jetpinn/chart/chart.hpp"
#include "jetpinn/study/machine.hpp"
#include "jetpinn/study/sample_spread.hpp"
#include "jetpinn/study/study_table.hpp"
#include "jetpinn/study/sweep_plan.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct SweepOutcome {
  enum class State : char { missing, stopped, failed, done };   // stopped: it goes on from its checkpoint; missing: not
                                                                // begun, or not with this config
  State state = State::missing;
  int status = 0;                            // failed: of the contract
  std::string reason;                        // failed: what the run said last
  std::string stopped_by;                    // done: steps, error, ...
  std::int64_t steps = 0, parameters = 0;
  double wall_s = 0;
  double loss = NAN, loss_independent = NAN; // NaN: not known
  std::map<std::string, double> errors;      // relative L2 error of each field; none without a reference
  std::vector<std::string> warnings;

  double error() const;                      // the largest of the fields; NaN: none is known
};

// `folder`: of the run; `config`: what it must have been trained with, resolved. Never throws for what it finds.
SweepOutcome read_sweep_outcome(const std::string& folder, const std::string& config);
std::string describe(const SweepOutcome& outcome);   // "done", "failed: status 3", "stopped", "not run"

struct SweepSetting {
  std::vector<std::size_t> runs;             // numbers of its runs
  SampleSpread error, loss, loss_independent, seconds;   // of those that are done; no samples: unknown
  std::size_t done = 0;
};

struct Sweep {
  SweepOptions options;
  std::string name;                          // of the config
  std::vector<SweepAxis> axes;
  std::vector<SweepRun> runs;
  std::vector<SweepOutcome> outcomes;        // [runs]
  std::vector<SweepSetting> settings;
  MachineDescription machine;

  int status() const;                        // 0: all done; else that of the first run that is not
};

// Fills outcomes in: settings follow from them.
Sweep evaluate_sweep(const SweepOptions& options, const std::string& name, const std::vector<SweepAxis>& axes,
                     const std::vector<SweepRun>& runs, const std::vector<SweepOutcome>& outcomes);

// The setting of the smallest median error (loss, where there is no reference), and whether the next one is clearly worse.
std::vector<std::string> sweep_sentences(const Sweep& sweep);

StudyTable settings_table(const Sweep& sweep);
StudyTable runs_table(const Sweep& sweep);
std::vector<Picture> draw_sweep(const Sweep& sweep);

// {schema, study, config, ranks, axes[], settings[], runs[], sentences[], machine{}, status}; null: not known.
std::string sweep_json(const Sweep& sweep);
std::string sweep_csv(const Sweep& sweep);             // a line a run
std::string sweep_text(const Sweep& sweep);
std::string sweep_page(const Sweep& sweep, const std::vector<Picture>& pictures);

}  // namespace jetpinn
