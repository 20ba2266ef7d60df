#include "jetpinn/train/measured_shares.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double largest_of(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }

std::vector<double> of_mean_one(std::vector<double> values) {
  const double mean = mean_of(values);
  for (double& value : values) value /= mean;
  return values;
}

// Work per second; 0: not known.
std::vector<double> speeds_of(const std::vector<double>& seconds, const std::vector<double>& work) {
  std::vector<double> speeds;
  double sum = 0;
  int known = 0;
  for (std::size_t r = 0; r < seconds.size(); ++r) {
    const bool is_known = seconds[r] > 0 && work[r] > 0;
    speeds.push_back(is_known ? work[r] / seconds[r] : 0);
    sum += speeds.back();
    known += is_known;
  }
  if (known == 0) return {};
  for (double& speed : speeds)
    if (speed == 0) speed = sum / known;
  return of_mean_one(std::move(speeds));
}

std::vector<double> times_of(const std::vector<double>& speeds, const std::vector<double>& work) {
  std::vector<double> times;
  for (std::size_t r = 0; r < speeds.size(); ++r) times.push_back(work[r] / speeds[r]);
  return times;
}

bool is_uneven(const std::vector<double>& times, double by) { return largest_of(times) > by * mean_of(times); }

}  // namespace

std::vector<double> MeasuredShares::look(const std::vector<double>& seconds, const std::vector<double>& work) {
  std::vector<double> now = speeds_of(seconds, work);
  if (now.empty() || !is_uneven(times_of(now, work), rule_.uneven)) {
    before_.clear();
    return {};
  }
  if (before_.empty()) {
    before_ = std::move(now);
    return {};
  }
  std::vector<double> both;
  for (std::size_t r = 0; r < now.size(); ++r) both.push_back(std::max(now[r], before_[r]));
  before_ = std::move(now);
  if (!is_uneven(times_of(both, work), rule_.uneven)) return {};
  before_.clear();
  for (double& speed : both) speed = std::max(speed, rule_.least_speed * largest_of(both));
  return of_mean_one(std::move(both));
}

bool MeasuredShares::is_worth(const std::vector<double>& speeds, const std::vector<double>& now,
                              const std::vector<double>& then) const {
  return largest_of(times_of(speeds, then)) <= rule_.worth * largest_of(times_of(speeds, now));
}

}  // namespace jetpinn
