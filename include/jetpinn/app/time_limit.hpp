// When a command that trains must be gone.
#pragma once

namespace jetpinn {

// s after program_start, a value of wall_seconds(): the sooner of max_time_s (0: none) and of what the launcher of a batch
// job told of its end; 0: no limit.
double time_limit_s(double max_time_s, double program_start);

}  // namespace jetpinn
