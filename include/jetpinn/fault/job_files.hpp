// Where the ranks of a job meet without MPI: their records, who speaks about the job's end, and the news that it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace jetpinn {

// Rank and size as the launcher tells them in the environment, before MPI is up. Without a launcher: 0 of 1.
struct LaunchedRank {
  int rank = 0, size = 1;
};
LaunchedRank launched_rank();

// The same on all ranks of a job, another one for the next job: from what the launcher tells.
std::uint64_t launched_job();

// mpirun was told (-enable-recovery, as jobs/local does) to leave the ranks alone when one ends
// badly: they end by themselves.
bool ranks_outlive_each_other();

class JobFiles {
 public:
  JobFiles() = default;   // no place to meet: every rank is on its own
  // Names begin with `prefix`.
  JobFiles(std::string prefix, std::uint64_t job) : prefix_(std::move(prefix)), job_(job) {}
  // $JETPINN_STATUS_FILE's neighbours; else the folder that the launcher's daemon keeps for this
  // job on this machine; else none.
  static JobFiles of_launch();

  bool shared() const { return !prefix_.empty(); }
  std::uint64_t job() const { return job_; }
  std::string record(int rank) const { return prefix_ + "rank-" + std::to_string(rank); }

  // True for one rank of the job: that which asks first. Always true where there is no place to meet.
  bool claim_speech() const;
  // The other ranks leave silently with this status as soon as they see it.
  void announce_end(int status) const;
  std::optional<int> announced_end() const;   // the status

  void remove_folder() const;                 // of the records, when it is empty and only for them

  std::string speaker() const, end() const;   // the paths of what claim_speech and announce_end leave

 private:
  std::string prefix_;
  std::uint64_t job_ = 0;
};

// Appends "rank status" to $JETPINN_STATUS_FILE, where it is set; a status that this process has
// written already is not repeated.
void report_status(int rank, int status) noexcept;

// For signal handlers: prepare_leaving names the files beforehand, leave_at_once says `sentence` (or another
// rank has spoken) and ends the job.
void prepare_leaving(const JobFiles& files, int rank);
[[noreturn]] void leave_at_once(const char* sentence) noexcept;   // status 4

}  // namespace jetpinn
