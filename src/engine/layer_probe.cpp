#include "jetpinn/engine/layer_probe.hpp"

#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <algorithm>
#include <vector>

namespace jetpinn {
namespace {

template <class A>
class Probe : public LayerProbe {
 public:
  using T = typename A::Storage;

  Probe(const Network& network, const TermProgram& program, const double* parameters)
      : network_(network, ProductChoice(), pool_, Stream{}),
        sweeper_(prepare(network_, program, pool_), program, {program.sites, program.sites}, pool_, Stream{}) {
    point_.dimensions = program.dimensions;
    point_.global_count = point_.local_count = 1;
    std::vector<double> constants;
    for (const auto* inputs : {&program.inputs, &program.coefficient_inputs})
      for (const TermInput& input : *inputs) make_room(input, program.sites, constants);
    network_.load(parameters, constants);
  }

  void layer_values(const double* place, const LayerValues& visit) override {
    std::vector<double> values;
    sweeper_.forward_by_layers(Stream{}, range_at(place), [&](int layer, const JetPlace<A>& jets) {
      const std::int64_t units = network_.network().layers[static_cast<std::size_t>(layer)].units;
      values.assign(jets.data, jets.data + units);  // the first channel, of the first site
      visit(layer, values);
    });
  }

  int first_not_finite(const double* place) override {
    const int layer = sweeper_.first_not_finite(Stream{}, range_at(place));
    const Network& network = network_.network();
    return layer < network_.layers() ? network.layers[static_cast<std::size_t>(layer)].part + 1
                                     : static_cast<int>(network.parts.size()) + 1;
  }

 private:
  TermRange range_at(const double* place) {
    point_.coordinates.assign(place, place + point_.dimensions);
    point_.second = point_.coordinates;
    return {&point_, 0, 1};
  }

  static JetNetwork<A>& prepare(JetNetwork<A>& network, const TermProgram& program, Pool& pool) {
    const std::int64_t rows = std::int64_t{program.sites} * program.channels();
    network.allocate(rows, rows, pool);
    return network;
  }

  // A zero for what the input reads.
  void make_room(const TermInput& input, int sites, std::vector<double>& constants) {
    const auto grow = [](std::vector<double>& values, int size) {
      values.resize(std::max(values.size(), static_cast<std::size_t>(size)));
    };
    if (input.group == InputGroup::data) grow(point_.data, input.index + 1);
    if (input.group == InputGroup::constant) grow(constants, input.index + 1);
    if (input.group != InputGroup::attribute) return;
    grow(point_.attributes, sites * (input.index + 1));
    point_.attribute_columns = static_cast<int>(point_.attributes.size());
  }

  Pool pool_;
  TermPoints point_;
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
