// Who goes on with other options is told which.
#include "jetpinn/io/kept_request.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(KeptRequest, NamesEachDifference) {
  const std::string kept = R"({"sets": ["a=1"], "source": "0f", "options": {"target": 0.6, "min_width": 4, "fold": true}})";
  EXPECT_EQ(request_differences(kept, kept), "");
  EXPECT_EQ(request_differences(kept, R"({"options": {"fold": true, "min_width": 4, "target": 0.6}, "source": "0f",
                                          "sets": ["a=1"]})"),
            "");
  EXPECT_EQ(request_differences(kept, R"({"sets": [], "source": "1e", "options": {"target": 0.7, "min_width": 5,
                                          "fold": false}})"),
            "--min-width: 4 -> 5, --no-fold: true -> false, --set: [\"a=1\"] -> [], --target: 0.6 -> 0.7, "
            "source: \"0f\" -> \"1e\"");
  EXPECT_EQ(request_differences(R"({"options": {"target": 0.6}})", R"({"options": {"rounds": 2}})"),
            "--rounds: none -> 2, --target: 0.6 -> none");
}

TEST(KeptRequest, WhatCannotBeReadDiffers) {
  for (const char* kept : {"", "[]", "{\"target\": 0.", "text"})
    EXPECT_EQ(request_differences(kept, "{}"), "what was asked for there cannot be read") << kept;
}

}  // namespace
}  // namespace jetpinn
