#include "jetpinn/train/monitors.hpp"

#include "support/problem_text.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

using test::world;

// What is measured at the start may differ between two engines.
EngineOptions fixed_products() {
  EngineOptions options;
  options.product_backend = "libxsmm";
  return options;
}

// The same network on one rank's engine with all points, block by block.
double on_one_rank(const Assembly& assembly, const std::vector<double>& parameters, std::size_t monitor) {
  const Monitor& watched = assembly.problem->monitors[monitor];
  const TermPoints points = make_monitor_points(*assembly.problem, watched, 0, 1);
  std::vector<double> values(static_cast<std::size_t>(points.local_count));
  make_engine(fixed_products(), assembly.network, assembly.evaluated())
      ->residuals(Stream{}, parameters.data(), static_cast<int>(monitor) + 1, points, values.data());
  double sum = 0, largest = values[0];
  for (const Block& block : points.blocks) {
    double part = 0;
    for (std::int64_t i = block.first; i < block.first + block.count; ++i) {
      part += values[static_cast<std::size_t>(i)] * points.weight[static_cast<std::size_t>(i)];
      largest = std::max(largest, values[static_cast<std::size_t>(i)]);
    }
    sum += part;
  }
  return watched.options.kind == MonitorKind::max ? largest : sum;
}

TEST(Monitors, HaveTheSameBitsOnAnyRanks) {
  ProblemText text = testing::text_of({testing::term("heat", "u_t - u_xx")});
  text.monitors = {testing::monitor(MonitorKind::integral, "u_x + u^2", "x == 1 || t == 1", 1000),
                   testing::monitor(MonitorKind::max, "u_xx", "", 1500),
                   testing::monitor(MonitorKind::integral, "u_x + u^2", "x == 1 || t == 1", 1000)};
  text.monitors[2].options.quadrature = true;
  NetworkOptions network;
  network.hidden = {6, 5};
  const Assembly assembly = assemble(build_problem(text), network, {}, 3, world().size());
  std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
  initialize(assembly.network, 5, parameters.data());
  Monitors monitors(world(), assembly);
  const auto engine = make_engine(fixed_products(), assembly.network, assembly.evaluated());
  monitors.measure_all(world(), *engine, parameters);
  StepRecord record;
  monitors.tell(record);
  ASSERT_EQ(record.monitors.size(), 3u);
  for (std::size_t m : {0, 1, 2}) EXPECT_EQ(record.monitors[m].value, on_one_rank(assembly, parameters, m)) << m;
}

}  // namespace
}  // namespace jetpinn
