// The jets engine on a device: chunks of many blocks, vectors that lie there, and a queue that is empty when it throws.
#include "jetpinn/engine/jets_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/region.hpp"
#include "support/burgers_case.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::burgers;
using test::EngineCase;
using test::jets;
using test::reordered;

// Several blocks at once, a block at a time, and parts of a block.
TEST(JetsOnDevice, ChunksDoNotMatter) {
  const EngineCase problem = burgers(1500);
  const auto parameters = test::perturbed(problem);
  const auto host = test::evaluate(*jets(problem), problem, parameters);
  for (std::int64_t chunk : {0, 32, 256, 512, 1024}) {
    EngineOptions options;
    options.device = "emulated";
    options.chunk = chunk;
    const auto engine = jets(problem, options);
    EXPECT_TRUE(chunk > 0 || engine->chunk() > block_points);
    const auto result = test::evaluate(*engine, problem, parameters);
    EXPECT_NEAR(result.loss / host.loss, 1, reordered) << chunk;
    EXPECT_LE(test::distance(result.gradient, host.gradient), reordered * test::norm(host.gradient)) << chunk;
  }
  EngineOptions wrong;
  wrong.device = "emulated";
  wrong.chunk = 300;
  EXPECT_THROW(jets(problem, wrong), Error);
}

// 10^5 points of a network 32 units wide: layers and tapes have 10^4 work items and more, also where points are summed.
// Fewer are left to the second stage of sums, to sums of one or two columns and to what is copied of parameters.
TEST(JetsOnDevice, HasWorkForManyThreads) {
  constexpr std::int64_t points = 100'000;
  const std::set<std::string> short_ones = {"column_sum",
                                            "fill",
                                            "flush_rows_device",
                                            "load_rows_device",
                                            "input_gradient_device",
                                            "output_bias_gradient_device",
                                            "residual_sums_device"};
  const EngineCase problem = burgers(points, {32, 32});
  test::OnDevice device;
  EngineOptions options;
  options.device = "emulated";
  options.device_stream = device.stream();
  options.chunk = (points / block_points + 1) * block_points;
  const auto engine = jets(problem, options);
  std::map<std::string, std::int64_t> items;
  queue_of(device.stream()).on_launch = [&](const char* label, std::int64_t extent) {
    std::int64_t& most = items[label];
    most = std::max(most, extent);
  };
  test::evaluate(*engine, problem, test::perturbed(problem));
  queue_of(device.stream()).on_launch = nullptr;
  for (const char* layer :
       {"activation_jet_forward_device", "activation_jet_reverse_device", "output_weight_gradient_device"})
    EXPECT_EQ(items.count("jetpinn::" + std::string(layer)), 1u) << layer;
  for (const auto& [label, most] : items) {
    if (!short_ones.count(label.substr(std::string("jetpinn::").size()))) {
      EXPECT_GT(most, 10'000) << label;
    }
  }
}

// Vectors that lie on the engine's device: the bits of those that come from the host, and nothing of their length is copied
// but the integers of an exact sum. The engine of a host knows no device.
TEST(JetsOnDevice, TakesVectorsOfItsDevice) {
  EngineCase problem = burgers(700);
  const auto parameters = test::perturbed(problem);
  const std::int64_t size = problem.network.parameters, bytes = size * static_cast<std::int64_t>(sizeof(double));
  test::OnDevice device;
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    EngineOptions options;
    options.precision = precision;
    options.device = "emulated";
    const auto own = jets(problem, options);
    options.device_stream = device.stream();
    const auto shared = jets(problem, options);
    EXPECT_EQ(shared->device_stream().queue, device.stream().queue);
    EXPECT_NE(own->device_stream().queue, device.stream().queue);
    const auto there = device.put(parameters), gradient = device.put(std::vector<double>(parameters.size(), 3.0));
    const auto expected = test::evaluate(*own, problem, parameters);
    TermSums sums;
    const CopiedBytes& copied = queue_of(device.stream()).copied;
    const std::int64_t before = copied.to_host;
    shared->loss_and_gradient_on_device(ConstDeviceVector(there.address()), problem.points, DeviceVector(gradient.address()),
                                        sums);
    EXPECT_LT(copied.to_host - before, bytes / 4);
    EXPECT_EQ(device.get(gradient, parameters.size()), expected.gradient);
    EXPECT_EQ(sums.weighted, expected.sums.weighted);

    ExactSum wanted(size + 4), got(size + 4);
    own->loss_and_gradient_exact({}, parameters.data(), problem.points, wanted);
    shared->loss_and_gradient_exact_on_device(ConstDeviceVector(there.address()), problem.points, got);
    EXPECT_EQ(got.exchange(), wanted.exchange());
  }
  TermSums sums;
  EXPECT_THROW(jets(problem)->loss_and_gradient_on_device(nullptr, problem.points, nullptr, sums), Error);
  EXPECT_EQ(jets(problem)->device_stream().queue, nullptr);
}

// What is queued when a listener throws reads the caller's points: it is done before the caller may let them go.
TEST(JetsOnDevice, LeavesNothingToDoWhereItThrows) {
  const EngineCase problem = burgers(700);
  const auto parameters = test::perturbed(problem);
  test::OnDevice device;
  EngineOptions options;
  options.device = "emulated";
  options.device_stream = device.stream();
  const auto engine = jets(problem, options);
  const auto there = device.put(parameters), gradient = device.room<double>(parameters.size());
  const auto leaves_nothing = [&](const auto& work) {
    bool passed = false;
    device.stream().queue->give([&] { passed = true; });
    EXPECT_THROW(work(), Error);
    EXPECT_TRUE(passed);
  };
  TermSums sums;
  engine->when_ready([](std::int64_t) { throw Error(Status::communication, "a rank is lost"); });
  leaves_nothing([&] {
    engine->loss_and_gradient_on_device(ConstDeviceVector(there.address()), problem.points, DeviceVector(gradient.address()),
                                        sums);
  });
  leaves_nothing([&] {
    engine->linearize({}, parameters.data(), 0, problem.points.terms[0],
                      [](Linearization&) { throw Error(Status::numerical, "not finite"); });
  });
}

// Every chunk is accounted and told: what throws in one leaves no region open for who listens.
TEST(JetsOnDevice, EndsItsRegionsWhereItThrows) {
  struct Depth : RegionListener {
    void push(const char*) noexcept override { ++now, ++told; }
    void pop() noexcept override { --now; }
    int now = 0, told = 0;
  } depth;
  const EngineCase problem = burgers(300);
  EngineOptions options;
  options.device = "emulated";
  const auto engine = jets(problem, options);
  engine->when_residuals(
      [](int, std::int64_t, std::int64_t, const double*) { throw Error(Status::numerical, "not finite"); });
  ASSERT_TRUE(add_region_listener(depth));
  set_region_detail(true);
  EXPECT_THROW(test::evaluate(*engine, problem, test::perturbed(problem)), Error);
  set_region_detail(false);
  remove_region_listener(depth);
  EXPECT_GT(depth.told, 1);
  EXPECT_EQ(depth.now, 0);
}

// The copies of several chunks wait in the queue of the device together.
TEST(JetsOnDevice, ALinearisationTakesEveryChunksCotangents) {
  const EngineCase problem = burgers(600);
  const auto parameters = test::perturbed(problem);
  EngineOptions options;
  options.device = "emulated";
  options.chunk = 64;
  std::vector<double> cotangents(600);
  for (std::size_t i = 0; i < cotangents.size(); ++i) cotangents[i] = std::cos(static_cast<double>(i));
  const TermPoints& points = problem.points.terms[0];
  const auto expected = test::transposed(*jets(problem), parameters, 0, points, cotangents);
  const auto actual = test::transposed(*jets(problem, options), parameters, 0, points, cotangents);
  EXPECT_LE(test::distance(actual, expected), 20 * reordered * test::norm(expected));
}

}  // namespace
}  // namespace jetpinn
