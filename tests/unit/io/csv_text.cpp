#include "jetpinn/io/csv_text.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using testing::expect_error;

TEST(CsvText, NamesAndRows) {
  const PointTable table =
      parse_csv("x, u ,\"say \"\"u\"\", v\"\r\n0.1,\t-1e-300, +3\r\n 2,0.33333333333333331,nan\n\n \n", "a.csv").table;
  EXPECT_EQ(table.names, (std::vector<std::string>{"x", "u", "say \"u\", v"}));
  ASSERT_EQ(table.rows(), 2);
  EXPECT_EQ(table.column("x"), (std::vector<double>{0.1, 2}));
  EXPECT_EQ(table.column("u"), (std::vector<double>{-1e-300, 1.0 / 3}));
  EXPECT_EQ(table.columns[2][0], 3);
  EXPECT_TRUE(std::isnan(table.columns[2][1]));
  EXPECT_EQ(parse_csv("\xEF\xBB\xBFx\n1", "a.csv").table.column("x"), std::vector<double>{1});
  EXPECT_EQ(parse_csv("x,u\n", "a.csv").table.rows(), 0);
}

TEST(CsvText, NumbersBeyondThoseThatThereAre) {
  const CsvText text = parse_csv("x\n1e-400\n-1e-400\n4.9e-324\n1e999\n-1e999\n", "a.csv");
  EXPECT_EQ(text.refusals[0], "");
  EXPECT_EQ(text.table.columns[0], (std::vector<double>{0, 0, 4.9e-324, INFINITY, -INFINITY}));
}

// Nobody need read them.
TEST(CsvText, ColumnsOfText) {
  const CsvText text = parse_csv("tool,x,u\nA,0.1,1\n\"B, \"\"new, 5\"\"\", \"0.2\" ,2 m\n\"\",0.3,3\n", "a.csv");
  EXPECT_EQ(text.table.column("x"), (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_EQ(text.table.rows(), 3);
  ASSERT_EQ(text.refusals.size(), 3u);
  EXPECT_EQ(text.refusals[0], "a.csv, line 2: 'A' in column 'tool' is not a number; numbers are written as in -1.5e-3");
  EXPECT_EQ(text.refusals[1], "");
  EXPECT_EQ(text.refusals[2], "a.csv, line 3: '2 m' in column 'u' is not a number; numbers are written as in -1.5e-3");
  EXPECT_NE(parse_csv("x\n\"1\" 5\n", "a.csv").refusals[0].find("'\"1\" 5'"), std::string::npos);
}

TEST(CsvText, WhatIsNoTableIsNamedWithItsLine) {
  const auto refused = [](const std::string& text, const std::vector<std::string>& words) {
    expect_error(Status::usage, words, [&] { parse_csv(text, "a.csv"); });
  };
  refused("", {"a.csv", "empty", "names the columns"});
  refused("\n \n", {"a.csv", "empty"});
  refused("0.5,1\n2,3\n", {"a.csv, line 1", "'0.5' is a number", "names the columns"});
  refused("x,,u\n", {"line 1", "no name"});
  refused("x,u,\n", {"line 1", "no name"});
  refused("x,u,x\n", {"line 1", "two columns are called 'x'"});
  refused("x,\"u\n1,2\n", {"line 1", "not closed"});
  refused("\"x\"y,u\n1,2\n", {"line 1", "follows a quoted name"});
  refused("t;x;u\n1;2;3\n", {"line 1", "'t;x;u' is one name", "separated by commas"});
  refused("x,u\n1,2\n3\n", {"a.csv, line 3", "1 value", "names 2 columns", "one length"});
  refused("x,u\n1,2,3\n", {"line 2", "3 values"});
  refused("x,u\n1,2\n\n3,4\n", {"line 3", "empty"});
  EXPECT_NE(parse_csv("x,u\n1,\n", "a.csv").refusals[1].find("line 2: '' in column 'u' is not a number"), std::string::npos);
}

// As a stream reads them: some columns, in an order of its own.
TEST(CsvText, LinesOneByOne) {
  CsvLines lines("standard input");
  lines.read_names("\xEF\xBB\xBFt, u,\"no,te\"\r", 1);
  EXPECT_EQ(lines.names(), (std::vector<std::string>{"t", "u", "no,te"}));
  std::vector<double> values;
  lines.read_row("1, 2 ,none\r", 2, {1, 0}, values);
  lines.read_row("3,inf,", 3, {1}, values);
  EXPECT_EQ(values, (std::vector<double>{2, 1, INFINITY}));
  expect_error(Status::usage, {"standard input, line 9", "2 values", "names 3 columns"},
               [&] { lines.read_row("1,2", 9, {0}, values); });
  expect_error(Status::usage, {"standard input, line 9", "'x' in column 'u'"}, [&] {
    lines.read_row("1,x,3", 9, {0, 1}, values);
  });
}

}  // namespace
}  // namespace jetpinn
