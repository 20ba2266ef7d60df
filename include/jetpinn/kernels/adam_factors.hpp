// The numbers of one step of Adam: what the host decides and a kernel applies (kernels/vector_items.hpp).
#pragma once

namespace jetpinn {

struct AdamFactors {
  double clip = 1;               // times the gradient
  double b1 = 0, b2 = 0;         // of the moments
  double rate = 0;               // the learning rate over the correction of the first moment
  double second_correction = 1;  // times the second moment
  double epsilon = 0;
};

}  // namespace jetpinn
