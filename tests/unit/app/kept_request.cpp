// Who goes on with other options is told which.
#include "jetpinn/app/kept_request.hpp"

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
                                          "fold": true}})"),
            "--min-width: 4 -> 5, --set: [\"a=1\"] -> [], --target: 0.6 -> 0.7, source: \"0f\" -> \"1e\"");
  EXPECT_EQ(request_differences(R"({"options": {"target": 0.6}})", R"({"options": {"rounds": 2}})"),
            "--rounds: none -> 2, --target: 0.6 -> none");
}

// Entries of flags may say the contrary of the flag, or have words of their own.
TEST(KeptRequest, FlagsAreGivenOrNot) {
  const std::string plain = R"({"options": {"fold": true, "ranking": "uniform"}})";
  EXPECT_EQ(request_differences(plain, R"({"options": {"fold": false, "ranking": "uniform"}})"),
            "--no-fold: not given -> given");
  EXPECT_EQ(request_differences(R"({"options": {"fold": true, "ranking": "global"}})", plain),
            "--global: given -> not given");
}

TEST(KeptRequest, EntriesThatAreMissingAreOfAnotherVersion) {
  const std::string now = R"({"config of the run": "0f", "options": {"device": "cpu"}})";
  EXPECT_TRUE(is_of_another_version(R"({"source_hash": "0f", "options": {}})", now));
  EXPECT_FALSE(is_of_another_version(R"({"config of the run": "1e", "options": {}})", now));
  EXPECT_FALSE(is_of_another_version("text", now));
}

TEST(KeptRequest, WhatCannotBeReadDiffers) {
  for (const char* kept : {"", "[]", "{\"target\": 0.", "text"})
    EXPECT_EQ(request_differences(kept, "{}"), "what was asked for there cannot be read") << kept;
}

}  // namespace
}  // namespace jetpinn
