// The totals of a run in the text format of Prometheus, for the node exporter's textfile collector.
#pragma once

#include "jetpinn/profile/summary.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// run: the value of the label that tells runs apart, since one machine may offer several files.
std::string prometheus_text(const std::string& run, const std::vector<RankTotals>& ranks, const ProfileSummary& summary);

}  // namespace jetpinn
