// What an activation does to the channels of a jet, as data.
//
// Channel 0 is the value z; channel c carries p_c(D) z for an operator p_c without constant part. For h = s(z)
//   h_0 = s(z),   h_c = s'(z) z_c + sum_m k_m s^(degree_m)(z) prod_f z_{factor_f},   m over the monomials with target c
// (Faa di Bruno's formula; k_m = coefficient * point_coefficient[slot], slot -1 meaning 1).
#pragma once

#include "jetpinn/base/types.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {

struct JetMonomial {
  std::int32_t target = 0;
  std::int32_t degree = 2;              // 2..max_order: number of factors and order of the activation's derivative
  std::int32_t factor[max_order] = {};  // [degree] channels >= 1, ascending
  double coefficient = 1;
  std::int32_t slot = -1;  // column of the per-point coefficients, or -1
  bool operator==(const JetMonomial& o) const {
    return target == o.target && degree == o.degree && std::equal(factor, factor + degree, o.factor) &&
           coefficient == o.coefficient && slot == o.slot;
  }
};

struct JetProgram {
  int channels = 1;                     // V, the value channel included
  int degree = 1;                       // highest derivative of the activation in the forward
                                        // sweep (the reverse needs one more)
  int slots = 0;                        // number of per-point coefficients
  std::vector<JetMonomial> monomials;   // grouped by target
};

}  // namespace jetpinn
