// Who is at fault when ranks wait in vain: judged from the ranks' records, told in one sentence.
#pragma once

#include "jetpinn/fault/job_files.hpp"
#include "jetpinn/fault/rank_record.hpp"

#include <string>
#include <vector>

namespace jetpinn {

enum class Condition {
  ended,    // came to its proper end
  waiting,  // alive, in a collective
  working,  // alive, not where the others wait
  absent,   // no record: it never started, or on another machine without a common folder
  silent,   // its watchdog writes no more: its machine is lost or hangs
  stopped,  // by SIGSTOP or a debugger
  dead,
};

struct Finding {
  int rank = 0;
  Condition condition = Condition::absent;
  RankView view;        // not of an absent rank
  double unseen_s = 0;  // since its last sign of life
  double there_s = 0;   // since it came to its place
};

// Judges a record on the same machine by its process, one of another machine by its age on this machine's calendar clock.
Finding judge(const RankView& view);

// All ranks but `rank`. Looks twice, more than a second apart, at ranks of other machines whose clocks may differ.
std::vector<Finding> examine(const JobFiles& files, int rank, int size);

// dead, stopped or silent: it will not come. An absent one counts once there was time enough to start.
bool is_lost(const Finding& finding);
bool anyone(const std::vector<Finding>& findings, Condition condition);

// "rank 1 (host H, pid P) is lost: last seen in 'gradient' of step 512, 3.1 s ago; its process is stopped". `own`: where the
// asking rank waits; empty where no record tells anything.
std::string describe(const std::vector<Finding>& findings, const Place& own, int rank);

std::string at(const Place& place);      // "in 'gradient' of step 512", "computing step 512"
std::string seconds_text(double seconds);   // "3.1 s"

}  // namespace jetpinn
