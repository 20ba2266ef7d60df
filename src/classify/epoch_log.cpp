#include "jetpinn/classify/epoch_log.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/train/progress_log.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace jetpinn {
namespace {

double share(std::int64_t part, std::int64_t all) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(all, 1));
}

// With a star where it is modelled.
std::string joules_text(const EpochRecord& record) {
  return record.epoch_joules < 0 ? "-" : short_number(record.epoch_joules) + " J" + (record.joules_modelled ? "*" : "");
}

}  // namespace

std::string epoch_header() {
  return fmt::format("{:>9}  {:>9}  {:>8}  {:>9}  {:>8}  {:>7}  {:>6}  {:>9}  {:>8}  {:>8}  {:>8}", "epoch", "loss",
                     "accuracy", "val. loss", "val. acc", "trained", "saved", "images", "images/s", "time", "energy");
}

std::string epoch_line(const EpochRecord& record, std::int64_t epochs) {
  return fmt::format("{:>9}  {:>9.3e}  {:>7.2f}%  {:>9.3e}  {:>7.2f}%  {:>6.1f}%  {:>5.1f}%  {:>9}  {:>8}  {:>8}  {:>8}",
                     fmt::format("{}/{}", record.epoch, epochs), record.loss, 100 * record.accuracy, record.validation_loss,
                     100 * record.validation_accuracy, 100 * share(record.trained, record.images), 100 * record.saved,
                     record.images, short_number(static_cast<double>(record.images) / std::max(record.epoch_s, 1e-9)),
                     clock_text(record.time_s), joules_text(record));
}

std::string epoch_json(const EpochRecord& record) {
  using Json = nlohmann::ordered_json;
  const auto energy = [](double joules) { return joules < 0 ? Json(nullptr) : Json(joules); };
  Json line = {{"step", record.step},
               {"epoch", record.epoch},
               {"time_s", record.time_s},
               {"epoch_s", record.epoch_s},
               {"loss", record.loss},
               {"accuracy", record.accuracy},
               {"validation", {{"loss", record.validation_loss}, {"accuracy", record.validation_accuracy}}},
               {"learning_rate", record.learning_rate},
               {"gradient_norm", record.gradient_norm},
               {"images", record.images},
               {"trained", record.trained},
               {"activation", share(record.trained, record.images)},
               {"images_per_s", static_cast<double>(record.images) / std::max(record.epoch_s, 1e-9)},
               {"joules", energy(record.joules)},
               {"epoch_joules", energy(record.epoch_joules)},
               {"joules_modelled", record.joules_modelled},
               {"memory_mib", record.memory_mib}};
  if (record.threshold)
    line["gate"] = {
        {"activation", share(record.trained, record.images)}, {"saved", record.saved}, {"threshold", *record.threshold}};
  return line.dump();
}

void EpochLog::print(const std::string& line) const {
  if (!quiet_) std::cout << line << '\n' << std::flush;
}

void EpochLog::started(const RunFacts& facts) {
  for (const std::string& rank : facts.rank_hosts) print(rank);
  print(fmt::format("jetpinn {}: {} into {}", version, facts.name, facts.run_directory));
  print(task_);
  print(fmt::format("{} for {} steps, {}, reproducibility {}, {} parameters; started in {:.1f} s", facts.stages.front(),
                    facts.total_steps, facts.precision, facts.reproducibility, facts.parameters, facts.startup_s));
}

void EpochLog::epoch(const EpochRecord& record) {
  if (!header_printed_) print(epoch_header());
  header_printed_ = true;
  print(epoch_line(record, epochs_));
}

void EpochLog::finished(const RunSummary& summary) {
  if (quiet_ && summary.status == "failed") return;  // the error says it
  std::string figures;
  for (const auto& [name, value] : summary.classification)
    if (name.find('/') == std::string::npos && !std::isnan(value)) figures += fmt::format(", {} {:.6g}", name, value);
  std::cout << fmt::format("{} ({}) after {} steps in {}{}\n", summary.status, summary.stopped_by, summary.steps,
                           clock_text(summary.wall_s), figures)
            << std::flush;
}

EpochMetrics::EpochMetrics(const std::string& run_directory, bool append)
    : lines_(run_directory + "/metrics.jsonl", append) {}

void EpochMetrics::epoch(const EpochRecord& record) { lines_.add(epoch_json(record)); }

}  // namespace jetpinn
