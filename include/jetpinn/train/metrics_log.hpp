// metrics.jsonl: one JSON object per logged step, readable while the run goes on.
#pragma once

#include "jetpinn/io/line_file.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

class MetricsLog : public Observer {
 public:
  // `append` continues an earlier run's file.
  explicit MetricsLog(const std::string& run_directory, bool append = false);
  void started(const RunFacts& facts) override;
  void step(const StepRecord& record) override;   // throws Error (storage) when the line cannot be written

 private:
  LineFile lines_;
  std::vector<std::string> terms_;
};

// Of a run that goes on from `step`: lines of steps that it takes again, and a last line that was
// cut. Throws Error (storage).
void drop_metrics_after(const std::string& run_directory, std::int64_t step);

// Its line, without the end of line. Numbers that are not finite become null.
std::string metrics_line(const StepRecord& record, const std::vector<std::string>& term_names);

}  // namespace jetpinn
