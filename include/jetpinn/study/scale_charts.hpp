// The pictures of a scaling study.
#pragma once

#include "jetpinn/study/scale_study.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct Picture {
  std::string name;   // of its files, as in speed-up
  std::string svg, png;
};

// Those that the study has data for: speed-up and efficiency against ranks, efficiency against points per rank, where the time of a step
// goes, memory. None without Cairo.
std::vector<Picture> draw_study(const Study& study);

}  // namespace jetpinn
