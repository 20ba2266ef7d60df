#include "jetpinn/train/window_metrics.hpp"

#include "jetpinn/train/metrics_log.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace jetpinn {

using Json = nlohmann::ordered_json;

std::string line_of_run(const std::string& line, const WindowOfRun& window, std::int64_t& steps, double& seconds) {
  Json step = Json::parse(line, nullptr, false);
  if (!step.is_object()) return {};
  const auto take = [&](const char* key, auto& number) {
    if (const auto found = step.find(key); found != step.end() && found->is_number()) found->get_to(number);
  };
  take("step", steps);
  take("time_s", seconds);
  step["step"] = window.steps + steps;
  step["time_s"] = window.seconds + seconds;
  step["window"] = window.window;
  return step.dump(-1, ' ', false, Json::error_handler_t::replace);
}

WindowMetricsLog::WindowMetricsLog(WindowOfRun window)
    : window_(std::move(window)), lines_(window_.run_directory + "/metrics.jsonl", true) {}

void WindowMetricsLog::started(const RunFacts& facts) { terms_ = facts.terms; }

void WindowMetricsLog::step(const StepRecord& record) {
  std::int64_t steps = 0;
  double seconds = 0;
  lines_.add(line_of_run(metrics_line(record, terms_), window_, steps, seconds));
}

}  // namespace jetpinn
