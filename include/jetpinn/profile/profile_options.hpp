// What a run asks of its profiler. Apart from profiler.hpp, because every option struct of a run holds it.
#pragma once

namespace jetpinn {

enum class ProfileDetail { off, steps, kernels };   // kernels: every step is traced until the budget of events is spent
const char* to_string(ProfileDetail);

struct ProfileOptions {
  double every_s = 10;                              // length of an interval
  ProfileDetail detail = ProfileDetail::steps;
};

}  // namespace jetpinn
