#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/sampling/quadrature_points.hpp"
#include "jetpinn/sampling/sampler.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace jetpinn {
namespace {

// Points that the ranks make from their blocks, joined on rank 0, are those that one rank makes alone.
TEST(Sampling, PointsDoNotDependOnTheNumberOfRanks) {
  Communicator& world = test::world();
  const ExpressionGraph graph;
  const PointRegion region = domain_region({0, -1, 2}, {1, 1, 5});
  for (const auto method : {SamplingMethod::grid, SamplingMethod::uniform, SamplingMethod::lhs, SamplingMethod::sobol}) {
    const std::vector<std::int64_t> counts{5000, 77};
    const auto blocks = deal_blocks(counts, {3, 1}, world.size());
    for (std::uint32_t term = 0; term < 2; ++term) {
      const Sampler sampler(method, region, graph, counts[term], PointKey{11, term, 4});
      std::vector<double> own;   // point by point
      for (const Block& block : blocks[static_cast<std::size_t>(world.rank())][term]) {
        std::vector<double> columns(static_cast<std::size_t>(3 * block.count));
        sampler.generate(block.first, block.count, columns.data(), block.count);
        for (std::int64_t i = 0; i < block.count; ++i)
          for (std::int64_t d = 0; d < 3; ++d) own.push_back(columns[static_cast<std::size_t>(d * block.count + i)]);
      }
      const auto joined = world.gather_rows("test", own);
      if (!world.root()) continue;
      std::vector<double> alone(static_cast<std::size_t>(3 * counts[term]));
      sampler.generate(0, counts[term], alone.data(), counts[term]);
      ASSERT_EQ(joined.size(), alone.size());
      for (std::int64_t i = 0; i < counts[term]; ++i)
        for (std::int64_t d = 0; d < 3; ++d)
          ASSERT_EQ(joined[static_cast<std::size_t>(3 * i + d)], alone[static_cast<std::size_t>(d * counts[term] + i)])
              << to_string(method);
    }
  }
}

// Nodes of a quadrature with their weights, on faces of unlike numbers of axes.
TEST(Sampling, NodesDoNotDependOnTheNumberOfRanks) {
  Communicator& world = test::world();
  const ExpressionGraph graph;
  const QuadraturePoints nodes(boundary_region({0, -1, 2}, {1, 1, 5}, 3), graph, 3000);
  const auto blocks = deal_blocks({nodes.count()}, {1}, world.size());
  const auto made = [&](std::vector<Block> chosen) {
    TermPoints points = make_room(3, nodes.columns(), nodes.count(), std::move(chosen));
    nodes.fill(points);
    std::vector<double> rows;
    for (std::int64_t i = 0; i < points.local_count; ++i) {
      for (int d = 0; d < 3; ++d) rows.push_back(points.coordinate(d)[i]);
      rows.push_back(points.quadrature_at(i));
    }
    return rows;
  };
  const auto joined = world.gather_rows("test", made(blocks[static_cast<std::size_t>(world.rank())][0]));
  if (!world.root()) return;
  EXPECT_EQ(joined, made({{0, nodes.count()}}));
}

}  // namespace
}  // namespace jetpinn
