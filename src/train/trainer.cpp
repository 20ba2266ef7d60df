#include "jetpinn/train/trainer.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/train/session.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace jetpinn {
namespace {

void take_step(Session& session) {
  const ProfiledStep profiled(session.profiling);
  session.deal_anew_if_due();
  session.resample_if_due();
  session.adapt_points_if_due();
  session.balance_if_due();
  session.take_batch();
  session.recovery.before_step(session.step, session.parameters);
  const StepReport report = session.stage.optimizer().step(*session.objective, session.parameters);
  session.recover(report);
  session.account(report);
}

// The loop of one stage. Every decision rests on numbers that all ranks share, so every rank leaves at the same step. A
// checkpoint between two steps holds all that the next one depends on: a run that goes on from it takes the same steps.
void run_stage(Session& session) {
  session.begin_stage();
  end_startup();
  while (session.goes_on()) {
    set_collective_step(session.step);
    take_step(session);
    session.save_if_due();
    session.close_profile_if_due();
  }
  session.end_stage();
}

}  // namespace

TrainResult train(Communicator& communicator, Problem problem, TrainSetup setup) {
  Session session(communicator, std::move(problem), setup);
  session.start();
  try {
    while (session.running() && !session.stage.past_last()) {
      if (session.stage.options().steps > 0) run_stage(session);
      if (session.running()) session.stage.next();
    }
    session.settle();
    return session.finish();
  } catch (const Error& error) {
    session.finish_failed(error);
    throw;
  }
}

}  // namespace jetpinn
