// Graphs on a card: what a replay repeats and reads anew, and evaluations of the engine with them and without.
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/device.hpp"

#include "support/gpu.hpp"
#include "support/group_case.hpp"
#include "support/network_cases.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using Space = CudaSpace;

class GpuGraph : public ::testing::Test {
 protected:
  void SetUp() override {
    JETPINN_NEEDS_A_CARD();
    device_ = std::make_unique<Device<Space>>();
    place_ = device_->pool.allocate<double>(100);
  }
  Stream stream() { return device_->stream({}); }
  std::vector<double> read() {
    std::vector<double> values(4);
    copy(stream(), place_, values.data(), 4);
    stream().wait();
    return values;
  }
  std::unique_ptr<Device<Space>> device_;
  DevicePointer<double, Space> place_;
};

TEST_F(GpuGraph, ReplaysKernelsAndCopiesAnew) {
  double made = 20, value = 1;
  std::vector<double> host{1};
  const auto give = [&] {
    copy(stream(), host.data(), place_, 1);
    copy_made(
        stream(), [&](double* to) { *to = made; }, place_ + 1, 1);
    copy(stream(), std::vector<double>{30}, place_ + 2);
    fill(stream(), place_ + 3, 1, value);
  };
  give();
  EXPECT_EQ(read(), (std::vector<double>{1, 20, 30, 1}));
  CudaDevice& device = *device_->device;
  const std::int64_t copied = device.copied.to_device;
  device.begin_recording(3 * 64);
  value = 2;
  give();
  const auto graph = device.end_recording();
  EXPECT_EQ(device.copied.to_device, copied);
  EXPECT_EQ(read(), (std::vector<double>{1, 20, 30, 1}));
  for (double step : {1.0, 2.0}) {
    host[0] = step, made = 10 * step, value = 7;  // the last is an argument by value: that of the recording stays
    graph->replay();
    made = 99;
    EXPECT_EQ(read(), (std::vector<double>{step, 10 * step, 30, 2}));
  }
  EXPECT_EQ(device.copied.to_device, copied + 2 * 3 * 8);
}

TEST_F(GpuGraph, TakesNoHostThatWaitsAndNoMemory) {
  CudaDevice& device = *device_->device;
  for (int trial = 0; trial < 4; ++trial) {
    fill(stream(), place_, 4, 5.0);
    device.begin_recording(64);
    fill(stream(), place_, 4, 6.0);
    const std::vector<double> values(100, 1);
    switch (trial) {
      case 0:
        EXPECT_THROW(stream().wait(), NotRecordable);
        break;
      case 1:
        EXPECT_THROW(device_->pool.allocate<double>(1 << 24), NotRecordable);
        break;
      case 2:
        EXPECT_THROW(copy(stream(), values, place_), NotRecordable);
        break;
      default:
        EXPECT_THROW(device.give([] {}), NotRecordable);
    }
    device.drop_recording();
    EXPECT_EQ(read(), std::vector<double>(4, 5.0)) << trial;
  }
}

// An engine with graphs and one without, at parameters, constants and weights that change.
void compare(test::EngineCase& problem, Precision precision, int constants) {
  EngineOptions options;
  options.device = Space::name;
  options.precision = precision;
  const auto graphs = make_engine(options, problem.network, problem.terms);
  options.graphs = false;
  const auto kernels = make_engine(options, problem.network, problem.terms);
  std::vector<double> parameters = test::perturbed(problem);
  for (int step = 0; step < 4; ++step) {
    for (Engine* engine : {graphs.get(), kernels.get()}) {
      std::vector<double> values = test::stage_constants(constants);
      for (double& value : values) value += 0.1 * step;
      engine->set_constants(values);
    }
    const auto actual = test::evaluate(*graphs, problem, parameters),
               expected = test::evaluate(*kernels, problem, parameters);
    EXPECT_EQ(actual.gradient, expected.gradient) << step;
    EXPECT_EQ(actual.sums.weighted, expected.sums.weighted) << step;
    for (double& parameter : parameters) parameter += 0.01;
    for (TermPoints& points : problem.points.terms)
      for (double& weight : points.weight) weight += 0.25;
  }
  const GraphCounts counts = graphs->graphs();
  EXPECT_EQ(counts.captured, 1) << counts.reason;
  EXPECT_EQ(counts.replayed, 2) << counts.reason;
}

TEST_F(GpuGraph, GivesTheBitsOfKernels) {
  for (const test::NamedText& entry : test::network_texts()) {
    SCOPED_TRACE(entry.name);
    test::EngineCase problem = test::make_case(entry.text);
    for (const Precision precision : {Precision::fp64, Precision::fp32}) compare(problem, precision, 0);
  }
}

// A library that records nothing, which the stub alone can be.
TEST_F(GpuGraph, GoesOnKernelByKernelWhereCudaRecordsNothing) {
  if (cuda_facts().cards.front().name != "stub") JETPINN_NOT_RUN("a card records");
  const test::EngineCase problem = test::make_case(test::plan_texts().front().text);
  EngineOptions options;
  options.device = Space::name;
  const auto engine = make_engine(options, problem.network, problem.terms);
  setenv("STUB_GRAPHS", "0", 1);
  const auto first = test::evaluate(*engine, problem, problem.parameters);
  for (int step = 0; step < 2; ++step)
    EXPECT_EQ(test::evaluate(*engine, problem, problem.parameters).gradient, first.gradient);
  unsetenv("STUB_GRAPHS");
  EXPECT_EQ(engine->graphs().eager, 3);
  EXPECT_NE(engine->graphs().reason.find("the recording of a graph"), std::string::npos) << engine->graphs().reason;
}

TEST_F(GpuGraph, TakesWhatTheHostChanges) {
  for (const test::GroupText& text : test::group_texts()) {
    SCOPED_TRACE(text.name);
    test::EngineCase problem = test::make_group_case(text);
    compare(problem, Precision::fp64, text.groups.constants);
  }
}

}  // namespace
}  // namespace jetpinn
