// What the residual tape of a term does, per point.
#pragma once

#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/plan/jet_plan.hpp"

namespace jetpinn {

template <class T>
KernelWork tape_forward_work(const TermProgram& program);
template <class T>
KernelWork tape_reverse_work(const TermProgram& program);

}  // namespace jetpinn
