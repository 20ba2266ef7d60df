#include "jetpinn/kernels/activation_jet.hpp"

#include <vector>

namespace jetpinn {

// Defined in activation_jet_<activation>.cpp.
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::tanh>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::tanh>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::sin>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::sin>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::silu>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::silu>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::gelu>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::gelu>();
extern template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::softplus>();
extern template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::softplus>();

namespace {

template <class T>
const std::vector<JetKernels<T>>& kernels_of(Activation activation) {
  switch (activation) {
    case Activation::sin: return jet_kernels<T, Activation::sin>();
    case Activation::silu: return jet_kernels<T, Activation::silu>();
    case Activation::gelu: return jet_kernels<T, Activation::gelu>();
    case Activation::softplus: return jet_kernels<T, Activation::softplus>();
    case Activation::tanh: break;
  }
  return jet_kernels<T, Activation::tanh>();
}

}  // namespace

template <class T>
ActivationJet<T>::ActivationJet(Activation activation, const JetProgram& program, bool use_static)
    : coefficients_(program, use_static), kernels_(kernels_of<T>(activation)[coefficients_.structure()]) {}

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
