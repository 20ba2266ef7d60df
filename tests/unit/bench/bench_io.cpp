#include "jetpinn/bench/bench_io.hpp"

#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(BenchIo, WritesReadsComparesAndLeavesNothing) {
  testing::TemporaryFolder folder;
  BenchIoOptions options;
  options.folder = folder.path();
  options.bytes = {20000, 50000};
  options.timing = {0, 2};
  const BenchReport report = bench_io(test::world(), options);
  ASSERT_EQ(report.results.size(), 12u);   // three kinds, two sizes, two directions
  for (const BenchResult& result : report.results) {
    EXPECT_TRUE(result.verified) << result.name << ": " << result.trouble;
    const std::int64_t size = std::get<std::int64_t>(result.parameters.at(0).second);
    EXPECT_GE(std::get<std::int64_t>(result.figures.at(0).second), size / 2) << result.name;
  }
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace
}  // namespace jetpinn
