#include "jetpinn/problem/source_text.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace jetpinn {
namespace {

SourceText place_in(const std::string& source, const std::string& begins, char quote, std::string text) {
  SourceText place;
  place.source = std::make_shared<std::string>(source);
  place.begin = source.find(begins);
  place.file = "a.toml";
  place.quote = quote;
  place.text = std::move(text);
  place.line = 1;
  for (std::size_t i = 0; i < place.begin; ++i) place.line += source[i] == '\n';
  return place;
}

TEST(source_text, points_into_a_line) {
  EXPECT_EQ(point_at(place_in("k = 1\nr = 'u + v'\n", "u + v", '\'', "u + v"), 4, 1, "unknown"),
            "a.toml:2:10: unknown\n"
            "    2 | r = 'u + v'\n"
            "      |          ^");
}

TEST(source_text, points_into_the_right_line_of_several) {
  EXPECT_EQ(point_at(place_in("r = '''\nu_t\n + abc'''\n", "u_t", '\'', "u_t\n + abc"), 7, 3, "unknown"),
            "a.toml:3:4: unknown\n"
            "    3 |  + abc'''\n"
            "      |    ^~~");
}

TEST(source_text, counts_escapes_and_joined_lines_as_written) {
  EXPECT_EQ(point_at(place_in("r = \"a\\t\\u00fc + v\"", "a\\t", '"', "a\tü + v"), 7, 1, "here"),
            "a.toml:1:18: here\n"
            "    1 | r = \"a\\t\\u00fc + v\"\n"
            "      |                  ^");
  EXPECT_EQ(point_at(place_in("r = \"\"\"\na + \\\n   v\"\"\"", "a + ", '"', "a + v"), 4, 1, "here"),
            "a.toml:3:4: here\n"
            "    3 |    v\"\"\"\n"
            "      |    ^");
}

TEST(source_text, columns_count_characters_and_tabs_stay) {
  EXPECT_EQ(point_at(place_in("\tr = 'ä + v'", "ä", '\'', "ä + v"), 5, 1, "here"),
            "a.toml:1:11: here\n"
            "    1 | \tr = 'ä + v'\n"
            "      | \t         ^");
}

TEST(source_text, the_caret_stands_below_wide_characters) {
  EXPECT_EQ(point_at(place_in("r = '日本 − v'", "日", '\'', "日本 − v"), 7, 3, "here"),
            "a.toml:1:9: here\n"
            "    1 | r = '日本 − v'\n"
            "      |           ^");
  EXPECT_EQ(point_at(place_in("r = 'a（b）'", "a", '\'', "a（b）"), 1, 3, "here"),
            "a.toml:1:7: here\n"
            "    1 | r = 'a（b）'\n"
            "      |       ^~");
}

TEST(source_text, shows_a_part_of_a_very_long_line) {
  const std::string text = std::string(100000, '(') + "u" + std::string(100000, ')');
  const std::string message = point_at(place_in("r = '" + text + "'", text, '\'', text), 100000, text.size(), "here");
  EXPECT_LT(message.size(), 2000u);
  EXPECT_EQ(message.substr(0, 22), "a.toml:1:100006: here\n");
  const std::size_t shown = message.find(" | ") + 3, caret = message.find('^') - message.find("      | ") - 8;
  EXPECT_EQ(message[shown + caret], 'u') << message;
  std::string umlauts;  // no line is cut within a character
  for (int i = 0; i < 600; ++i) umlauts += "\u00e4";
  const std::string cut = point_at(place_in("r = '" + umlauts + "'", umlauts, '\'', umlauts), 602, 2, "here");
  EXPECT_EQ(static_cast<unsigned char>(cut[cut.find(" | ") + 3]) & 0xC0, 0xC0);
}

TEST(source_text, without_a_line_the_origin_is_named) {
  SourceText place;
  place.text = "u + v";
  place.file = "--quantities";
  EXPECT_EQ(point_at(place, 4, 1, "unknown"), "--quantities: unknown\n      | u + v\n      |     ^");
  EXPECT_EQ(point_at(place, 99, 1, "past the end"), "--quantities: past the end\n      | u + v\n      |      ^");
  place.text = "";
  EXPECT_EQ(point_at(place, 0, 0, "empty"), "--quantities: empty");
}

}  // namespace
}  // namespace jetpinn
