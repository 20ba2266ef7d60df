// The folder of an ablation study: DIR/{ablate-options.json, results/NAME.json} while it goes on; table, CSV, JSON, charts
// and page lie beside them, written as often as it is summed up. Jobs may train different representations in one folder at
// once: every file appears whole.
#pragma once

#include "jetpinn/ablate/ablation.hpp"
#include "jetpinn/chart/chart.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

class AblateFolder {
 public:
  // Rank 0. Makes the folder, or takes up the study in it again, whose data and options must be the same. Throws Error
  // (usage): another study or something else is there and `force` does not rename it away; no permission.
  AblateFolder(const std::string& path, const Ablation& ablation, bool force);

  const std::string& path() const { return path_; }

  bool has(const std::string& representation) const;
  void keep(const RepresentationResult& result) const;  // Error (storage)
  // Of all representations that are there, in the order of the table of representations. Damaged files count as none.
  std::vector<RepresentationResult> results() const;

  void write(const std::vector<std::pair<std::string, std::string>>& files, const std::vector<Picture>& pictures) const;

 private:
  std::string path_, identity_;
};

}  // namespace jetpinn
