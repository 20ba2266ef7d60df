// What a fuzz target demands: input that cannot be used is an Error with status usage, nothing else leaves.
#pragma once

#include "jetpinn/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace jetpinn::fuzz {

inline void expect(bool holds, const char* otherwise) {
  if (holds) return;
  std::fprintf(stderr, "EXPECTATION FAILED: %s\n", otherwise);
  std::abort();
}

// False where the input was refused. Any other exception ends the process: a finding.
template <class Work>
bool usage_errors_only(Work&& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    expect(error.status() == Status::usage, error.what());
    expect(error.what()[0] != '\0', "an error without a message");
    return false;
  }
}

}  // namespace jetpinn::fuzz
