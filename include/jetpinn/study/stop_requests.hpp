// Requests to stop this process (INT, TERM, USR1, HUP), taken by waiting for them: no handler, nothing interrupted.
#pragma once

#include <signal.h>

namespace jetpinn {

class StopRequests {
 public:
  // From now on requests wait until they are asked for. To be made before the first thread, which inherits that.
  StopRequests();
  StopRequests(const StopRequests&) = delete;
  StopRequests& operator=(const StopRequests&) = delete;

  bool asked();                             // whether one has come by now
  bool wait(double seconds);                // for at most so long; true as soon as one has come
  void wait_or_child_ends(double seconds);  // the same, and until a process that this one has started ends

  // Of those that were taken by the calls above.
  bool came() const { return requests_ > 0; }
  int interrupts() const { return interrupts_; }   // INT

  static sigset_t held();   // what is held back, for a child to let through

 private:
  void take(const sigset_t& set, double seconds);

  int requests_ = 0, interrupts_ = 0;
};

}  // namespace jetpinn
