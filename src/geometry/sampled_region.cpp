#include "jetpinn/geometry/sampled_region.hpp"

namespace jetpinn {

double SampledRegion::measure() const {
  double sum = 0;
  for (std::size_t p = 0; p < parts(); ++p) sum += measure(p);
  return sum;
}

}  // namespace jetpinn
