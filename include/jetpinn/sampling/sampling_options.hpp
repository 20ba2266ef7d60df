// [sampling] as a plain struct.
#pragma once

#include "jetpinn/sampling/sampler.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace jetpinn {

inline constexpr std::int64_t default_equation_points = 1000;
inline constexpr std::int64_t default_condition_points = 100;

struct SamplingOptions {
  SamplingMethod method = SamplingMethod::sobol;
  std::map<std::string, std::int64_t> points;   // per term, over all ranks; a term not named takes its default
  std::int64_t resample_every = 0;              // steps; 0: never
};

}  // namespace jetpinn
