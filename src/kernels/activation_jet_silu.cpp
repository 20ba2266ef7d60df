#include "jetpinn/kernels/activation_jet_table.hpp"

namespace jetpinn {

template const std::vector<JetKernels<float>>& jet_kernels<float, Activation::silu>();
template const std::vector<JetKernels<double>>& jet_kernels<double, Activation::silu>();

}  // namespace jetpinn
