#include "jetpinn/kernels/activation_jet.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Each activation's are in the source that CMake makes of activation_jet_unit.cpp.in.
template <class T, std::size_t... I>
const std::vector<JetKernels<T>>& kernels_of(Activation activation, std::index_sequence<I...>) {
  using Kernels = const std::vector<JetKernels<T>>& (*)();
  constexpr Kernels all[] = {&jet_kernels<T, static_cast<Activation>(I)>...};
  return all[static_cast<std::size_t>(activation)]();
}

}  // namespace

template <class T>
ActivationJet<T>::ActivationJet(Activation activation, const JetProgram& program, bool use_static)
    : coefficients_(program, use_static),
      kernels_(kernels_of<T>(activation, std::make_index_sequence<activation_count>{})[coefficients_.structure()]) {}

template <class T>
void ActivationJet<T>::forward(Stream, const JetSweep<T>& sweep) const {
  kernels_.forward(sweep, &coefficients_.tables());
}

template <class T>
void ActivationJet<T>::reverse(Stream, const JetSweep<T>& sweep) const {
  kernels_.reverse(sweep, &coefficients_.tables());
}

template class ActivationJet<float>;
template class ActivationJet<double>;

}  // namespace jetpinn
