// A study as Slurm jobs: one for each rank count, with all its points and repeats (jobs/scale.sbatch).
#pragma once

#include "jetpinn/study/scale_folder.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct SlurmJob {
  int ranks = 1;
  std::string runs_file;                       // what jobs/scale.sbatch reads: a line for each run
  std::vector<std::string> command;            // of sbatch
};

// Text for sh that reads back as `word`.
std::string shell_word(const std::string& word);

// The job of `ranks`; writes its runs file. `runs`: each the run's folder and the arguments of jetpinn.
SlurmJob slurm_job(const ScaleOptions& options, const StudyFolder& folder, int ranks, const std::vector<std::pair<std::string, std::vector<std::string>>>& runs);

// Submits, and remembers the number in DIR/jobs. Throws Error (usage) with sbatch's own words.
std::string submit(const SlurmJob& job);
// The number of the job that was submitted for `ranks` and not collected yet; empty: none.
std::string submitted_job(const StudyFolder& folder, int ranks);
void forget_job(const StudyFolder& folder, int ranks);

// PENDING, RUNNING, ...; empty: Slurm has it no more.
std::string job_state(const std::string& number);

}  // namespace jetpinn
