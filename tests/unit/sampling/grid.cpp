#include "jetpinn/sampling/grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace jetpinn {
namespace {

std::vector<std::vector<double>> nodes_of(const Grid& grid, std::size_t dimensions) {
  std::vector<std::vector<double>> nodes;
  for (std::int64_t i = 0; i < grid.nodes(); ++i) {
    nodes.emplace_back(dimensions);
    grid.node(i, nodes.back().data());
  }
  return nodes;
}

TEST(Grid, OneCoordinateIsEvenlySpacedWithBothEnds) {
  const auto nodes = nodes_of(Grid({-1}, {2}, 7), 1);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(nodes[i][0], -1 + 0.5 * static_cast<double>(i), 4 * 0x1p-52);
  EXPECT_EQ(nodes.back()[0], 2);
  EXPECT_EQ(nodes_of(Grid({-1}, {2}, 1), 1)[0][0], 0.5);
}

TEST(Grid, ASquareNumberIsATensorGrid) {
  const auto nodes = nodes_of(Grid({0, 0}, {1, 1}, 10000), 2);
  std::set<double> x, y;
  for (const auto& node : nodes) x.insert(node[0]), y.insert(node[1]);
  EXPECT_EQ(x.size(), 100u);
  EXPECT_EQ(y.size(), 100u);
  EXPECT_EQ(std::set<std::vector<double>>(nodes.begin(), nodes.end()).size(), 10000u);
}

TEST(Grid, AnyNumberIsMetExactlyWithEvenSpacing) {
  for (std::int64_t count : {2, 3, 10, 99, 101, 1000, 2503}) {
    const auto nodes = nodes_of(Grid({0, -1}, {1, 1}, count), 2);  // twice as long in y: twice the nodes
    EXPECT_EQ(std::set<std::vector<double>>(nodes.begin(), nodes.end()).size(), static_cast<std::size_t>(count));
    if (count < 99) continue;
    std::set<double> lines;
    for (const auto& node : nodes) lines.insert(node[0]);
    const double per_line = static_cast<double>(count) / static_cast<double>(lines.size());
    EXPECT_NEAR((per_line - 1) / static_cast<double>(lines.size() - 1), 2, 0.5) << count;
    EXPECT_EQ(*lines.begin(), 0);
    EXPECT_EQ(*lines.rbegin(), 1);
    for (const auto& corner : {std::vector<double>{0, -1}, {0, 1}, {1, -1}, {1, 1}})
      EXPECT_EQ(std::count(nodes.begin(), nodes.end(), corner), 1) << count;
  }
}

TEST(Grid, FixedCoordinatesStay) {
  const auto nodes = nodes_of(Grid({0, 3, 0}, {1, 3, 1}, 25), 3);
  for (const auto& node : nodes) EXPECT_EQ(node[1], 3);
  EXPECT_EQ(nodes_of(Grid({1, 2}, {1, 2}, 1), 2)[0], (std::vector<double>{1, 2}));
}

TEST(Grid, TenDimensionsHoldTheirCount) {
  const auto nodes = nodes_of(Grid(std::vector<double>(10, 0), std::vector<double>(10, 1), 5000), 10);
  EXPECT_EQ(std::set<std::vector<double>>(nodes.begin(), nodes.end()).size(), 5000u);
}

}  // namespace
}  // namespace jetpinn
