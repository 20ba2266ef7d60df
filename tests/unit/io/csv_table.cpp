#include "jetpinn/io/csv_table.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

TEST(CsvTable, EveryDigitAndQuotedNames) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("a.csv");
  CsvTableWriter table(path, {"x", "d(u*u, x)", "say \"u\""});
  const double values[6] = {0.1, 2, 1.0 / 3, -1e-300, NAN, INFINITY};
  table.write(0, 2, values, 2);
  table.finish();
  EXPECT_EQ(read_text_file(path),
            "x,\"d(u*u, x)\",\"say \"\"u\"\"\"\n0.10000000000000001,0.33333333333333331,nan\n2,-1e-300,inf\n");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.csv"});
  testing::expect_error(Status::usage, {"/nowhere/a.csv"}, [] { CsvTableWriter("/nowhere/a.csv", {"x"}, Status::usage); });
}

}  // namespace
}  // namespace jetpinn
