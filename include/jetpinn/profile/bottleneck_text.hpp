// The words about the cause of a bottleneck: evidence, and what to try.
#pragma once

#include "jetpinn/profile/bottleneck_rules.hpp"

#include <string>

namespace jetpinn::bottleneck {

double percent(double share);
std::string text_of(Cause cause, const ProfileSummary& summary, const Parts& part);   // "" of count

}  // namespace jetpinn::bottleneck
