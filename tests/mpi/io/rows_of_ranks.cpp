#include "jetpinn/io/rows_of_ranks.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace jetpinn {
namespace {

using test::world;

std::vector<double> numbers(std::int64_t first, std::int64_t count) {
  std::vector<double> rows;
  for (std::int64_t i = first; i < first + count; ++i)
    rows.insert(rows.end(), {static_cast<double>(i), 0.5 * static_cast<double>(i)});
  return rows;
}

TEST(RowsOfRanks, AllRowsComeOnceWhateverTheRanks) {
  const testing::SharedFolder folder;
  for (const std::int64_t rows : {std::int64_t{1}, block_points, 2 * 8192 * world().size() + block_points + 3}) {
    const std::string path = folder.file(std::to_string(rows) + ".h5");
    std::unique_ptr<PointTableWriter> writer;
    if (world().root()) writer = std::make_unique<PointTableWriter>(path, std::vector<std::string>{"a", "b"}, rows);
    std::int64_t made = 0;
    std::int64_t told = 0;
    RowWatch watch;
    watch.tell = [&](std::int64_t written, std::int64_t all) {
      EXPECT_TRUE(world().root() && written > told && written <= all && all == rows);
      told = written;
    };
    const auto make = [&](std::int64_t first, std::int64_t count) {
      EXPECT_TRUE(count == 0 || first % block_points == 0);
      EXPECT_LE(count, 8192);
      made += count;
      return numbers(first, count);
    };
    write_rows_of_ranks(world(), "test", writer.get(), rows, 2, make, watch);
    EXPECT_EQ(told, world().root() ? rows : 0);
    world().sum("test", &made, 1);
    EXPECT_EQ(made, rows);
    world().agree("test", [&] {
      if (!world().root()) return;
      writer->finish();
      const PointTable table = read_point_table(path, {"a", "b"});
      ASSERT_EQ(table.rows(), rows);
      for (std::int64_t i = 0; i < rows; ++i) {
        ASSERT_EQ(table.columns[0][static_cast<std::size_t>(i)], static_cast<double>(i));
        ASSERT_EQ(table.columns[1][static_cast<std::size_t>(i)], 0.5 * static_cast<double>(i));
      }
    });
  }
}

TEST(RowsOfRanks, AnErrorOfOneRankEndsAll) {
  const auto make = [&](std::int64_t first, std::int64_t count) {
    if (world().rank() == world().size() - 1) throw Error(Status::usage, "no such rows");
    return numbers(first, count);
  };
  const testing::SharedFolder folder;
  std::unique_ptr<PointTableWriter> writer;
  if (world().root())
    writer = std::make_unique<PointTableWriter>(folder.file("a.h5"), std::vector<std::string>{"a", "b"}, 9);
  const bool own = world().rank() == world().size() - 1;
  testing::expect_error(Status::usage, {own ? "no such rows" : "reported an error"},
                        [&] { write_rows_of_ranks(world(), "test", writer.get(), 9, 2, make); });
}

TEST(RowsOfRanks, AStopOfOneRankEndsAllBetweenRuns) {
  const testing::SharedFolder folder;
  std::unique_ptr<PointTableWriter> writer;
  const std::int64_t rows = 3 * 8192 * world().size();
  if (world().root())
    writer = std::make_unique<PointTableWriter>(folder.file("a.h5"), std::vector<std::string>{"a", "b"}, rows);
  const bool own = world().rank() == world().size() - 1;
  int runs = 0;
  const auto make = [&](std::int64_t first, std::int64_t count) {
    ++runs;
    return numbers(first, count);
  };
  testing::expect_error(Status::stopped, {own ? "stopped on request" : "reported an error"}, [&] {
    write_rows_of_ranks(world(), "test", writer.get(), rows, 2, make, {[&] { return own && runs == 1; }});
  });
  EXPECT_EQ(runs, own ? 1 : 2);
}

TEST(RowsOfRanks, ADiskWithoutRoomIsSaid) {
  testing::expect_error(Status::usage, {"a.h5: 1000000000000000 points need more space than is left on the disk"},
                        [] { require_space("a.h5", 1000000000000000, 20); });
  require_space("a.h5", 1, 1);
}

}  // namespace
}  // namespace jetpinn
