// Where a study puts features that no cache keeps: a folder beside its results, of one process, for tasks of a job array may
// work in one folder.
#pragma once

#include <string>

namespace jetpinn {

// "OUTPUT/features-HOST-PID", of this process. Nothing is made.
std::string scratch_folder(const std::string& output);

// Removes those that processes of this host left which are gone, as ones that were killed; what cannot be removed stays.
void remove_stale_scratch(const std::string& output);

}  // namespace jetpinn
