// What a run says and leaves in writing: its log on the terminal, metrics.jsonl, the summary, warnings and verdicts.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/run_clock.hpp"
#include "jetpinn/train/run_log.hpp"
#include "jetpinn/train/run_warnings.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

class Reports {
 public:
  // All three outlive it.
  Reports(Communicator& communicator, const TrainSetup& setup, const Assembly& assembly);

  // Collective, after a checkpoint was restored: takes the warnings of the audit; on rank 0, opens the logs of a run that is
  // at `step`.
  void open(std::int64_t step);
  // Collective: writes config.toml and engine.json, tells the facts of the run. Their hosts, start-up and warnings are
  // filled in.
  void start(RunFacts facts, const RunClock& clock);
  // now: before the first step, without the time of the start. notes: what tables and the reference have to say.
  void begin(RunTotals now, const std::vector<std::string>& notes);

  // None is collective; all are called alike on every rank, and rank 0 writes.
  void note(const std::string& sentence);
  bool due(const RunTotals& now) const { return log_.due(now); }
  void step(StepRecord record, const RunTotals& now) { log_.step(std::move(record), now); }
  std::int64_t last_step() const { return log_.last_step(); }   // that was logged

  // With the facts of the run and what so many points seen in wall_s make of them.
  RunSummary summary(const std::string& status, const std::string& stopped_by, std::int64_t points_seen,
                     double wall_s) const;
  void judge(RunSummary& summary);   // adds what looks wrong, to the warnings too
  void finish(const RunSummary& summary);
  // Of a run that fails: throws what the first observer throws.
  void fail(const RunSummary& summary);
  bool has_observers() const { return !log_.observers().empty(); }

  const std::string& failure() const { return log_.failure(); }   // rank 0: why a log could not be written; empty: all were

  State state();

 private:
  void warn(const Warning& warning);   // says it once in the whole run, on rank 0, and keeps it for the summary

  Communicator& communicator_;
  const TrainSetup& setup_;
  const Assembly& assembly_;
  RunFacts facts_;
  RunLog log_;
  RunWarnings warnings_;   // replicated
};

}  // namespace jetpinn
