#include "jetpinn/kernels/device_jets.hpp"

#include "jetpinn/kernels/pack.hpp"
#include "support/all_activations.hpp"
#include "support/jet_programs.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using test::other_order, test::worst_difference;

struct Size {
  std::int64_t points, width;
};
// The last have several runs of a sum, one of them short.
constexpr Size jet_sizes[] = {{1, 1}, {7, 19}, {300, 8}};

template <class T>
std::vector<T> random_jets(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1.2, 1.2);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) value = static_cast<T>(uniform(generator));
  return values;
}

// Widths of the host's arrays hold whole packs; a device takes any.
template <class T>
std::vector<T> cut(const std::vector<T>& rows, std::int64_t width, std::int64_t kept) {
  std::vector<T> result;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::int64_t>(i) % width < kept) result.push_back(rows[i]);
  return result;
}

// A program's coefficients on both sides.
template <class T>
class Program {
 public:
  Program(test::OnDevice& device, const JetProgram& program, std::int64_t points)
      : host(program, false), there(device.stream(), device.pool(), program) {
    const auto slots = random_jets<T>(program.slots * points, 9);
    k_ = std::vector<T>(static_cast<std::size_t>(host.monomials() * points));
    host.fill(points, slots.data(), points, k_.data());
    const auto k_there = device.room<T>(host.monomials() * points);
    there.fill(device.stream(), points, device.put(slots), points, k_there);
    k_filled_ = k_there;
  }
  template <class Sweep>
  void give_to(Sweep& sweep) const {
    if constexpr (std::is_pointer_v<decltype(sweep.coefficients)>)
      sweep.coefficients = host.per_point() ? k_.data() : host.constant();
    else
      sweep.coefficients = there.per_point() ? k_filled_ : there.constant();
    sweep.coefficient_stride = host.per_point() ? host.monomials() : 0;
  }

  JetCoefficients<T> host;
  DeviceJetProgram<T, Space> there;

 private:
  std::vector<T> k_;
  DevicePointer<const T, Space> k_filled_;
};

template <class T>
void compare_activation(Activation activation, const JetProgram& named, Size size, bool with_h) {
  test::OnDevice device;
  const std::int64_t width = padded<T>(size.width), rows = named.channels * size.points;
  auto z = random_jets<T>(rows * width, 1), adjoint = random_jets<T>(rows * width, 2), h = z, h_again = z;
  const auto bias = random_jets<T>(width, 3);
  auto gradient = random_jets<T>(width, 4);
  const Program<T> program(device, named, size.points);
  const auto narrow = [&](const std::vector<T>& values) { return cut(values, width, size.width); };

  JetSweep<T, Space> there;
  there.tile = {size.points, size.width};
  program.give_to(there);
  there.bias = device.put(narrow(bias));
  there.z = device.put(narrow(z));
  const auto h_there = there.h = device.room<T>(rows * size.width), again_there = device.room<T>(rows * size.width);
  activation_forward(device.stream(), activation, program.there, there);
  there.h = with_h ? again_there : nullptr;
  there.adjoint = device.put(narrow(adjoint));
  there.bias_gradient = device.put(narrow(gradient));
  there.partial = device.room<T>(sum_runs(size.points) * size.width);
  activation_reverse(device.stream(), activation, program.there, there);

  const ActivationJet<T> jet(activation, named, false);
  JetSweep<T> sweep;
  sweep.tile = {size.points, width};
  program.give_to(sweep);
  sweep.bias = bias.data(), sweep.z = z.data(), sweep.h = h.data();
  jet.forward({}, sweep);
  sweep.h = h_again.data(), sweep.adjoint = adjoint.data(), sweep.bias_gradient = gradient.data();
  jet.reverse({}, sweep);

  const auto got = [&](DevicePointer<T, Space> place, const std::vector<T>& like) {
    return device.get(place, narrow(like).size());
  };
  EXPECT_LE(worst_difference(got(h_there, h), narrow(h)), other_order);
  EXPECT_LE(worst_difference(got(there.z, z), narrow(z)), other_order);
  EXPECT_LE(worst_difference(got(there.adjoint, adjoint), narrow(adjoint)), other_order);
  EXPECT_LE(worst_difference(got(there.bias_gradient, gradient), narrow(gradient)), other_order);
  if (with_h) {
    EXPECT_LE(worst_difference(got(again_there, h_again), narrow(h_again)), other_order);
  }
}

TEST(DeviceJets, ActivationsAreTheHosts) {
  for (const auto& named : test::programs()) {
    for (Activation activation : test::all_activations()) {
      SCOPED_TRACE(named.name + ", activation " + std::to_string(static_cast<int>(activation)));
      compare_activation<double>(activation, named.program, {7, 3}, true);
      compare_activation<float>(activation, named.program, {7, 3}, false);
    }
  }
}

TEST(DeviceJets, ActivationsOnAwkwardSizes) {
  for (const auto& named : test::programs()) {
    for (const Size size : jet_sizes) {
      SCOPED_TRACE(named.name + ", " + std::to_string(size.points) + " points");
      compare_activation<double>(Activation::tanh, named.program, size, false);
      compare_activation<float>(Activation::tanh, named.program, size, true);
    }
  }
}

template <class T>
void compare_tangent(Activation activation, const JetProgram& named, Size size) {
  test::OnDevice device;
  const std::int64_t width = padded<T>(size.width), count = named.channels * size.points * width;
  const auto z = random_jets<T>(count, 1), dz = random_jets<T>(count, 2), bias = random_jets<T>(width, 3);
  std::vector<T> dh(z.size());
  const Program<T> program(device, named, size.points);
  TangentSweep<T, Space> there;
  there.tile = {size.points, width};
  program.give_to(there);
  there.z = device.put(z), there.z_tangent = device.put(dz), there.bias_tangent = device.put(bias);
  there.h_tangent = device.room<T>(count);
  activation_tangent(device.stream(), activation, program.there, there);
  TangentSweep<T> sweep;
  sweep.tile = {size.points, width};
  program.give_to(sweep);
  sweep.z = z.data(), sweep.z_tangent = dz.data(), sweep.bias_tangent = bias.data(), sweep.h_tangent = dh.data();
  activation_tangent<T>({}, activation, program.host.tables(), sweep);
  EXPECT_LE(worst_difference(device.get(there.h_tangent, dh.size()), dh), other_order);
}

TEST(DeviceJets, TangentsAreTheHosts) {
  for (const auto& named : test::programs()) {
    for (Activation activation : test::all_activations()) {
      SCOPED_TRACE(named.name + ", activation " + std::to_string(static_cast<int>(activation)));
      compare_tangent<double>(activation, named.program, {5, 8});
      compare_tangent<float>(activation, named.program, {5, 16});
    }
  }
}

template <class T>
void compare_gate(const JetProgram& named, Size size, bool writes) {
  test::OnDevice device;
  const std::int64_t width = padded<T>(size.width), count = named.channels * size.points * width;
  const auto z = random_jets<T>(count, 1), u = random_jets<T>(count, 2), v = random_jets<T>(count, 3);
  auto adjoint = random_jets<T>(count, 4), u_adjoint = random_jets<T>(count, 5), v_adjoint = random_jets<T>(count, 6);
  std::vector<T> h(z.size()), h_again(z.size());
  const Program<T> program(device, named, size.points);
  GateSweep<T, Space> there;
  there.tile = {size.points, width};
  program.give_to(there);
  there.z = device.put(z), there.u = device.put(u), there.v = device.put(v);
  const auto h_there = there.h = device.room<T>(count);
  gate_forward(device.stream(), program.there, there);
  there.h = device.room<T>(count);
  there.adjoint = device.put(adjoint), there.u_adjoint = device.put(u_adjoint), there.v_adjoint = device.put(v_adjoint);
  there.writes = writes;
  gate_reverse(device.stream(), program.there, there);

  const JetGate<T> gate(named, false);
  GateSweep<T> sweep;
  sweep.tile = {size.points, width};
  program.give_to(sweep);
  sweep.z = z.data(), sweep.u = u.data(), sweep.v = v.data(), sweep.h = h.data();
  gate.forward({}, sweep);
  sweep.h = h_again.data(), sweep.adjoint = adjoint.data(), sweep.u_adjoint = u_adjoint.data();
  sweep.v_adjoint = v_adjoint.data(), sweep.writes = writes;
  gate.reverse({}, sweep);
  EXPECT_LE(worst_difference(device.get(h_there, h.size()), h), other_order);
  EXPECT_LE(worst_difference(device.get(there.h, h.size()), h_again), other_order);
  EXPECT_LE(worst_difference(device.get(there.adjoint, h.size()), adjoint), other_order);
  EXPECT_LE(worst_difference(device.get(there.u_adjoint, h.size()), u_adjoint), other_order);
  EXPECT_LE(worst_difference(device.get(there.v_adjoint, h.size()), v_adjoint), other_order);
}

TEST(DeviceJets, GatesAreTheHosts) {
  for (const auto& named : test::programs()) {
    for (const bool writes : {false, true}) {
      SCOPED_TRACE(named.name);
      compare_gate<double>(named.program, {7, 19}, writes);
      compare_gate<float>(named.program, {12, 32}, writes);
    }
  }
}

template <class T>
void compare_mix(Size size, bool share, bool writes) {
  test::OnDevice device;
  constexpr int channels = 3;
  const std::int64_t width = padded<T>(size.width), count = channels * size.points * width;
  const auto f = random_jets<T>(count, 1), x = random_jets<T>(count, 2);
  auto adjoint = random_jets<T>(count, 3), x_adjoint = random_jets<T>(count, 4), gradient = random_jets<T>(width, 5);
  std::vector<T> y(f.size()), y_again(f.size());
  MixSweep<T, Space> there;
  MixSweep<T> sweep;
  there.tile = sweep.tile = {size.points, width};
  there.channels = sweep.channels = channels;
  there.a = sweep.a = T(0.3), there.b = sweep.b = T(0.7);
  there.f = device.put(f), there.x = device.put(x);
  const auto y_there = there.y = device.room<T>(count);
  mix_forward<T>(device.stream(), there);
  there.y = device.room<T>(count), there.adjoint = device.put(adjoint), there.x_adjoint = device.put(x_adjoint);
  there.partial = device.room<T>(sum_runs(channels * size.points) * width);
  const auto gradient_there = device.put(gradient);
  if (share) there.share_gradient = gradient_there;
  there.writes = sweep.writes = writes;
  mix_reverse<T>(device.stream(), there);

  sweep.f = f.data(), sweep.x = x.data(), sweep.y = y.data();
  mix_forward<T>({}, sweep);
  sweep.y = y_again.data(), sweep.adjoint = adjoint.data(), sweep.x_adjoint = x_adjoint.data();
  if (share) sweep.share_gradient = gradient.data();
  mix_reverse<T>({}, sweep);
  EXPECT_LE(worst_difference(device.get(y_there, y.size()), y), other_order);
  EXPECT_LE(worst_difference(device.get(there.y, y.size()), y_again), other_order);
  EXPECT_LE(worst_difference(device.get(there.adjoint, y.size()), adjoint), other_order);
  EXPECT_LE(worst_difference(device.get(there.x_adjoint, y.size()), x_adjoint), other_order);
  EXPECT_LE(worst_difference(device.get(gradient_there, gradient.size()), gradient), other_order);
}

TEST(DeviceJets, SumsOfJetsAreTheHosts) {
  for (const Size size : jet_sizes) {
    for (const bool share : {false, true}) {
      compare_mix<double>(size, share, !share);
      compare_mix<float>(size, share, share);
    }
  }
}

TEST(DeviceJets, AddScaledIsTheHosts) {
  test::OnDevice device;
  const auto x = random_jets<double>(77, 1);
  auto y = random_jets<double>(77, 2);
  const auto there = device.put(y);
  add_scaled(device.stream(), 77, 0.3, device.put(x), there);
  add_scaled<double>({}, 77, 0.3, x.data(), y.data());
  EXPECT_LE(worst_difference(device.get(there, y.size()), y), 1);
}

}  // namespace
}  // namespace jetpinn
