#include "jetpinn/comm/requests.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/fault/diagnosis.hpp"
#include "jetpinn/fault/watchdog.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <string>

namespace jetpinn {
namespace {

// Ranks of one step arrive within this time of each other when nothing is wrong; then a sleep would cost more than it saves.
constexpr double arrival_s = 200e-6;
constexpr double slowest_bytes_per_s = 250e6;   // of a transfer that is worth a core's attention
// A look takes microseconds: more between two of them is time in which this process did not run.
constexpr double stopped_s = 1;
constexpr double first_sleep_s = 5e-6, longest_sleep_s = 50e-6;

std::string this_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return "rank " + std::to_string(rank);
}

}  // namespace

void check_mpi(int code, const char* phase) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw_loss(this_rank() + ": communication failed in '" + phase +
             "': " + std::string(text, static_cast<std::size_t>(length)) + "; another rank may have died, see its log");
}

double patience_for(std::int64_t bytes) { return arrival_s + static_cast<double>(bytes) / slowest_bytes_per_s; }

void wait_until(const std::function<bool()>& complete, const char* phase, double deadline_s, double spin_s) {
  double begin = wall_seconds(), last = begin;
  double pause_s = first_sleep_s;
  for (;;) {
    if (complete()) return;
    const double now = wall_seconds();
    if (now - last > stopped_s) begin += now - last;   // this rank was stopped (a suspended job): not the others' fault
    last = now;
    const double waited = now - begin;
    if (loss_known() || (deadline_s > 0 && waited > deadline_s)) {
      const auto step = collective_place().step;
      throw_loss(this_rank() + ": no answer from the other ranks for " + seconds_text(waited) + " in '" + phase + "'" +
                 (step >= 0 ? " of step " + std::to_string(step) : "") +
                 "; a rank is lost or hangs (run.deadline sets how long to wait)");
    }
    if (waited < spin_s) {
      sched_yield();  // costs nothing on a core of one's own, lets the late rank run on a shared one
    } else {
      timespec pause{0, static_cast<long>(pause_s * 1e9)};
      nanosleep(&pause, nullptr);
      pause_s = std::min(2 * pause_s, longest_sleep_s);
    }
  }
}

void wait_all(std::vector<MPI_Request>& requests, const char* phase, double deadline_s, double spin_s) {
  const auto complete = [&] {
    int flag = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &flag, MPI_STATUSES_IGNORE), phase);
    return flag != 0;
  };
  wait_until(complete, phase, deadline_s, spin_s);
  requests.clear();
}

}  // namespace jetpinn
