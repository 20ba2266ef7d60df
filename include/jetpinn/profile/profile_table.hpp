// The table at the end of a training, and of `jetpinn profile`.
#pragma once

#include "jetpinn/profile/summary.hpp"

#include <string>

namespace jetpinn {

// Lines with their ends; the bottleneck's sentence is the last. No line of numbers is wider than 100 columns.
std::string profile_table(const ProfileSummary& summary);

// "3, 5-8, 11", shortened after a few.
std::string rank_list(const std::vector<int>& ranks);

}  // namespace jetpinn
