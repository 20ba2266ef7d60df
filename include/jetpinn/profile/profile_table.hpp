// The table at the end of a training, and of `jetpinn profile`.
#pragma once

#include "jetpinn/profile/summary.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Lines with their ends; the bottleneck's sentence is the last. No line of numbers is wider than 100 columns.
std::string profile_table(const ProfileSummary& summary);

// "3, 5-8, 11", shortened after a few.
std::string rank_list(const std::vector<int>& ranks);
// The ending of a noun after a count.
inline const char* s_if(std::int64_t count) { return count == 1 ? "" : "s"; }
inline double in_mib(double bytes) { return bytes / 1048576.0; }

}  // namespace jetpinn
