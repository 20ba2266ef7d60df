// Kernels on jets for devices: activations, gates, sums of jets, tangents. Every program runs by the interpreter, a thread
// for each unit of each point; sums over points are in column_sums.hpp. Arguments as for the host's kernels of the same
// names.
#pragma once

#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/jet_gate.hpp"
#include "jetpinn/kernels/jet_mix.hpp"
#include "jetpinn/kernels/jet_view.hpp"
#include "jetpinn/kernels/launch.hpp"

namespace jetpinn {

// A jet program in the memory of a device: what JetCoefficients is to a host, in the order of the interpreter.
template <class T, class Space>
class DeviceJetProgram {
 public:
  template <class Pool>
  DeviceJetProgram(Stream stream, Pool& pool, const JetProgram& program) : DeviceJetProgram(program) {
    const DynamicJetTables& tables = host_.tables();
    view_.monomials = upload<Space>(stream, pool, tables.monomials).address();
    view_.first = upload<Space>(stream, pool, tables.first).address();
    view_.order = upload<Space>(stream, pool, tables.order).address();
    view_.partials = upload<Space>(stream, pool, tables.partials).address();
    view_.first_partial = upload<Space>(stream, pool, tables.first_partial).address();
    constant_ = upload<Space>(stream, pool, std::vector<T>(host_.constant(), host_.constant() + host_.monomials()));
    slot_ = upload<Space>(stream, pool, host_.slots());
  }

  const DynamicJetView& view() const { return view_; }  // of addresses on the device
  int channels() const { return view_.channels; }
  int monomials() const { return host_.monomials(); }
  bool per_point() const { return host_.per_point(); }

  DevicePointer<const T, Space> constant() const { return constant_; }
  // k[p * monomials + m] from slot columns: slots[s * stride + p].
  void fill(Stream stream, std::int64_t points, Pointer<const T, Space> slots, std::int64_t stride,
            Pointer<T, Space> k) const {
    fill(stream, points, slots, stride, false, k);
  }
  void fill_changes(Stream stream, std::int64_t points, Pointer<const T, Space> slots, std::int64_t stride,
                    Pointer<T, Space> k) const {
    fill(stream, points, slots, stride, true, k);
  }

 private:
  void fill(Stream stream, std::int64_t points, Pointer<const T, Space> slots, std::int64_t stride, bool changes,
            Pointer<T, Space> k) const;
  explicit DeviceJetProgram(const JetProgram& program) : host_(program, false) {
    view_.channels = host_.tables().channels;
    view_.degree = host_.tables().degree;
  }

  const JetCoefficients<T> host_;
  DynamicJetView view_;
  DevicePointer<const T, Space> constant_;
  DevicePointer<const int, Space> slot_;
};

template <class T, class Space>
void activation_forward(Stream stream, Activation activation, const DeviceJetProgram<T, Space>& program,
                        const JetSweep<T, Space>& sweep);
template <class T, class Space>
void activation_reverse(Stream stream, Activation activation, const DeviceJetProgram<T, Space>& program,
                        const JetSweep<T, Space>& sweep);
template <class T, class Space>
void activation_tangent(Stream stream, Activation activation, const DeviceJetProgram<T, Space>& program,
                        const TangentSweep<T, Space>& sweep);

template <class T, class Space>
void gate_forward(Stream stream, const DeviceJetProgram<T, Space>& program, const GateSweep<T, Space>& sweep);
template <class T, class Space>
void gate_reverse(Stream stream, const DeviceJetProgram<T, Space>& program, const GateSweep<T, Space>& sweep);

// What ActivationJet and JetGate are on a host.
template <class T, class Space>
struct DeviceActivation {
  Activation activation;
  const DeviceJetProgram<T, Space>& program;
  void forward(Stream stream, const JetSweep<T, Space>& sweep) const {
    activation_forward(stream, activation, program, sweep);
  }
  void reverse(Stream stream, const JetSweep<T, Space>& sweep) const {
    activation_reverse(stream, activation, program, sweep);
  }
};
template <class T, class Space>
struct DeviceGate {
  const DeviceJetProgram<T, Space>& program;
  void forward(Stream stream, const GateSweep<T, Space>& sweep) const { gate_forward(stream, program, sweep); }
  void reverse(Stream stream, const GateSweep<T, Space>& sweep) const { gate_reverse(stream, program, sweep); }
};

template <class T, class Space>
std::enable_if_t<!Space::host> mix_forward(Stream stream, const MixSweep<T, Space>& sweep);
template <class T, class Space>
std::enable_if_t<!Space::host> mix_reverse(Stream stream, const MixSweep<T, Space>& sweep);

template <class T, class Space>
void add_scaled(Stream stream, std::int64_t count, T a, Pointer<const T, Space> x, DevicePointer<T, Space> y);
// y += sign a x with an a that lies on the device.
template <class T, class Space>
void add_scaled_by(Stream stream, std::int64_t count, DevicePointer<const T, Space> a, T sign, Pointer<const T, Space> x,
                   DevicePointer<T, Space> y);

}  // namespace jetpinn
