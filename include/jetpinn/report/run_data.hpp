// What a run folder tells without its network: log, end, profile. Everything may be missing, damaged or still growing.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct Curve {
  std::string name;
  std::vector<std::pair<double, double>> points;   // (step, value)
};

using Facts = std::vector<std::pair<std::string, std::string>>;   // name and value, for people

struct RegionShare {
  std::string name;
  double seconds = 0, share = 0;   // mean over ranks; of the wall time
};

struct RunData {
  std::string folder, label;             // as the user gave it; its last name
  std::string name;                      // of the config
  std::string config;                    // text of config.toml
  std::string status, stopped_by;        // empty: no summary
  double wall_s = -1, loss = -1, loss_independent = -1;   // below 0: unknown
  std::int64_t steps = -1, ranks = -1, points = -1;
  Facts facts;                           // of the end, for a table
  std::vector<std::string> warnings, missing;   // sentences
  std::vector<std::pair<std::string, double>> errors;     // field, relative L2 error at the end
  Curve loss_curve, independent_curve, learning_rate, gradient_norm;
  bool images = false;                              // a classification: it has no fields, residuals and points
  Curve validation_curve;                           // of images: loss of those set aside
  std::vector<Curve> accuracies;                    // of images: share of those trained on, and set aside, that is right
  std::vector<Curve> gate;                          // activation and samples saved, where there is a gate
  Curve joules;                                     // "modelled" where no meter was read
  std::vector<Curve> terms, shares, error_curves;   // shares: of the weighted loss
  std::vector<double> stages;            // step at which each stage but the first began; of a run without a
                                         // summary, its first logged step
  std::vector<RegionShare> regions;
  std::string bottleneck;                // sentence
  std::vector<double> peak_memory_mib;   // [ranks]
};

// Throws Error (usage) when the folder holds no run.
RunData read_run_data(const std::string& folder);

// "1.23e-05", "0.25", "12000".
std::string figure_text(double value);

}  // namespace jetpinn
