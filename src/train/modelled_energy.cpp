#include "jetpinn/train/modelled_energy.hpp"

namespace jetpinn {
namespace {

EngineWork since(const EngineWork& now, const EngineWork& before) {
  EngineWork work = now;
  add(work, before, -1);
  return work;
}

}  // namespace

double modelled_joules(const EngineWork& work, Precision precision, double seconds, const EnergyConstants& constants) {
  const double flop = work.product.flop + work.activation.flop + work.tape.flop,
               bytes = work.product.bytes + work.activation.bytes + work.tape.bytes;
  const double per_flop = precision == Precision::fp64 ? constants.joules_per_flop_fp64 : constants.joules_per_flop_fp32;
  return per_flop * flop + constants.joules_per_byte * bytes + constants.watts_per_rank * seconds;
}

void ModelledEnergy::count(const Engine& engine) {
  const EngineWork now = engine.work();
  own_ += modelled_joules(since(now, seen_), engine.precision(), 0);
  seen_ = now;
}

double ModelledEnergy::gather(Communicator& communicator, const Engine& engine) {
  count(engine);
  double total = own_ + modelled_joules({}, engine.precision(), wall_seconds() - begin_s_);
  communicator.sum("energy", &total, 1);
  return joules_ = before_ + total;
}

}  // namespace jetpinn
