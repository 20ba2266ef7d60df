#include "jetpinn/train/engine_maker.hpp"

namespace jetpinn {

std::unique_ptr<Engine> EngineMaker::make_aside(Precision precision, const Network& network,
                                                const std::vector<EngineTerm>& terms) const {
  EngineOptions options;
  options.kind = training_.engine;
  options.precision = precision;
  options.reproducibility = training_.reproducibility;
  options.device = training_.device;
  options.device_stream = device_;
  options.graphs = training_.graphs;
  options.recomputed = recomputed_;
  options.ranks = &communicator_;
  // In bf16 there is nothing to choose: all products give the same bits.
  const Products& known = products(precision);
  if (precision != Precision::bf16 && !known.choice.empty()) {
    options.product_backend = known.choice;
    options.product_rate = known.rate;
  }
  return make_engine(options, network, terms);
}

std::unique_ptr<Engine> EngineMaker::make(Precision precision, const Network& network,
                                          const std::vector<EngineTerm>& terms) {
  std::unique_ptr<Engine> engine = make_aside(precision, network, terms);
  if (precision == Precision::bf16) return engine;
  // By name, for g++ 12 assigns a braced list to a copy of what ?: chooses.
  Products& kept = precision == Precision::fp64 ? fp64_ : fp32_;
  if (training_.engine == EngineKind::jets) kept = {engine->backend(), engine->product_rate()};
  return engine;
}

State EngineMaker::state() {
  return {{"fp64", &fp64_.choice}, {"fp64_rate", &fp64_.rate}, {"fp32", &fp32_.choice}, {"fp32_rate", &fp32_.rate}};
}

}  // namespace jetpinn
