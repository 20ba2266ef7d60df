#include "jetpinn/app/measurement_stream.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <istream>
#include <sstream>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using Column = std::vector<double>;

class MeasurementStreams : public ::testing::Test {
 protected:
  Communicator communicator_;
  const Problem problem_ = testing::heat_problem();  // t in [0, 1], x in [-1, 1]
  const testing::TemporaryFolder folder_;

  std::string table(const std::string& text) {
    const std::string path = folder_.file("rows.csv");
    write_text_file(path, text);
    return path;
  }
  // Lines on standard input.
  void refused(const std::string& text, const std::vector<std::string>& words) {
    testing::expect_error(Status::usage, words, [&] {
      std::istringstream lines(text);
      MeasurementStream stream(communicator_, "-", lines, problem_);
      while (stream.next(communicator_, 100).count() > 0) {
      }
    });
  }
};

TEST_F(MeasurementStreams, CsvAndJsonGiveTheSameRows) {
  for (const char* text : {"u, x ,\"no,te\",t\n5,0.25,none,0.5\n\n6,-1,,+1\n",
                           "{\"t\": 0.5, \"x\": 0.25, \"u\": 5, \"note\": 1}\n\n{\"u\": 6, \"t\": 1, \"x\": -1}\n"}) {
    std::istringstream lines(text);
    MeasurementStream stream(communicator_, "-", lines, problem_);
    EXPECT_EQ(stream.measured(), std::vector<int>{0});
    const MeasuredRows first = stream.next(communicator_, 1), rest = stream.next(communicator_, 5);
    EXPECT_EQ(first.coordinates, (std::vector<Column>{{0.5}, {0.25}}));
    EXPECT_EQ(first.fields, std::vector<Column>{{5}});
    EXPECT_EQ(rest.coordinates, (std::vector<Column>{{1}, {-1}}));
    EXPECT_EQ(rest.fields, std::vector<Column>{{6}});
    EXPECT_EQ(stream.next(communicator_, 5).count(), 0);
  }
}

// Some programs write one before a text, in a line of its own or not, and such texts are put one behind another.
TEST_F(MeasurementStreams, ByteOrderMarksAreNoText) {
  const std::string mark = "\xEF\xBB\xBF", row = "{\"t\": 0.5, \"x\": 0.25, \"u\": 5}\n";
  const std::string csv = mark + "t,x,u\n.5,.25,5\n.5,.25,5\n";
  for (const std::string& text : {mark + row + mark + row, mark + "\r\n" + row + row, csv}) {
    std::istringstream lines(text);
    MeasurementStream stream(communicator_, "-", lines, problem_);
    EXPECT_EQ(stream.next(communicator_, 9).fields, (std::vector<Column>{{5, 5}})) << text;
  }
}

TEST_F(MeasurementStreams, LinesThatAreNoRowsAreNamed) {
  refused("", {"standard input", "no measurements"});
  refused("t,x,u\n0,0\n", {"standard input, line 2", "2 values", "names 3 columns"});
  refused("t,x,u\n\n0,0,0\n0,0,high\n", {"standard input, line 4", "'high' in column 'u' is not a number"});
  refused("t,x,u\n0,nan,0\n", {"standard input, line 2", "column 'x' is not finite"});
  refused("0,1,2\n", {"standard input, line 1", "'0' is a number", "names the columns"});
  refused("t,x,v\n0,0,0\n", {"no field was measured", "'u'"});
  refused("{\"t\": 0, \"x\": 0, \"u\": 1}\n{\"t\": 0\n", {"standard input, line 2", "no JSON object"});
  refused("{\"t\": 0, \"x\": 0, \"u\": \"1\"}\n", {"standard input, line 1", "'u' is no finite number"});
  refused("{\"t\": 0, \"x\": 0, \"u\": 1e999}\n", {"standard input, line 1", "beyond the largest"});
}

TEST_F(MeasurementStreams, RowsBeforeABadLineAreGiven) {
  std::istringstream lines("t,x,u\n0,0,1\n0,0,2\nbad\n");
  MeasurementStream stream(communicator_, "-", lines, problem_);
  EXPECT_EQ(stream.next(communicator_, 9).fields, (std::vector<Column>{{1, 2}}));
  EXPECT_THROW(stream.next(communicator_, 9), Error);
}

// An input that fails behind some text, as one on a disk or behind a connection does.
class FailingInput : public std::stringbuf {
 public:
  using std::stringbuf::stringbuf;

 protected:
  int_type underflow() override {
    const int_type next = std::stringbuf::underflow();
    return next == traits_type::eof() ? throw Error(Status::storage, "it cannot be read") : next;
  }
};

TEST_F(MeasurementStreams, WhatCannotBeReadIsNoEnd) {
  const auto fails = [](const auto& action) { testing::expect_error(Status::storage, {"cannot be read"}, action); };
  FailingInput buffer("t,x,u\n0,0,1\n0,0,2\n0,0,3");
  std::istream lines(&buffer);
  MeasurementStream stream(communicator_, "-", lines, problem_);
  EXPECT_EQ(stream.next(communicator_, 9).fields, (std::vector<Column>{{1, 2}}));  // the line that was cut off is none
  fails([&] { stream.next(communicator_, 9); });
  FailingInput empty("");
  std::istream none(&empty);
  fails([&] { MeasurementStream(communicator_, "-", none, problem_); });
}

TEST_F(MeasurementStreams, RowsOutsideTheDomainAreLeftOutAndCounted) {
  std::string text = "t,x,u\n";
  for (int i = 0; i < 20; ++i) text += (i % 10 == 3 ? "1.5,0," : "0.5,0,") + std::to_string(i) + "\n";
  std::istringstream lines(text), none;
  MeasurementStream from_lines(communicator_, "-", lines, problem_), from_table(communicator_, table(text), none, problem_);
  EXPECT_EQ(from_table.outside(), 2);
  for (MeasurementStream* stream : {&from_lines, &from_table}) {
    const MeasuredRows first = stream->next(communicator_, 5), rest = stream->next(communicator_, 100);
    EXPECT_EQ(first.fields, (std::vector<Column>{{0, 1, 2, 4, 5}}));
    EXPECT_EQ(rest.count(), 13);
    EXPECT_EQ(stream->next(communicator_, 100).count(), 0);
    EXPECT_EQ(stream->outside(), 2);
    EXPECT_EQ(stream->rows(), 20);
  }
}

TEST_F(MeasurementStreams, RowsAreNamedByTheirPlacesInTheSource) {
  std::string rows = "t,x,u\n0,0,1\n0,0,2\n0,0,3\n2,0,4\n";
  for (int i = 0; i < 20; ++i) rows += "0,0,5\n";
  std::istringstream lines("\n" + rows), none;
  MeasurementStream from_lines(communicator_, "-", lines, problem_), from_table(communicator_, table(rows), none, problem_);
  for (MeasurementStream* stream : {&from_lines, &from_table}) {
    stream->next(communicator_, 2);
    EXPECT_EQ(stream->row_name(0), stream == &from_lines ? "standard input, line 3" : folder_.file("rows.csv") + ", row 1");
    stream->next(communicator_, 2);
    EXPECT_EQ(stream->row_name(1), stream == &from_lines ? "standard input, line 7" : folder_.file("rows.csv") + ", row 5");
  }
}

TEST_F(MeasurementStreams, RoundingIsNotOutside) {
  std::istringstream lines("t,x,u\n1.0000000000000002,0,1\n");
  MeasurementStream stream(communicator_, "-", lines, problem_);
  EXPECT_EQ(stream.next(communicator_, 5).coordinates[0], Column{1});
  EXPECT_EQ(stream.outside(), 0);
}

TEST_F(MeasurementStreams, TooManyRowsOutsideAreRefused) {
  const std::string text = "t,x,u\n0,0,0\n0,7,0\n";
  refused(text, {"1 of 2 rows of standard input lie outside the domain, more than 10 %"});
  std::istringstream none;
  testing::expect_error(Status::usage, {"1 of 2 rows of", "rows.csv lie outside the domain, more than 10 %"},
                        [&] { MeasurementStream(communicator_, table(text), none, problem_); });
  // Of an input that goes on, when there is enough to judge by: rows before that are given.
  std::string long_text = "t,x,u\n";
  for (int i = 0; i < 1000; ++i) long_text += i < 50 ? "0,0,0\n" : "0,7,0\n";
  std::istringstream lines(long_text);
  MeasurementStream stream(communicator_, "-", lines, problem_);
  EXPECT_EQ(stream.next(communicator_, 50).count(), 50);
  testing::expect_error(Status::usage, {"50 of 100 rows"}, [&] { stream.next(communicator_, 50); });
}

// Judged in the middle of what is asked for: at the hundredth row, at a later one, and at the end.
TEST_F(MeasurementStreams, RowsBeforeTooManyOutsideAreGiven) {
  const auto given = [&](int rows, const std::function<bool(int)>& outside) {
    std::string text = "t,x,u\n";
    for (int i = 0; i < rows; ++i) text += (outside(i) ? "0,7," : "0,0,") + std::to_string(i) + "\n";
    std::istringstream lines(text);
    MeasurementStream stream(communicator_, "-", lines, problem_);
    const MeasuredRows inside = stream.next(communicator_, 1000);
    EXPECT_EQ(inside.count(), stream.rows() - stream.outside());
    testing::expect_error(Status::usage, {"more than 10 %"}, [&] { stream.next(communicator_, 1000); });
    return inside.fields[0].back();
  };
  EXPECT_EQ(given(500, [](int i) { return i < 20; }), 99);
  EXPECT_EQ(given(500, [](int i) { return i >= 180; }), 179);
  EXPECT_EQ(given(30, [](int i) { return i % 5 == 0; }), 29);
}

TEST_F(MeasurementStreams, WhatIsAskedToStopGivesNoFurtherLine) {
  bool stop = false;
  std::istringstream lines("t,x,u\n0,0,1\n\n0,0,2\n0,7,3\n0,0,4\n");
  MeasurementStream stream(communicator_, "-", lines, problem_, [&] { return stop; });
  EXPECT_EQ(stream.next(communicator_, 2).fields, (std::vector<Column>{{1, 2}}));
  stop = true;
  EXPECT_EQ(stream.next(communicator_, 2).count(), 0);
  EXPECT_EQ(stream.lines(), 4);
  // A line that is cut off by it is none.
  int looks = 0;
  std::istringstream cut("t,x,u\n0,0,1\n0,0,1");
  MeasurementStream until(communicator_, "-", cut, problem_, [&] { return ++looks > 3; });
  EXPECT_EQ(until.next(communicator_, 2).count(), 1);
  EXPECT_EQ(until.lines(), 2);
  // Before there is a row.
  for (const char* text : {"", "t,x,u\n"}) {
    int more_looks = 0;
    std::istringstream none(text);
    testing::expect_error(Status::stopped, {"before the first row"},
                          [&] { MeasurementStream(communicator_, "-", none, problem_, [&] { return ++more_looks > 1; }); });
  }
}

TEST_F(MeasurementStreams, NoRowsAreNoMeasurements) {
  refused("t,x,u\n", {"standard input", "no measurements"});
  std::istringstream none;
  testing::expect_error(Status::usage, {"rows.csv: it holds no rows"},
                        [&] { MeasurementStream(communicator_, table("t,x,u\n"), none, problem_); });
}

TEST_F(MeasurementStreams, DataAreKnownByTheNumbersOfTheirFirstRows) {
  const auto data = [&](const std::string& text, std::int64_t rows) {
    std::istringstream none;
    return MeasurementStream(communicator_, table(text), none, problem_).data(rows);
  };
  const std::string text = "t,x,u\n0,0,1\n0,0,2\n";
  const MeasuredData two = data(text, 2), grown = data(text + "0,0,3\n", 2), all = data(text + "0,0,3\n", 9);
  EXPECT_EQ(two.columns, (std::vector<std::string>{"t", "x", "u"}));
  EXPECT_EQ(two.rows, 2);
  EXPECT_EQ(two.hash, grown.hash);
  EXPECT_EQ(all.rows, 3);
  EXPECT_NE(all.hash, two.hash);
  EXPECT_EQ(data("u,x,t\n1,0,0\n2,0,0\n", 2).hash, two.hash);  // in any order of columns
  EXPECT_NE(data("t,x,u\n0,0,1\n0,0,2.5\n", 2).hash, two.hash);
}

}  // namespace
}  // namespace jetpinn
