// Errors that reach the user: one sentence saying what, where and how to mend it, and the exit status that goes with it.
#pragma once

#include <stdexcept>
#include <string>

namespace jetpinn {

// Exit statuses of the program: a contract with launchers and batch scripts.
enum class Status : int {
  done = 0,
  usage = 2,          // command line, config or input file that cannot be used, no such device,
                      // planned memory beyond the limit
  numerical = 3,      // loss or gradient not finite
  communication = 4,  // lost rank or communication failure
  storage = 5,        // storage failed while running
  stopped = 75,       // stopped on request, run again to continue
};

// A zero byte of its message, as of a damaged file that it quotes, becomes the four characters \x00: what() would end there.
class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message);
  Status status() const noexcept { return status_; }

 private:
  Status status_;
};

// A defect of the program itself, never of its input.
[[noreturn]] void fail_check(const char* condition, const char* file, int line, const std::string& context);

// Thrown on ranks whose own work was sound when another rank failed: everybody leaves, one rank speaks.
class FailedElsewhere : public Error {
 public:
  FailedElsewhere(Status status, int rank)
      : Error(status, "rank " + std::to_string(rank) + " reported an error"), rank_(rank) {}
  int rank() const noexcept { return rank_; }

 private:
  int rank_;
};

}  // namespace jetpinn

// Checks an assumption of the code (not of its input); the context may name values.
#define JETPINN_CHECK(condition, context)                                                    \
  do {                                                                                       \
    if (!(condition)) ::jetpinn::fail_check(#condition, __FILE__, __LINE__, (context)); \
  } while (false)
