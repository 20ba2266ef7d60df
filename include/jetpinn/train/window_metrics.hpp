// The steps of a window in the metrics of the whole run: counted on from those of the windows before it.
#pragma once

#include "jetpinn/io/line_file.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// A training that is one window of a run.
struct WindowOfRun {
  std::string run_directory;  // of the whole run
  std::size_t window = 0;
  std::int64_t steps = 0;  // of the windows before it
  double seconds = 0;
};

// A line of a window's metrics.jsonl as it stands in that of the whole run; empty: it is none. `steps` and `seconds` become
// those of the line in its window.
std::string line_of_run(const std::string& line, const WindowOfRun& window, std::int64_t& steps, double& seconds);

// Appends to metrics.jsonl of the whole run.
class WindowMetricsLog : public Observer {
 public:
  explicit WindowMetricsLog(WindowOfRun window);  // throws Error (usage)
  void started(const RunFacts& facts) override;
  void step(const StepRecord& record) override;  // throws Error (storage)

 private:
  WindowOfRun window_;
  std::vector<std::string> terms_;
  LineFile lines_;
};

}  // namespace jetpinn
