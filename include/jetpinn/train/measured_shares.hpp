// Whether the ranks' shares of the points are to be dealt anew from what their steps took (run.dealing = "measured"): a node
// may be slower than its plan, or have other work. Decided from numbers that all ranks have, so that all decide alike.
//
// A look compares the seconds that each rank computed since the look before. Where the slowest took `uneven` times the mean
// at two looks in a row, shares are to follow speeds; the speed of a rank is the larger one of the two looks, so that what
// was slow once changes nothing.
#pragma once

#include <vector>

namespace jetpinn {

struct SharesRule {
  double uneven = 1.1;         // the slowest rank's time over the mean of all, from which on shares are dealt anew,
  double worth = 0.95;         // where the slowest rank's time becomes at most so much of what it is
  double least_speed = 0.125;  // of the fastest: no rank is left without work by one measurement
};

class MeasuredShares {
 public:
  explicit MeasuredShares(const SharesRule& rule = {}) : rule_(rule) {}

  // seconds: [ranks] that each rank computed since the last look; work: [ranks] that it has, in any unit. Returns the
  // speeds to deal by, work per second, their mean 1; empty: the shares stay. A rank without work or seconds counts as one
  // of mean speed.
  std::vector<double> look(const std::vector<double>& seconds, const std::vector<double>& work);

  // Whether a dealing that gives each rank the work `then` is worth its trouble at these speeds.
  bool is_worth(const std::vector<double>& speeds, const std::vector<double>& now, const std::vector<double>& then) const;

 private:
  const SharesRule rule_;
  std::vector<double> before_;  // [ranks] speeds at the last look, where it was uneven; empty: it was not
};

}  // namespace jetpinn
