#include "jetpinn/base/state.hpp"

#include "support/column_case.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using testing::expect_error;

// One item of every kind, as a component would declare them.
struct Component {
  std::vector<double> moment = {1, -0.0, 3};
  double rate = 0.25;
  std::int64_t steps = 7;
  std::vector<double> pairs = {5, 6};
  std::string reason = "grew";

  State state() {
    return {{"moment", RealSlice{moment.data(), static_cast<std::int64_t>(moment.size())}},
            {"rate", &rate},
            {"steps", &steps},
            {"pairs", &pairs},
            {"reason", &reason}};
  }
  bool operator==(const Component&) const = default;
};

Component changed() {
  Component other;
  other.moment = {9, 9, 9};
  other.rate = 9;
  other.steps = 9;
  other.pairs = {9, 9, 9, 9};
  other.reason = "";
  return other;
}

TEST(State, WhatIsCapturedIsRestored) {
  Component first;
  Component second = changed();
  restore(second.state(), capture(first.state()));
  EXPECT_EQ(second, first);
  EXPECT_TRUE(std::signbit(second.moment[1]));
}

TEST(State, CaptureIsACopy) {
  Component component;
  const StateValues values = capture(component.state());
  component = changed();
  EXPECT_EQ(std::get<std::vector<double>>(values.at("moment")), Component().moment);
  EXPECT_EQ(std::get<std::int64_t>(values.at("steps")), 7);
}

TEST(State, PrefixesNest) {
  Component component;
  State inner, outer;
  append(inner, "adam", component.state());
  append(outer, "optimizer", inner);
  EXPECT_EQ(outer.front().name, "optimizer/adam/moment");
  EXPECT_EQ(capture(outer).size(), 5u);
  append(outer, "", inner);
  EXPECT_EQ(outer.at(5).name, "adam/moment");
}

TEST(State, EveryMissingItemIsNamed) {
  Component component;
  const StateValues whole = capture(component.state());
  for (const auto& [name, value] : whole) {
    StateValues lacking = whole;
    lacking.erase(name);
    Component other = changed();
    expect_error(Status::storage, {"'" + name + "'", "missing"}, [&] { restore(other.state(), lacking); });
    EXPECT_EQ(other, changed()) << "nothing is changed by what does not fit";
  }
}

TEST(State, UnknownItemIsNamed) {
  Component component;
  StateValues values = capture(component.state());
  values["optimizer/second"] = std::int64_t{3};
  Component other = changed();
  expect_error(Status::storage, {"'optimizer/second'", "nothing takes it"}, [&] { restore(other.state(), values); });
  EXPECT_EQ(other, changed());
}

TEST(State, OtherTypesAndLengthsAreRefused) {
  Component component;
  const StateValues whole = capture(component.state());
  const std::vector<std::pair<std::string, StateValue>> wrong = {
      {"moment", std::vector<double>{1, 2}}, {"moment", std::vector<double>{1, 2, 3, 4}}, {"moment", std::int64_t{3}},
      {"rate", std::vector<double>{}},       {"rate", std::vector<double>{1, 2}},         {"rate", std::string("1")},
      {"steps", std::vector<double>{7}},     {"pairs", std::string("5 6")},               {"reason", std::int64_t{1}},
  };
  for (const auto& [name, value] : wrong) {
    StateValues values = whole;
    values[name] = value;
    Component other = changed();
    expect_error(Status::storage, {"'" + name + "'"}, [&] { restore(other.state(), values); });
    EXPECT_EQ(other, changed());
  }
}

TEST(State, TwoItemsOfOneNameAreADefect) {
  double number = 0;
  EXPECT_ANY_THROW(capture({{"a", &number}, {"a", &number}}));
}

// ---- columns whose rows the ranks share

// What a checkpoint holds of the columns of a ColumnCase.
StateValues stored_columns(int seed, std::int64_t rows) {
  StateValues values;
  for (int c = 0; c < 2; ++c) {
    const auto read = [=](std::int64_t first, std::int64_t count, double* out) {
      for (std::int64_t row = first; row < first + count; ++row) *out++ = testing::ColumnCase::value(seed, c, row);
    };
    values[c == 0 ? "points/heat/x" : "points/heat/y"] = ColumnValue{rows, read};
  }
  const auto nothing = [](std::int64_t, std::int64_t, double*) { FAIL() << "nothing is there to read"; };
  values["points/none/x"] = ColumnValue{0, nothing};
  return values;
}

TEST(StateColumns, EveryRankTakesTheRowsOfItsBlocks) {
  constexpr std::int64_t rows = 5 * block_points + 3;
  for (int ranks = 1; ranks <= 3; ++ranks)
    for (int rank = 0; rank < ranks; ++rank)
      for (std::int64_t run : {1, 2}) {
        testing::ColumnCase own(0, rows, testing::blocks_in_turns(rows, rank, ranks, run));
        own.forget();
        restore(own.state(), stored_columns(4, rows));
        EXPECT_EQ(own.first_wrong(4), -1) << rank << " of " << ranks;
      }
}

TEST(StateColumns, ACopyServesTheSameRank) {
  constexpr std::int64_t rows = 4 * block_points;
  testing::ColumnCase own(2, rows, testing::blocks_in_turns(rows, 1, 2));
  const StateValues values = capture(own.state());
  own.forget();
  restore(own.state(), values);
  EXPECT_EQ(own.first_wrong(2), -1);
  std::vector<double> row(1);
  EXPECT_THROW(std::get<ColumnValue>(values.at("points/heat/x")).read(0, 1, row.data()), Error);
}

TEST(StateColumns, AnotherNumberOfRowsOrAnotherTypeIsRefused) {
  constexpr std::int64_t rows = 300;
  testing::ColumnCase own(0, rows, testing::blocks_in_turns(rows, 0, 1));
  expect_error(Status::storage, {"'points/heat/x'", "it has 301 rows, 300 are needed"},
               [&] { restore(own.state(), stored_columns(1, rows + 1)); });
  StateValues other = stored_columns(1, rows);
  other["points/heat/y"] = std::vector<double>(300);
  expect_error(Status::storage, {"'points/heat/y'", "another type"}, [&] { restore(own.state(), other); });
  other.erase("points/heat/y");
  expect_error(Status::storage, {"'points/heat/y'", "missing"}, [&] { restore(own.state(), other); });
  EXPECT_EQ(own.first_wrong(0), -1) << "nothing is changed by what is refused";
}

TEST(StateColumns, AreEqualWhereAllTheirBitsAre) {
  const auto column = [](double odd) {
    return ColumnValue{600, [=](std::int64_t first, std::int64_t count, double* out) {
                         for (std::int64_t row = first; row < first + count; ++row) *out++ = row == 599 ? odd : 1;
                       }};
  };
  EXPECT_EQ(column(0.0), column(0.0));
  EXPECT_FALSE(column(0.0) == column(-0.0));
  ColumnValue longer = column(0.0);
  longer.rows = 601;
  EXPECT_FALSE(longer == column(0.0));
}

}  // namespace
}  // namespace jetpinn
