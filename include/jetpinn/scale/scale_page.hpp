// A study as one HTML page that needs no other file.
#pragma once

#include "jetpinn/scale/scale_charts.hpp"
#include "jetpinn/scale/scale_study.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// Well-formed XML, so that other programs can read it.
std::string study_page(const Study& study, const std::vector<Picture>& pictures);

}  // namespace jetpinn
