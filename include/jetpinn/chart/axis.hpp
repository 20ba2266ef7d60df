// Axes: round numbers, their labels, and the way from data to the picture.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

// Round numbers that divide [low, high] into about `count` parts.
std::vector<double> axis_ticks(double low, double high, int count, bool logarithmic);
// 0.001, 250, 10k, 1.5M.
std::string tick_label(double value);
// The same for all ticks of an axis, with as many digits as tell them apart.
std::vector<std::string> tick_labels(const std::vector<double>& ticks);

struct Axis {
  double low = 0, high = 1;   // of the data
  double from = 0, to = 1;    // their places in the picture
  bool logarithmic = false;

  double operator()(double value) const;
};

}  // namespace jetpinn
