// What a gate gains on a problem (docs/gate.md): trainings with it and without it, given the same steps and given the same
// seconds, over several seeds.
#pragma once

#include "jetpinn/study/machine.hpp"
#include "jetpinn/study/study_table.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct GateStudyOptions {
  std::string config;             // path of the TOML file
  std::vector<std::string> sets;  // --set
  int seeds = 5;                  // 0, 1, ...
  std::int64_t steps = 0;         // of the first stage with a gate, of images epochs; 0: the config's
  double target = 0.06;           // where the config has no gate
  double error = 0;               // whose time is told; 0: the median of ungated runs of the same steps
  std::string device = "auto";    // of its runs
  std::string output;             // folder of the study; empty: studies/<name>-gate
  bool force = false, quiet = false;
};

// Trainings that are compared; the first is the measure of the others.
enum class GateVariant { ungated, gated, uniform, loss };
inline constexpr GateVariant gate_variants[] = {GateVariant::ungated, GateVariant::gated, GateVariant::uniform,
                                                GateVariant::loss};
const char* to_string(GateVariant variant);
const char* describe(GateVariant variant);
// Assignments that make a config with a gate the variant. Ungated is a gate that never ends its warm-up: the same steps as
// without a gate, with its log lines and energy. images: of a classification.
std::vector<std::string> assignments_of(GateVariant variant, bool images = false);

struct GateRun {
  GateVariant variant = GateVariant::ungated;
  bool by_seconds = false;  // given the seconds of the ungated run of its seed, not its steps
  int seed = 0;
  std::string name() const;  // of its folder: "steps-gated-0"
};

// What a run has left. NaN: not known.
struct GateOutcome {
  bool done = false;
  std::string reason;   // why not
  std::string fault;    // which of its files is damaged or cannot be read; empty: none
  std::string measure;  // what error is: "error", "validation", "share that is wrong" or "independent loss"
  std::int64_t steps = 0;
  double error = NAN, wall_s = NAN, step_s = NAN, joules = NAN;  // step_s: between the first and the last line of its log
  bool modelled = false;                                         // joules are
  double activation = 1, saved = 0;                              // of the whole run
  double farthest = NAN;       // largest distance of the activation from the target from 20 gated steps on
  std::int64_t to_tenth = -1;  // step of the first activation of 0.1 or less; < 0: none
  std::vector<std::pair<double, double>> errors;  // s of training, error
  double seconds_to(double wanted) const;         // NaN: it was not reached
};
// Whether `folder` holds a run, to its end or not, of the resolved config.
bool was_begun_with(const std::string& folder, const std::string& config);
// `config`: what the run must have been trained with, resolved. Never throws for what it finds.
GateOutcome read_gate_outcome(const std::string& folder, const std::string& config);

// Mean with its interval of 95 % by Student's t, of logarithms where `ratio`; low and high are NaN for fewer than two.
struct MeanInterval {
  std::size_t samples = 0;
  double mean = NAN, low = NAN, high = NAN;
};
MeanInterval mean_interval(const std::vector<double>& samples, bool ratio);

struct GateStudy {
  GateStudyOptions options;
  std::string name;  // of the config
  double target = 0.06;
  std::vector<GateRun> runs;
  std::vector<GateOutcome> outcomes;  // [runs]
  MachineDescription machine;
  int status() const;  // 0: all done
  double wanted_error() const;
  std::vector<double> values(GateVariant variant, bool by_seconds, double (*value)(const GateOutcome&)) const;
  // Of a variant's value to that of the ungated run of the same seed, `by_seconds` of the variant.
  MeanInterval ratio(GateVariant variant, bool by_seconds, double (*value)(const GateOutcome&)) const;
};

std::string gate_verdict(const GateStudy& study);  // one sentence
StudyTable gate_table(const GateStudy& study, bool by_seconds);
std::string gate_study_text(const GateStudy& study);
std::string gate_study_json(const GateStudy& study);
std::string gate_study_csv(const GateStudy& study);  // a line a run
std::string gate_study_page(const GateStudy& study);

}  // namespace jetpinn
