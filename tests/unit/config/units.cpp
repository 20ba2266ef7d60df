#include "jetpinn/config/units.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(units, durations) {
  EXPECT_EQ(parse_duration("2 s"), 2);
  EXPECT_EQ(parse_duration("2s"), 2);
  EXPECT_EQ(parse_duration("10 min"), 600);
  EXPECT_EQ(parse_duration("1.5 h"), 5400);
  EXPECT_EQ(parse_duration("250 ms"), 0.25);
  EXPECT_EQ(parse_duration("3 d"), 3 * 86400);
  EXPECT_EQ(parse_duration("90"), 90);
  for (const char* text : {"", "s", "2 m", "2 s s", "nan", "inf s", "ten s", "1,5 h"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(units, bytes) {
  EXPECT_EQ(parse_bytes("1 GiB"), 1073741824);
  EXPECT_EQ(parse_bytes("512MiB"), 512.0 * 1048576);
  EXPECT_EQ(parse_bytes("2 GB"), 2e9);
  EXPECT_EQ(parse_bytes("2e9"), 2e9);
  EXPECT_FALSE(parse_bytes("1 Gib"));
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1073741824.0 * 3), "3 GiB");
}

TEST(units, runs_of_names) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(expand_names("x1..x4"), (Names{"x1", "x2", "x3", "x4"}));
  EXPECT_EQ(expand_names("x9..x10"), (Names{"x9", "x10"}));
  EXPECT_EQ(expand_names("x"), Names{"x"});
  for (const char* text : {"x3..x1", "x1..y3", "x..y", "1..", "..", "x1..x2000"})
    EXPECT_TRUE(expand_names(text).empty()) << text;
}

}  // namespace
}  // namespace jetpinn
