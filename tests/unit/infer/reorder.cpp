#include "jetpinn/infer/reorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

namespace jetpinn {
namespace {

// A table whose row k holds the number k; what is where in the files must come from where it was in the grid.
void expect_moved(const std::vector<ReorderAxis>& axes, std::int64_t box_values) {
  std::int64_t rows = 1, frames = 1;
  for (const ReorderAxis& axis : axes) {
    rows *= axis.count;
    if (axis.frame) frames = axis.count;
  }
  std::map<std::int64_t, std::vector<double>> files;
  for (std::int64_t f = 0; f < frames; ++f) files[f].assign(static_cast<std::size_t>(rows / frames), -1);
  std::int64_t read = 0, largest = 0;
  reorder(
      axes,
      [&](std::int64_t first, std::int64_t count, double* out) {
        ASSERT_LE(first + count, rows);
        std::iota(out, out + count, static_cast<double>(first));
        read += count;
        largest = std::max(largest, count);
      },
      [&](std::int64_t frame, std::int64_t first, std::int64_t count, const double* values) {
        ASSERT_LE(first + count, rows / frames);
        std::copy_n(values, count, files.at(frame).begin() + first);
      },
      box_values);
  EXPECT_EQ(read, rows) << "every row once";
  EXPECT_LE(largest, box_values);

  for (std::int64_t row = 0; row < rows; ++row) {   // the plain loop
    std::int64_t rest = row, place = 0, frame = 0;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      const std::int64_t i = rest % axis->count;
      rest /= axis->count;
      if (axis->frame) frame = i;
      else place += axis->step * (axis->reversed ? axis->count - 1 - i : i);
    }
    ASSERT_EQ(files.at(frame)[static_cast<std::size_t>(place)], static_cast<double>(row)) << "row " << row;
  }
}

TEST(Reorder, EveryOrderOfAxesInBoxesOfAnySize) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<ReorderAxis> axes(1 + random() % 4);
    std::vector<std::size_t> order(axes.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    const bool film = random() % 2 == 0;
    std::int64_t step = 1;
    for (std::size_t k = 0; k < order.size(); ++k) {
      ReorderAxis& axis = axes[order[k]];
      axis.count = 1 + static_cast<std::int64_t>(random() % 13);
      if (film && k == 0) {
        axis.frame = true;
        continue;
      }
      axis.reversed = random() % 3 == 0;
      axis.step = step;
      step *= axis.count;
    }
    for (std::int64_t box : {1, 7, 64, 100000}) expect_moved(axes, box);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(Reorder, LongAxes) {
  expect_moved({{3, 3000, false, false}, {3000, 1, false, false}}, 1 << 12);   // [3, 3000] as it lies
  expect_moved({{3000, 1, false, false}, {70, 3000, true, false}}, 1 << 14);   // transposed, and turned round
}

}  // namespace
}  // namespace jetpinn
