// summary.json: how a run ended, whatever the end.
#pragma once

#include "jetpinn/train/observer.hpp"

#include <string>
#include <vector>

namespace jetpinn {

class SummaryFile : public Observer {
 public:
  explicit SummaryFile(std::string run_directory) : run_directory_(std::move(run_directory)) {}
  void finished(const RunSummary& summary) override;   // throws Error (storage)

 private:
  std::string run_directory_;
};

// The summary of an earlier part of a run that goes on becomes summary.before.json: the rest may end without one.
void retire_summary(const std::string& run_directory);

// Its text. Numbers that are not finite become null.
std::string summary_text(const RunSummary& summary);

// XXH3 of the fp64 parameters' bytes, 16 hexadecimal digits: equal on every rank of a sound run.
std::string parameter_hash(const std::vector<double>& parameters);

}  // namespace jetpinn
