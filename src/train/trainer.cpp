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

[[noreturn]] void fail_not_finite(const Session& session) {
  const auto& terms = session.objective->agreed().terms;
  std::string names;
  for (std::size_t t = 0; t < terms.size(); ++t)
    if (!std::isfinite(terms[t])) names += (names.empty() ? "" : ", ") + session.assembly.terms[t].name;
  throw Error(Status::numerical, "loss or gradient not finite at step " + std::to_string(session.step) +
                                     (names.empty() ? " (every term's loss is finite, the gradient is not)" : ", term " + names) +
                                     "; lower training.stages." + std::to_string(session.stage) +
                                     ".learning_rate, or look for a division by zero or a logarithm in the residuals");
}

// The loop of one stage. Every decision rests on numbers that all ranks share, so every rank leaves at the same step.
void run_stage(Session& session, const StageOptions& stage) {
  std::unique_ptr<Optimizer> optimizer = make_optimizer(stage.optimizer, session.objective->size(), stage.steps);
  int skipped = 0;
  for (std::int64_t step = 0; step < stage.steps && session.stopped_by.empty(); ++step) {
    set_collective_step(session.step);
    if (session.resample_if_due()) optimizer->objective_changed();
    const StepReport report = optimizer->step(*session.objective, session.parameters.data());
    skipped = report.skipped ? skipped + 1 : 0;
    if (skipped >= skipped_steps_allowed) fail_not_finite(session);
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
  } catch (const Error& error) {
    session.finish_failed(error);
    throw;
  }
  return session.finish();
}

}  // namespace jetpinn
