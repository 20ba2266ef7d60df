#include "jetpinn/train/trainer.hpp"

#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/train/session.hpp"

#include <cmath>
#include <memory>
#include <utility>
#include <string>

namespace jetpinn {
namespace {

constexpr int skipped_steps_allowed = 10;

// The loop of one stage. Every decision rests on numbers that all ranks share, so every rank leaves at the same step.
void run_stage(Session& session, const StageOptions& stage) {
  session.begin_stage(stage);
  std::unique_ptr<Optimizer> optimizer = make_optimizer(stage.optimizer, session.objective->size(), stage.steps);
  int skipped = 0;
  for (std::int64_t step = 0; step < stage.steps && session.stopped_by.empty(); ++step) {
    set_collective_step(session.step);
    if (session.resample_if_due()) optimizer->objective_changed();
    const StepReport report = optimizer->step(*session.objective, session.parameters.data());
    skipped = report.skipped ? skipped + 1 : 0;
    if (skipped >= skipped_steps_allowed) session.fail_not_finite();
    ++session.step;
    session.account(report);
    session.stopped_by = session.stopping.reason(session.objective->agreed(), report, session.errors);
    if (!report.finished.empty()) {
      session.note(stage.optimizer.kind + " stopped: " + report.finished);
      break;
    }
  }
}

}  // namespace

TrainResult train(Communicator& communicator, Problem problem, const TrainSetup& setup) {
  Session session(communicator, std::move(problem), setup);
  session.start();
  try {
    for (const StageOptions& stage : setup.training.stages) {
      if (!session.stopped_by.empty()) break;
      if (stage.steps > 0) run_stage(session, stage);
      ++session.stage;
    }
    session.settle();
    return session.finish();
  } catch (const Error& error) {
    session.finish_failed(error);
    throw;
  }
}

}  // namespace jetpinn
