// The folder of a scaling study: DIR/{config.toml, study-options.json, runs/, jobs/} while it goes on, and {study.json, study.csv, index.html,
// *.svg, *.png} as often as it is summed up.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/study/scale_charts.hpp"
#include "jetpinn/study/scale_options.hpp"
#include "jetpinn/study/scale_plan.hpp"
#include "jetpinn/study/scale_study.hpp"

#include <string>

namespace jetpinn {

class StudyFolder {
 public:
  // Makes the folder, or takes up the study in it again: kind, config, steps and --until must be the same; ranks, points and repeats may be
  // others. `force` renames another study away. Throws Error (usage): another study or something else is there, no permission.
  StudyFolder(const ScaleOptions& options, const Config& config);

  const std::string& path() const { return path_; }   // absolute
  std::string config_file() const { return path_ + "/config.toml"; }
  std::string jobs() const { return path_ + "/jobs"; }
  std::string run(const Configuration& configuration, int repeat) const { return path_ + "/runs/" + configuration.name(repeat); }

  // Throws Error (storage).
  void write(const Study& study, const std::vector<Picture>& pictures) const;

 private:
  std::string path_;
};

}  // namespace jetpinn
