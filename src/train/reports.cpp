#include "jetpinn/train/reports.hpp"

#include "jetpinn/base/plural.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/runtime/cuda_facts.hpp"
#include "jetpinn/train/engine_facts.hpp"
#include "jetpinn/train/metrics_log.hpp"
#include "jetpinn/train/progress_log.hpp"
#include "jetpinn/train/run_summary.hpp"
#include "jetpinn/train/verdict.hpp"

#include <algorithm>
#include <memory>

namespace jetpinn {

Reports::Reports(Communicator& communicator, const TrainSetup& setup, const Assembly& assembly)
    : communicator_(communicator),
      setup_(setup),
      assembly_(assembly),
      log_(setup.output.log_every_s, setup.output.log_every_steps, setup.training.total_steps(),
           setup.training.stop.time_s) {}

void Reports::open(std::int64_t step) {
  for (const Warning& warning : setup_.warnings) warnings_.add(warning);
  communicator_.agree("observers", [&] {
    if (!communicator_.root()) return;
    log_.add(std::make_unique<ProgressLog>(setup_.quiet, setup_.verbose));
    if (setup_.resume) drop_metrics_after(setup_.run_directory, step);
    log_.add(std::make_unique<MetricsLog>(setup_.run_directory, setup_.resume.has_value()));
    if (setup_.window) log_.add(std::make_unique<WindowMetricsLog>(*setup_.window));
    log_.add(std::make_unique<SummaryFile>(setup_.run_directory));
  });
}

void Reports::start(RunFacts facts, const RunClock& clock) {
  facts_ = std::move(facts);
  const std::string card = setup_.training.device == "cuda" ? card_in_use() : "";
  facts_.rank_hosts =
      communicator_.gather("start", "rank " + std::to_string(communicator_.rank()) + " host " + host_name() + " pid " +
                                        std::to_string(process_id()) + (card.empty() ? "" : ", " + card));
  if (!card.empty()) facts_.rank_cards = communicator_.gather("start", card);
  // Rank 0's: when a line of the log is due must be equal on every rank, for the last one of a run comes with a collective
  // evaluation.
  facts_.startup_s = communicator_.gather("start", clock.process_seconds()).front();
  facts_.warnings = warnings_.all();
  communicator_.agree("start", [&] {
    if (!communicator_.root()) return;
    retire_summary(setup_.run_directory);
    write_text_file(setup_.run_directory + "/config.toml", setup_.resolved_config);
    write_text_file(setup_.run_directory + "/engine.json", engine_facts(facts_));
    for (auto& observer : log_.observers()) observer->started(facts_);
  });
}

void Reports::begin(RunTotals now, const std::vector<std::string>& notes) {
  now.time_s += facts_.startup_s;
  log_.begin(now);
  if (!setup_.resume && !setup_.start_parameters.empty()) note("begins with the network of " + setup_.training.start_from);
  for (const std::string& sentence : notes) note(sentence);
  if (!setup_.resume) return;
  const CheckpointFacts& from = setup_.resume->facts;
  note("goes on from " + setup_.resume->folder + ", after " + plural(now.step, "step"));
  if (from.ranks != communicator_.size() && setup_.training.reproducibility != Reproducibility::ranks)
    note("it was written by " + plural(from.ranks, "rank") + ": sums round otherwise on " +
         std::to_string(communicator_.size()) + "; training.reproducibility = \"ranks\" would keep every bit");
}

void Reports::note(const std::string& sentence) {
  log_.tell([&](Observer& observer) { observer.note(sentence); });
}

void Reports::warn(const Warning& warning) {
  if (warnings_.add(warning) && communicator_.root()) print_warning(warning.text);
}

RunSummary Reports::summary(const std::string& status, const std::string& stopped_by, std::int64_t points_seen,
                            double wall_s) const {
  RunSummary summary;
  summary.status = status;
  summary.stopped_by = stopped_by;
  summary.ranks = communicator_.size();
  summary.device = setup_.training.device;
  summary.rank_cards = facts_.rank_cards;
  summary.engine = to_string(setup_.training.engine);
  summary.parameters = assembly_.network.parameters;
  summary.points = assembly_.points();
  summary.points_seen = points_seen;
  summary.recompute = facts_.recompute;
  summary.wall_s = wall_s;
  summary.points_per_s = static_cast<double>(summary.points_seen) / std::max(wall_s, 1e-9);
  for (const EngineTerm& term : assembly_.terms) summary.term_names.push_back(term.name);
  summary.warnings = warnings_.all();
  summary.version = version;
  return summary;
}

// The last screen shows what looks wrong; where there is none, it is said as other warnings are.
void Reports::judge(RunSummary& summary) {
  summary.verdicts = verdicts(facts_, summary);
  for (const Warning& verdict : summary.verdicts) setup_.quiet ? warn(verdict) : static_cast<void>(warnings_.add(verdict));
  summary.warnings = warnings_.all();
}

void Reports::finish(const RunSummary& summary) {
  if (communicator_.root()) log_.tell([&](Observer& observer) { observer.finished(summary); });
}

void Reports::fail(const RunSummary& summary) {
  for (auto& observer : log_.observers()) observer->finished(summary);
}

State Reports::state() {
  State all;
  append(all, "last", log_.state());
  append(all, "warnings", warnings_.state());
  return all;
}

}  // namespace jetpinn
