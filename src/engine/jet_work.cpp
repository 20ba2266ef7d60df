#include "jetpinn/engine/jet_work.hpp"

#include "jetpinn/kernels/kernel_flop.hpp"

#include <vector>

namespace jetpinn {
void SweepWork::add_chunk(EngineWork& total, std::int64_t points, std::int64_t tiles) const {
  add(total, point, static_cast<double>(points));
  add(total, tile, static_cast<double>(tiles));
  add(total, chunk, 1);
}

// With V channels, s bytes a value, layers of m inputs and n units, F fields, e varying pairs of channel and feature:
//   product     2 V m n FLOP a point; V (m + n) s bytes a point and m n s a tile, for each layer between hidden ones
//   activation  a jet for each hidden unit: reads V, writes V + 1 values; first layer 2 e FLOP a unit, writes V; last layer 2 V F FLOP a
//               unit, reads V
template <class T>
SweepWork jet_forward_work(const Network& network, const TermProgram& program, const JetLayers<T>& layers, const FeatureWork& features) {
  constexpr double s = sizeof(T);
  const double V = program.channels(), F = program.fields;
  const auto varying = static_cast<double>(features.varying), turns = static_cast<double>(features.turns);
  SweepWork work;
  KernelWork &product = work.point.product, &activation = work.point.activation;
  const double jet = jet_forward_flop<T>(network.activation, program.plan.program);
  for (int l = 0; l < layers.hidden(); ++l) {
    const auto m = static_cast<double>(layers[l].input_width), n = static_cast<double>(layers[l].width);
    activation.flop += n * jet;
    activation.bytes += n * (2 * V + 1) * s;
    if (l == 0) continue;
    const double weights = static_cast<double>(layers[l].inputs) * n;
    product.flop += 2 * V * weights;
    product.bytes += V * (m + n) * s;
    work.tile.product.bytes += weights * s;
  }
  const auto first = static_cast<double>(layers[0].width), last = static_cast<double>(layers[layers.hidden()].input_width);
  activation.flop += 2 * varying * first + 2 * V * F * last + turns * (sincos_flop<T>() + 2) + 3.0 * static_cast<double>(features.parts) +
                     tape_forward_flop<double>(program.coefficients);
  activation.bytes += (V * first + V * last + V * F + varying) * s;
  const double row = static_cast<double>(features.features) * first;   // the part of the first layer that no point changes
  work.tile.activation.flop += 2 * V * row;
  work.tile.activation.bytes += row * s;
  return work;
}

// As above; the input gradient reads and writes as the forward product does, the weight gradient reads both operands of a chunk and adds
// to m n values. A jet reads 2 V values and writes V, 2 V where it recomputes h: all layers but the last.
template <class T>
SweepWork jet_reverse_work(const Network& network, const TermProgram& program, const JetLayers<T>& layers, const FeatureWork& features) {
  constexpr double s = sizeof(T);
  const double V = program.channels(), F = program.fields;
  const auto varying = static_cast<double>(features.varying), constant = static_cast<double>(features.constant_channels);
  SweepWork work;
  KernelWork &product = work.point.product, &activation = work.point.activation;
  const double jet = jet_reverse_flop<T>(network.activation, program.plan.program);
  for (int l = 0; l < layers.hidden(); ++l) {
    const auto m = static_cast<double>(layers[l].input_width), n = static_cast<double>(layers[l].width);
    activation.flop += n * jet;
    activation.bytes += n * (l + 1 == layers.hidden() ? 3 * V : 4 * V) * s;
    if (l == 0) continue;
    const double weights = static_cast<double>(layers[l].inputs) * n;
    product.flop += 4 * V * weights;
    product.bytes += 2 * V * (m + n) * s;
    work.tile.product.bytes += weights * s;
    work.chunk.product.bytes += 2 * weights * s;
  }
  const auto first = static_cast<double>(layers[0].width), last = static_cast<double>(layers[layers.hidden()].input_width);
  activation.flop += 4 * V * F * last + (constant + 2 * varying) * first;
  activation.bytes += (2 * V * last + V * F + (constant + varying) * first) * s;
  const double row = static_cast<double>(features.features) * first;
  work.tile.activation.flop += 2 * constant * row;
  work.tile.activation.bytes += 2 * row * s;
  return work;
}

// Registers stay in the first-level cache; the columns do not: inputs and residuals, in the reverse the adjoints of the fields.
template <class T>
KernelWork tape_forward_work(const TermProgram& program) {
  constexpr double s = sizeof(T);
  return {tape_forward_flop<T>(program.residual), s * static_cast<double>(program.residual.inputs)};
}

template <class T>
KernelWork tape_reverse_work(const TermProgram& program) {
  constexpr double s = sizeof(T);
  std::vector<bool> wanted(static_cast<std::size_t>(program.residual.inputs), true);
  for (int d = 0; d < program.dimensions; ++d) wanted[static_cast<std::size_t>(d)] = false;
  // A square and its adjoint's seed for each residual: w r^2, 2 w r / N, two sums.
  constexpr double squares = 8;
  return {tape_reverse_flop<T>(program.residual, wanted) + squares * program.residuals(),
          s * static_cast<double>(program.residual.inputs - program.dimensions)};
}

#define JETPINN_INSTANTIATE(T)                                                                                                        \
  template SweepWork jet_forward_work<T>(const Network&, const TermProgram&, const JetLayers<T>&, const FeatureWork&);               \
  template SweepWork jet_reverse_work<T>(const Network&, const TermProgram&, const JetLayers<T>&, const FeatureWork&);               \
  template KernelWork tape_forward_work<T>(const TermProgram&);                                                                      \
  template KernelWork tape_reverse_work<T>(const TermProgram&);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
