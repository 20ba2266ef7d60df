// The records of one rank added up, one at a time: what a training keeps of its profile.
#pragma once

#include "jetpinn/profile/record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct RankTotals {
  // As many steps of about this length: medians of intervals, neighbours joined when there are too many of them.
  struct Steps {
    double seconds = 0;
    std::int64_t count = 0;
  };

  // The whole run as one record: counts and times added, shares of GPUs averaged over time, memory at its highest,
  // `available` at its lowest. begin_s and end_s may hold gaps where records are missing; wall_s has none.
  IntervalRecord sum;
  double wall_s = 0;                         // the seconds of all records
  std::int64_t intervals = 0;
  std::map<std::string, double> roofline_s;  // s that the peaks allow for a kernel class's work;
                                             // no key: unknown in some interval
  std::int64_t faults_of_steps = 0;          // major faults of intervals without start-up: those of
                                             // loading the program are no sign
  std::vector<Steps> steps;                  // at most a few hundred, ascending once joined

  void accumulate(const IntervalRecord& record);
  double median_step_s() const;              // 0: no steps
  double region(const std::string& name) const;   // s; 0 where it never was
};

// One line, for a gather over ranks.
std::string to_json_text(const RankTotals& totals);
RankTotals totals_from_json(const std::string& text);   // Error (usage) when it is something else

}  // namespace jetpinn
