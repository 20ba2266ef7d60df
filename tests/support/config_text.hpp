// A small valid config and ways to break it.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/config/config.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {

// Line numbers matter to the tests that use it.
inline const std::string small_config = R"toml([problem]
coordinates = ["t", "x"]
constants   = { nu = "0.01/pi" }
domain      = { t = [0, 1], x = [-1, 1] }

[[problem.equations]]
name     = "burgers"
residual = "u_t + u*u_x - nu*u_xx"

[[problem.conditions]]
name     = "initial"
on       = "t == 0"
residual = "u + sin(pi*x)"
weight   = 10

[sampling]
points = { burgers = 500 }

[[training.stages]]
optimizer = "adam"
steps     = 20

[[training.stages]]
optimizer = "lbfgs"
steps     = 30
)toml";

inline Config small(const std::vector<std::string>& overrides = {}) {
  return parse_config(small_config, "small.toml", overrides);
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// The message of the usage error that `work` throws.
template <class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

inline std::string message_of_change(const std::string& from, const std::string& to) {
  return message_of([&] { parse_config(replaced(small_config, from, to), "small.toml", {}); });
}

inline std::string message_of_override(const std::string& assignment) {
  return message_of([&] { small({assignment}); });
}

}  // namespace jetpinn
