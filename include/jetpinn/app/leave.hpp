// How ranks end: with one message, the contract's status, and never waiting for a rank that does not come.
#pragma once

#include "jetpinn/runtime/runtime.hpp"

#include <exception>
#include <string>

namespace jetpinn {

struct Outcome {
  int status = 0;
  std::string message;  // for the user; empty: nothing to say, or another rank says it
};

// The outcome of an exception: the status of an Error, a line without a stack trace for anything else.
Outcome describe_failure(std::exception_ptr failure) noexcept;

// The text with control characters written as \x1b: names from files and command lines must not steer a
// terminal. Line ends and tabs stay.
std::string printable(const std::string& text);

// Collective as far as the other ranks still take part. Of equal messages one is printed. A rank that fails alone waits a
// few seconds for the others, then takes the job down; after the loss of a rank one speaks, and none waits. Writes "rank
// status" to $JETPINN_STATUS_FILE. Returns the status of this process, where it returns.
int leave(const Outcome& outcome, Runtime* runtime) noexcept;

}  // namespace jetpinn
