// The kernels of bf16_kernels.hpp by the instruction vpdpwssd. Their source alone is compiled for processors that have it.
#pragma once

#include "jetpinn/runtime/bf16_kernels.hpp"

namespace jetpinn {

const Bf16Kernels* vnni_kernels();  // null: the build has none
bool processor_has_vnni();          // and a system that keeps its registers

}  // namespace jetpinn
