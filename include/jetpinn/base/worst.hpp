// The largest error of a comparison. A NaN is worse than any number and stays, wherever it comes.
#pragma once

#include <cmath>

namespace jetpinn {

class Worst {
 public:
  // True when this error is the worst so far: where it was may then be noted.
  bool take(double error) {
    if (std::isnan(value_) || error <= value_) return false;
    value_ = error;
    return true;
  }
  double value() const { return value_; }

 private:
  double value_ = 0;
};

}  // namespace jetpinn
