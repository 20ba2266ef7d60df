#include "jetpinn/chart/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace jetpinn {

std::vector<double> axis_ticks(double low, double high, int count, bool logarithmic) {
  std::vector<double> ticks;
  if (!(high > low)) return {low};
  constexpr double slack = 1e-9;
  if (logarithmic) {
    // Decades, with 2 and 5 in between where there are few of them, and some left out where there are many.
    const double decades = std::log10(high / low);
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / (1.5 * count))));
    for (int exponent = static_cast<int>(std::floor(std::log10(low)));
         exponent <= static_cast<int>(std::ceil(std::log10(high))); ++exponent) {
      if (exponent % stride != 0) continue;
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double tick = factor * std::pow(10.0, exponent);
        if ((factor == 1 || decades < 0.6 * count / 2) && tick >= low * (1 - slack) && tick <= high * (1 + slack))
          ticks.push_back(tick);
      }
    }
    if (ticks.size() >= 2) return ticks;
    ticks.clear();
  }
  const double rough = (high - low) / count, power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough * (1 - slack)) step = factor * power;
  for (double index = std::ceil(low / step - slack); index * step <= high + slack * step; ++index)
    ticks.push_back(index * step);
  return ticks;
}

std::string tick_label(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";   // also of -0
  if (size >= 1e9) return fmt::format("{:.4g}", value);
  if (size >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:.4g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

std::vector<std::string> tick_labels(const std::vector<double>& ticks) {
  std::vector<std::string> labels;
  for (const double tick : ticks) labels.push_back(tick_label(tick));
  for (int digits = 5; digits <= 12 && std::set<std::string>(labels.begin(), labels.end()).size() < labels.size(); ++digits)
    for (std::size_t i = 0; i < ticks.size(); ++i) labels[i] = fmt::format("{:.{}g}", ticks[i], digits);
  return labels;
}

double Axis::operator()(double value) const {
  const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  return from + share * (to - from);
}

}  // namespace jetpinn
