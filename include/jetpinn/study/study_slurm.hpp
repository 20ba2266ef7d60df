// Runs of a study as Slurm jobs: submitted, remembered in DIR/jobs, waited for.
#pragma once

#include "jetpinn/study/stop_requests.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

// Text for sh that reads back as `word`, and as the words of `command`.
std::string shell_word(const std::string& word);
std::string shell_line(const std::vector<std::string>& command);

// The path of jobs/NAME: it lies in the project, beside or above the folder of this program, or in
// $JETPINN_ROOT. Throws Error (usage).
std::string batch_script(const std::string& name);

struct SlurmJob {
  std::string stem;                   // of its files in DIR/jobs: STEM.job holds the number while it is not collected,
                                      // STEM.command what was submitted
  std::string what;                   // "the job of 4 ranks", for messages
  std::vector<std::string> command;   // of sbatch, the batch script and its arguments last
};

// Submits, and remembers the number. `script`: that of the command. Throws Error (usage) with sbatch's own words.
std::string submit(const SlurmJob& job, const std::string& script);
// The number of the job that was submitted and not collected yet; empty: none.
std::string submitted_job(const std::string& stem);

// PENDING, RUNNING, ..., those of an array's tasks once each; empty: Slurm has it no more.
std::string job_state(const std::string& number);

// Waits until Slurm has none of the jobs any more (number by stem), and forgets them. False: asked to stop, or they are at
// work and `wait` is false. Throws Error (communication) where Slurm does not answer for minutes.
bool wait_for_jobs(StopRequests& stops, std::map<std::string, std::string> jobs, bool wait,
                   const std::function<void(const std::string&)>& say);

}  // namespace jetpinn
