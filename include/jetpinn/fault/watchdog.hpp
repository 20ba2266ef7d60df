// A thread beside the main one that never calls MPI: it keeps this rank's record fresh, notices ranks that die or hang, and
// ends the process when the main thread cannot.
#pragma once

#include <string>

namespace jetpinn {

class JobFiles;

// First line of main: covers MPI_Init. Rank and job from the launcher's environment.
void start_watchdog();
// Last line of main, after MPI has ended: this rank came to its proper end.
void stop_watchdog() noexcept;

// What MPI says of this rank, as soon as it is up.
void set_watchdog_rank(int rank, int size);
// How long a collective may last. Until it is set, or at 0: 120 s, and a rank that is alive and
// at work is waited for longer.
void set_watchdog_deadline(double seconds);

// The steps by which the records of all ranks move to another place, each of this rank alone: comm/publish_records.hpp
// agrees on them. Main thread only.
bool watchdog_runs() noexcept;
bool all_records_seen(int size);             // where they lie now, as this rank sees it
bool begin_record(const JobFiles& place);    // makes this rank's record there; false: it cannot be made
void settle_record(bool every_rank_began);   // true: the record there counts from now on; false: it goes,
                                             // and the one before counts again

// True as soon as a rank is known to be lost or to have left: no collective will complete any more. One relaxed load.
bool loss_known() noexcept;

// The main thread gives up. Throws Error (communication) naming the ranks at fault on the one rank that speaks,
// FailedElsewhere on the others. `cause`: what to say where the records tell nothing.
[[noreturn]] void throw_loss(const std::string& cause);
// The same where a library reported a failure without having been waited for: ranks that are lost, or are so half a second
// later, are named, but nobody as late.
[[noreturn]] void throw_failure(const std::string& cause);

// The main thread is on its way out and needs no waking; the watchdog still ends the process if that
// takes more than a few seconds.
void main_thread_leaves() noexcept;

// How this rank takes part in the end of a job that lost a rank, or that it leaves alone: may it speak (one rank of all);
// what status the others must leave with; what another rank said.
bool may_speak() noexcept;
void announce_end(int status) noexcept;
int announced_end_or(int otherwise, double wait_s) noexcept;

}  // namespace jetpinn
