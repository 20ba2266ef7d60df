// Checks on errors that reach the user: the status of the contract, and words that help to mend.
#pragma once

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace jetpinn::testing {

inline void expect_error(Status status, const std::vector<std::string>& words, const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.status()), static_cast<int>(status)) << error.what();
    for (const auto& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << "'" << word << "' is not in: " << error.what();
    return;
  }
  FAIL() << "no error was thrown";
}

}  // namespace jetpinn::testing
