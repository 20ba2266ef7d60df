#include "jetpinn/engine/layer_probe.hpp"

#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/runtime/pool.hpp"

namespace jetpinn {
namespace {

template <class A>
class Probe : public LayerProbe {
 public:
  using T = typename A::Storage;

  Probe(const Network& network, const TermProgram& program, const double* parameters)
      : network_(network, ProductChoice(), pool_, Stream{}),
        sweeper_(prepare(network_, program, pool_), program, {1, 1}, pool_, Stream{}) {
    network_.load(parameters);
  }

  int first_not_finite(const double* place) override {
    const int layer = sweeper_.first_not_finite(Stream{}, place);
    const Network& network = network_.network();
    return layer < network_.layers() ? network.layers[static_cast<std::size_t>(layer)].part + 1
                                     : static_cast<int>(network.parts.size()) + 1;
  }

 private:
  static JetNetwork<A>& prepare(JetNetwork<A>& network, const TermProgram& program, Pool& pool) {
    network.allocate(program.channels(), program.channels(), pool);
    return network;
  }

  Pool pool_;
  JetNetwork<A> network_;
  JetSweeper<A> sweeper_;
};

}  // namespace

std::unique_ptr<LayerProbe> make_layer_probe(const Network& network, const TermProgram& program, Precision precision,
                                             const double* parameters) {
  if (precision == Precision::fp32) return std::make_unique<Probe<HostFp32>>(network, program, parameters);
  return std::make_unique<Probe<HostFp64>>(network, program, parameters);
}

}  // namespace jetpinn
