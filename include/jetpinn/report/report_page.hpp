// A report on one run or several: one HTML file that needs no other.
#pragma once

#include "jetpinn/report/html.hpp"
#include "jetpinn/report/run_data.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// What the page shows of a run. The galleries are empty, with a note, where the network could not be read.
struct RunReport {
  RunData data;
  Gallery curves, fields, residuals, conditions, points;
  std::vector<std::string> network_notes;   // which network it is, or why there is none
};

std::string report_page(const std::vector<RunReport>& runs);

// Every picture of the page, with names that are all different; of several runs each begins with the run's.
std::vector<ReportPicture> report_pictures(const std::vector<RunReport>& runs);

}  // namespace jetpinn
