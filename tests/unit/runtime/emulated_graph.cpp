// Graphs on the emulated device: what a replay repeats, what it reads anew, and what cannot be recorded.
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/emulated_device.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace jetpinn {
namespace {

struct Scaled {
  double* values;
  double factor;
  void operator()(std::int64_t i) const { values[i] *= factor; }
};

struct GraphCase {
  EmulatedDevice device;
  SpacePool<EmulatedSpace> pool{device};
  Stream stream = device.stream();
  DevicePointer<double, EmulatedSpace> place = pool.allocate<double>(3);
  std::vector<double> host{1, 2, 3};

  void scale(double factor) { launch(EmulatedSpace{}, stream, "scale", 3, Scaled{place.address(), factor}); }
  std::vector<double> read() {
    std::vector<double> values(3);
    copy(stream, place, values.data(), 3);
    stream.wait();
    return values;
  }
  std::unique_ptr<DeviceGraph> record(const std::function<void()>& work, std::int64_t staged = 1000) {
    device.begin_recording(staged);
    work();
    return device.end_recording();
  }
  void refuses(const std::function<void()>& work) {
    copy(stream, host.data(), place, 3);
    device.begin_recording(1000);
    scale(2);
    EXPECT_THROW(work(), NotRecordable);
    device.drop_recording();
    EXPECT_EQ(read(), host);  // what was before it is done, what was recorded is not
  }
};

TEST(EmulatedGraph, NothingIsDoneBeforeItIsReplayed) {
  GraphCase c;
  copy(c.stream, c.host.data(), c.place, 3);
  const auto graph = c.record([&] {
    c.scale(2);
    c.scale(5);
  });
  EXPECT_EQ(c.read(), (std::vector<double>{1, 2, 3}));
  graph->replay();
  graph->replay();  // while the first waits
  EXPECT_EQ(c.read(), (std::vector<double>{100, 200, 300}));
}

// The error that graphs make easy: an argument by value, as a rate or the number of a step, stays what it was.
TEST(EmulatedGraph, KernelsTakeTheArgumentsOfTheRecording) {
  GraphCase c;
  copy(c.stream, c.host.data(), c.place, 3);
  double factor = 2;
  const auto graph = c.record([&] { c.scale(factor); });
  factor = 7;
  graph->replay();
  EXPECT_EQ(c.read(), (std::vector<double>{2, 4, 6}));
}

TEST(EmulatedGraph, CopiesFromTheHostAreMadeAnew) {
  GraphCase c;
  double made = 20;
  const auto graph = c.record([&] {
    copy(c.stream, c.host.data(), c.place, 1);  // what is there
    copy_made(
        c.stream, [&](double* to) { *to = made; }, c.place + 1, 1);
    copy(c.stream, std::vector<double>{30}, c.place + 2);  // a part of the graph
  });
  EXPECT_EQ(c.device.copied.to_device, 0);
  graph->replay();
  EXPECT_EQ(c.device.copied.to_device, 3 * 8);
  EXPECT_EQ(c.read(), (std::vector<double>{1, 20, 30}));
  c.host[0] = 4, made = 50;
  graph->replay();
  made = 60;  // belongs to the next one
  EXPECT_EQ(c.read(), (std::vector<double>{4, 50, 30}));
}

// What was made for a replay that waits is not written over.
TEST(EmulatedGraph, AReplayWaitsForTheOneBefore) {
  GraphCase c;
  double made = 1;
  const auto sum = c.pool.allocate<double>(3);
  struct Add {
    double *to, *from;
    void operator()(std::int64_t i) const { to[i] = 10 * to[i] + from[i]; }
  };
  const auto graph = c.record([&] {
    copy_made(
        c.stream, [&](double* to) { *to = made; }, c.place, 1);
    launch(EmulatedSpace{}, c.stream, "add", 1, Add{sum.address(), c.place.address()});
  });
  for (; made <= 3; ++made) graph->replay();
  std::vector<double> value(1);
  copy(c.stream, sum, value.data(), 1);
  c.stream.wait();
  EXPECT_EQ(value[0], 123);
}

TEST(EmulatedGraph, TakesNoHostThatWaitsAndNoMemory) {
  GraphCase c;
  c.refuses([&] { c.stream.wait(); });
  c.refuses([&] { c.read(); });
  c.refuses([&] { c.pool.allocate<double>(1 << 20); });
  EXPECT_THROW(c.record([&] { copy(c.stream, c.host.data(), c.place, 3); }, 3 * 8 - 1), NotRecordable);
  EXPECT_EQ(c.device.copied.to_device, 3 * 3 * 8);  // those of refuses()
  const auto graph = c.record([&] { copy(c.stream, c.host.data(), c.place, 3); }, 3 * 8);
  c.device.drop_recording();  // there is none
  graph->replay();
  EXPECT_EQ(c.read(), c.host);
}

TEST(EmulatedGraph, ErrorsOfAReplayComeOutWhereItIsWaitedFor) {
  GraphCase c;
  copy(c.stream, c.host.data(), c.place, 3);
  const auto graph = c.record([&] {
    c.device.give([] { throw std::runtime_error("first"); });
    c.scale(3);
  });
  graph->replay();
  EXPECT_THROW(c.stream.wait(), std::runtime_error);
  EXPECT_EQ(c.read(), (std::vector<double>{3, 6, 9}));
}

TEST(EmulatedGraph, MayGoBeforeItsReplayIsDone) {
  GraphCase c;
  copy(c.stream, c.host.data(), c.place, 3);
  c.record([&] { c.scale(3); })->replay();
  EXPECT_EQ(c.read(), (std::vector<double>{3, 6, 9}));
}

}  // namespace
}  // namespace jetpinn
