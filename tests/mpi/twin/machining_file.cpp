#include "jetpinn/twin/machining_file.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/twin/machining_rows.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::SharedFolder;

TEST(MachiningFile, HoldsTheRowsWhateverTheRanks) {
  const SharedFolder folder;
  const std::int64_t rows = 3 * 8192 * 4 + 77;  // several pieces on four ranks too
  write_machining(test::world(), folder.file("a.h5"), rows, 5);
  test::world().agree("test", [&] {  // every rank reads what rank 0 has written
    std::vector<std::string> names;
    for (const DescribedColumn& column : machining_table()) names.push_back(column.name);
    const PointTable table = read_point_table(folder.file("a.h5"), names);
    ASSERT_EQ(table.rows(), rows);
    const std::vector<double> expected = MachiningRows(5).make(0, rows);
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < names.size(); ++c)
        ASSERT_EQ(table.columns[c][static_cast<std::size_t>(i)], expected[static_cast<std::size_t>(i) * names.size() + c])
            << i << " " << names[c];
  });
}

TEST(MachiningFile, ReplacesItselfAndNothingElse) {
  const SharedFolder folder;
  const std::string path = folder.file("a.h5");
  for (int time = 0; time < 2; ++time) write_machining(test::world(), path, 100, 5);
  const auto refused = [&](std::int64_t rows, std::uint64_t seed, const std::string& words) {
    expect_error(Status::usage, {test::world().root() ? words : "reported an error"},
                 [&] { write_machining(test::world(), path, rows, seed); });
  };
  refused(100, 6, "is of another sample (machining --count 100 --seed 5)");
  refused(101, 5, "is of another sample");
  test::world().agree("test", [&] {
    if (test::world().root()) write_text_file(path, "mine");
  });
  refused(100, 5, "is there already and is not of this sample");
}

}  // namespace
}  // namespace jetpinn
