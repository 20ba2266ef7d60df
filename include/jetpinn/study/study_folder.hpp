// The folder of a study: DIR/{config.toml, study-options.json, runs/, jobs/} while it goes on; its results lie beside them,
// written as often as it is summed up.
#pragma once

#include "jetpinn/chart/chart.hpp"
#include "jetpinn/config/config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct StudyIdentity {
  std::string path;                                          // of the folder
  std::vector<std::pair<std::string, std::string>> options;  // name and JSON value of what must not change while a
                                                             // study goes on, besides the config
  bool slurm = false;                                        // jobs/ is needed
  bool force = false;                                        // rename another study away
  std::string device = "auto";                               // of its runs; must not change either
};

class StudyFolder {
 public:
  // Makes the folder, or takes up the study in it again: config and identity must be the same. Throws Error (usage): another
  // study or something else is there, no permission.
  StudyFolder(const StudyIdentity& identity, const Config& config);

  const std::string& path() const { return path_; }   // absolute
  std::string config_file() const { return path_ + "/config.toml"; }
  std::string jobs() const { return path_ + "/jobs"; }
  std::string run(const std::string& name) const { return path_ + "/runs/" + name; }

  // Files of results by name, and pictures. Throws Error (storage).
  void write(const std::vector<std::pair<std::string, std::string>>& files, const std::vector<Picture>& pictures) const;

 private:
  std::string path_;
};

}  // namespace jetpinn
