#include "jetpinn/twin/machining_rows.hpp"

#include "jetpinn/twin/machining_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>

namespace jetpinn {
namespace {

TEST(MachiningRows, ARowIsAFunctionOfSeedAndNumber) {
  MachiningRows rows(3), others(3), of_another_seed(4);
  const std::vector<double> all = rows.make(0, 100);
  const auto width = static_cast<std::int64_t>(machining_table().size());
  ASSERT_EQ(static_cast<std::int64_t>(all.size()), 100 * width);
  for (const std::int64_t first : {70, 5, 33}) {  // in any order, from the middle of a tool too
    const std::vector<double> some = others.make(first, 20);
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + first * width)) << first;
  }
  EXPECT_NE(of_another_seed.make(0, 100), all);
}

TEST(MachiningRows, ValuesLieInTheirRanges) {
  MachiningRows rows(0);
  for (std::int64_t i = 0; i < 20000; ++i) {
    const MachiningRow row = rows.row(i);
    for (const MachiningColumn& column : machining_inputs) {
      const double value = row.cut.*column.value;
      ASSERT_TRUE(value >= column.low && value <= column.high) << column.name << " " << value;
      if (column.whole) {
        ASSERT_EQ(value, std::floor(value)) << column.name;
      }
    }
    ASSERT_EQ(row.tool, i / rows_of_a_tool);
    ASSERT_TRUE(row.machine >= 0 && row.machine < machines);
    for (const double value : {row.wear, row.displacement, row.true_wear, row.true_displacement})
      ASSERT_TRUE(std::isfinite(value));
    ASSERT_TRUE(row.true_wear >= 0 && row.true_wear < 0.41 && row.true_displacement >= 0);
  }
}

TEST(MachiningRows, ConditionsStayAndWearGrowsThroughTheLifeOfATool) {
  MachiningRows rows(1);
  std::set<std::int64_t> used;
  for (std::int64_t i = 0; i + 1 < 5000; ++i) {
    const MachiningRow now = rows.row(i), next = rows.row(i + 1);
    used.insert(now.machine);
    if (now.tool != next.tool) continue;
    EXPECT_EQ(now.machine, next.machine);
    for (std::size_t d = 1; d < machining_inputs.size(); ++d)
      EXPECT_EQ(now.cut.*machining_inputs[d].value, next.cut.*machining_inputs[d].value);
    EXPECT_LT(now.cut.t, next.cut.t);
    EXPECT_LT(now.true_wear, next.true_wear);
    EXPECT_LT(now.true_displacement, next.true_displacement);
  }
  EXPECT_EQ(used.size(), static_cast<std::size_t>(machines));
}

// R2 of the truth about what was measured.
struct Scatter {
  double squares = 0, sum = 0, sum_of_squares = 0;
  std::int64_t count = 0;
  void add(double measured, double truth) {
    squares += (measured - truth) * (measured - truth);
    sum += measured;
    sum_of_squares += measured * measured;
    ++count;
  }
  double r2() const { return 1 - squares / (sum_of_squares - sum * sum / static_cast<double>(count)); }
};

TEST(MachiningRows, TheTruthExplainsNinetyFivePercent) {
  for (const std::uint64_t seed : {0, 1, 12345}) {
    MachiningRows rows(seed);
    Scatter wear, displacement;
    for (std::int64_t i = 0; i < 100000; ++i) {
      const MachiningRow row = rows.row(i);
      wear.add(row.wear, row.true_wear);
      displacement.add(row.displacement, row.true_displacement);
    }
    EXPECT_NEAR(wear.r2(), 0.95, 0.01) << seed;
    EXPECT_NEAR(displacement.r2(), 0.95, 0.01) << seed;
  }
}

TEST(MachiningRows, MachinesAndToolsDiffer) {
  // Without the sensors' noise a tool's heat factor is the same in all its rows: averaged over them, noise shrinks and the
  // factor stays. The spread over tools is that of machines and tools together.
  MachiningRows rows(2);
  double sum = 0, squares = 0;
  std::int64_t tools = 0;
  for (std::int64_t tool = 0; tool < 4000; ++tool) {
    double measured = 0, truth = 0;
    for (std::int64_t k = 0; k < rows_of_a_tool; ++k) {
      const MachiningRow row = rows.row(tool * rows_of_a_tool + k);
      measured += row.displacement;
      truth += row.true_displacement;
    }
    if (truth < 10 * 16) continue;  // where noise is below 1/40 of it
    const double factor = std::log(measured / truth);
    sum += factor;
    squares += factor * factor;
    ++tools;
  }
  ASSERT_GT(tools, 300);
  const double mean = sum / static_cast<double>(tools),
               spread = std::sqrt(squares / static_cast<double>(tools) - mean * mean);
  const double stated = std::hypot(heat_of_machines, heat_of_tools), noise = displacement_noise / 4 / 10;
  EXPECT_GT(spread, 0.7 * stated);  // there are 25 machines: their own spread is known to 15 %
  EXPECT_LT(spread, 1.3 * std::hypot(stated, noise));
}

TEST(MachiningRows, TheTableSaysWhatItHolds) {
  const std::vector<DescribedColumn> table = machining_table();
  EXPECT_EQ(table.size(), 21u);
  std::set<std::string> names;
  for (const DescribedColumn& column : table) {
    EXPECT_TRUE(names.insert(column.name).second) << column.name;
    EXPECT_FALSE(column.unit.empty() || column.description.empty()) << column.name;
  }
  for (const char* name : {"t", "tool", "machine", "VB", "displacement", "VB_true", "displacement_true"})
    EXPECT_EQ(names.count(name), 1u) << name;
}

}  // namespace
}  // namespace jetpinn
