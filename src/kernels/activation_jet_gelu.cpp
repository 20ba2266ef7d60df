#include "jetpinn/kernels/activation_jet_table.hpp"

namespace jetpinn {

template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::gelu>();
template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::gelu>();

}  // namespace jetpinn
