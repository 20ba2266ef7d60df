// A scaling study as Slurm jobs: one for each rank count, with all its points and repeats (jobs/scale.sbatch).
#pragma once

#include "jetpinn/scale/scale_options.hpp"
#include "jetpinn/study/study_folder.hpp"
#include "jetpinn/study/study_slurm.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

inline constexpr const char* scale_script = "scale.sbatch";

// Of the files of the job of `ranks`.
std::string scale_stem(const StudyFolder& folder, int ranks);

// The job of `ranks`; writes the file of runs that jobs/scale.sbatch reads, STEM.runs. `runs`: each the run's
// folder and the arguments of jetpinn.
SlurmJob scale_job(const ScaleOptions& options, const StudyFolder& folder, int ranks,
                   const std::vector<std::pair<std::string, std::vector<std::string>>>& runs);

}  // namespace jetpinn
