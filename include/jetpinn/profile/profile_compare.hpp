// Two runs side by side: time per step by region, memory, and what differs by more than the intervals of each run scatter.
#pragma once

#include "jetpinn/profile/record.hpp"
#include "jetpinn/profile/summary.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

// Time per step of every interval, mean over ranks, by region; gathered record by record.
class IntervalTimes {
 public:
  void add(const IntervalRecord& record);
  // s per step, an entry per interval with steps, ascending. The interval with the start-up is
  // left out where there are others.
  std::vector<double> region(const std::string& name) const;
  std::vector<double> step() const;   // medians of the intervals' steps

 private:
  struct Interval {
    bool startup = false;
    std::map<std::string, double> regions;   // s per step, sum over ranks; "" for the step
    int ranks = 0;
  };
  std::vector<double> values(const std::string& name) const;
  std::map<std::int64_t, Interval> intervals_;
};

enum class Verdict { same, faster, slower, unknown };   // unknown: too few intervals

// b against a. Differs: by more than 2 %, and what lies between the 10th and the 90th percentile of one run's intervals has
// nothing in common with the other's. Fewer than 4 intervals of a run: unknown.
Verdict judge(const std::vector<double>& a, const std::vector<double>& b);

struct ComparedRun {
  std::string name;
  const ProfileSummary* summary;
  const IntervalTimes* times;
};

// The table, and a last line that says what got slower or faster.
std::string compare_profiles(const ComparedRun& a, const ComparedRun& b);

}  // namespace jetpinn
