#include "jetpinn/geometry/sampled_region.hpp"

#include <algorithm>

namespace jetpinn {

double SampledRegion::measure() const {
  double sum = 0;
  for (std::size_t p = 0; p < parts(); ++p) sum += measure(p);
  return sum;
}

int SampledRegion::dimension() const {
  int most = 0;
  for (std::size_t p = 0; p < parts(); ++p) most = std::max(most, dimension(p));
  return most;
}

}  // namespace jetpinn
