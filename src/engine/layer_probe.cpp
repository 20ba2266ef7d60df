#include "jetpinn/engine/layer_probe.hpp"

#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/runtime/pool.hpp"

namespace jetpinn {
namespace {

template <class T>
class Probe : public LayerProbe {
 public:
  Probe(const Network& network, const TermProgram& program, const double* parameters)
      : network_(network, ProductChoice(), pool_), sweeper_(prepare(network_, program, pool_), program, {1, 1}, pool_) {
    network_.load(parameters);
  }

  int first_not_finite(const double* place) override {
    const int layer = sweeper_.first_not_finite(Stream{}, place);
    const Network& network = network_.network();
    return layer < network_.layers() ? network.layers[static_cast<std::size_t>(layer)].part + 1
                                     : static_cast<int>(network.parts.size()) + 1;
  }

 private:
  static JetNetwork<T>& prepare(JetNetwork<T>& network, const TermProgram& program, Pool& pool) {
    network.allocate(program.channels(), program.channels(), pool);
    return network;
  }

  Pool pool_;
  JetNetwork<T> network_;
  JetSweeper<T> sweeper_;
};

}  // namespace

std::unique_ptr<LayerProbe> make_layer_probe(const Network& network, const TermProgram& program, Precision precision,
                                             const double* parameters) {
  if (precision == Precision::fp32) return std::make_unique<Probe<float>>(network, program, parameters);
  return std::make_unique<Probe<double>>(network, program, parameters);
}

}  // namespace jetpinn
