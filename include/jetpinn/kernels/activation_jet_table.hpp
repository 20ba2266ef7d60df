// Fills jet_kernels<T, A>(): for the source that CMake makes for each activation.
#pragma once

#include "jetpinn/kernels/activation_jet_any.hpp"
#include "jetpinn/kernels/activation_jet_kernels.hpp"

namespace jetpinn {

template <class T, Activation A, class... Structure>
std::vector<JetKernels<T>> list_jet_kernels(JetStructureList<Structure...>) {
  return {{&static_forward<T, A, Structure>, &static_reverse<T, A, Structure>}...,
          {&dynamic_forward<T, A>, &dynamic_reverse<T, A>}};
}

template <class T, Activation A>
const std::vector<JetKernels<T>>& jet_kernels() {
  static const std::vector<JetKernels<T>> kernels = list_jet_kernels<T, A>(JetStructures{});
  return kernels;
}

}  // namespace jetpinn
