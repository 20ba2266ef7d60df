#include "jetpinn/study/stop_requests.hpp"

#include <ctime>
#include <initializer_list>

namespace jetpinn {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

sigset_t StopRequests::held() {
  sigset_t set = stop_signals();
  sigaddset(&set, SIGCHLD);
  return set;
}

StopRequests::StopRequests() {
  const sigset_t set = held();
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

void StopRequests::take(const sigset_t& set, double seconds) {
  timespec limit{static_cast<time_t>(seconds),
                 static_cast<long>(1e9 * (seconds - static_cast<double>(static_cast<time_t>(seconds))))};
  const int signal = sigtimedwait(&set, nullptr, &limit);
  if (signal <= 0 || signal == SIGCHLD) return;   // none came in time
  ++requests_;
  if (signal == SIGINT) ++interrupts_;
}

bool StopRequests::asked() { return wait(0); }

bool StopRequests::wait(double seconds) {
  take(stop_signals(), came() ? 0 : seconds);
  return came();
}

void StopRequests::wait_or_child_ends(double seconds) { take(held(), seconds); }

}  // namespace jetpinn
