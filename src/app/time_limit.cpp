#include "jetpinn/app/time_limit.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace jetpinn {
namespace {

// What the launcher of a batch job told of its end, as seconds from the start of this program; 0: nothing.
double job_limit_s(double program_start) {
  const char* text = std::getenv("SLURM_JOB_END_TIME");  // seconds since 1970
  if (!text) return 0;
  const double end = std::strtod(text, nullptr), now = static_cast<double>(std::time(nullptr));
  // Slurm's clock is not ours, and the launcher has to end after us.
  const double left = end - now, reserve = std::min(10.0, 0.2 * left);
  return left > 0 ? left - reserve + (wall_seconds() - program_start) : 0;
}

}  // namespace

double time_limit_s(double max_time_s, double program_start) {
  const double job = job_limit_s(program_start);
  return max_time_s > 0 && job > 0 ? std::min(max_time_s, job) : std::max(max_time_s, job);
}

}  // namespace jetpinn
