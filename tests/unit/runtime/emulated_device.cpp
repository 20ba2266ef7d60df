#include "jetpinn/runtime/emulated_device.hpp"

#include "jetpinn/kernels/launch.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace jetpinn {
namespace {

struct Squared {
  double* values;
  void operator()(std::int64_t i) const { values[i] = values[i] * values[i]; }
};

struct Case {
  EmulatedDevice device;
  SpacePool<EmulatedSpace> pool{device};
  Stream stream = device.stream();
  DevicePointer<double, EmulatedSpace> place = pool.allocate<double>(3);
  std::vector<double> host{1, 2, 3};

  void square() { launch(EmulatedSpace{}, stream, "square", 3, Squared{place.address()}); }
};

TEST(EmulatedDevice, ComputesOnWhatWasCopiedThere) {
  Case c;
  copy(c.stream, c.host.data(), c.place, 3);
  c.square();
  c.square();
  copy(c.stream, c.place, c.host.data(), 3);
  c.stream.record().wait();
  EXPECT_EQ(c.host, (std::vector<double>{1, 16, 81}));
}

TEST(EmulatedDevice, ItsMemoryIsZeroAndCanBeFilled) {
  Case c;
  copy(c.stream, c.place, c.host.data(), 3);
  c.stream.wait();
  EXPECT_EQ(c.host, std::vector<double>(3));
  fill(c.stream, c.place, 3, 2.5);
  copy(c.stream, c.place, c.host.data(), 3);
  c.stream.wait();
  EXPECT_EQ(c.host, std::vector<double>(3, 2.5));
}

TEST(EmulatedDevice, WhoDoesNotWaitReadsTheOldValues) {
  Case c;
  copy(c.stream, c.host.data(), c.place, 3);
  c.square();
  const Event squared = c.stream.record();
  copy(c.stream, c.place, c.host.data(), 3);
  const Event copied = c.stream.record();
  EXPECT_EQ(c.host, (std::vector<double>{1, 2, 3}));
  squared.wait();  // what comes after the event is still put off
  EXPECT_EQ(c.host, (std::vector<double>{1, 2, 3}));
  copied.wait();
  EXPECT_EQ(c.host, (std::vector<double>{1, 4, 9}));
}

TEST(EmulatedDevice, ACopyReadsTheHostWhenItRuns) {
  Case c;
  copy(c.stream, c.host.data(), c.place, 3);
  copy(c.stream, std::vector<double>{7}, c.place + 1);  // values that go along with the call
  c.host[2] = 5;
  std::vector<double> back(3);
  copy(c.stream, c.place, back.data(), 3);
  c.stream.wait();
  EXPECT_EQ(back, (std::vector<double>{1, 7, 5}));
}

TEST(EmulatedDevice, AnotherStreamWaitsForAnEvent) {
  Case first, second;
  copy(first.stream, first.host.data(), first.place, 3);
  first.square();
  copy(first.stream, first.place, first.host.data(), 3);
  second.stream.wait_for(first.stream.record());
  copy(second.stream, first.host.data(), second.place, 3);
  second.square();
  copy(second.stream, second.place, second.host.data(), 3);
  second.stream.wait();
  EXPECT_EQ(second.host, (std::vector<double>{1, 16, 81}));
}

TEST(EmulatedDevice, ErrorsOfWorkComeOutWhereItIsWaitedFor) {
  Case c;
  c.device.give([] { throw std::runtime_error("first"); });
  c.device.give([] { throw std::logic_error("second"); });
  copy(c.stream, c.place, c.host.data(), 3);
  EXPECT_THROW(c.stream.wait(), std::runtime_error);
  EXPECT_EQ(c.host, std::vector<double>(3));  // what was behind the error is done
  c.stream.wait();                            // and nobody hears of it twice
}

TEST(EmulatedDevice, WorkOfADeviceNeedsItsStream) {
  Case c;
  EXPECT_THROW(copy(Stream{}, c.host.data(), c.place, 3), std::exception);
}

TEST(EmulatedDevice, TheHostCannotTouchItsMemory) {
  Case c;
  copy(c.stream, c.host.data(), c.place, 3);
  c.stream.wait();
  volatile double* address = c.place.address();
  EXPECT_DEATH(static_cast<void>(*address), "");
  EXPECT_DEATH(*address = 1, "");
}

TEST(EmulatedDevice, APoolThatGoesLeavesNoWorkOnItsMemory) {
  EmulatedDevice device;
  std::vector<double> host{1, 2, 3};
  {
    SpacePool<EmulatedSpace> pool(device);
    const auto place = pool.allocate<double>(3);
    copy(device.stream(), host.data(), place, 3);
    pool.seal();
    copy(device.stream(), place, host.data(), 3);
    host = {4, 5, 6};
  }
  device.stream().wait();
  EXPECT_EQ(host, (std::vector<double>{1, 2, 3}));   // the copy back ran before the memory went
}

TEST(EmulatedDevice, PoolsCountAsOnAHost) {
  EmulatedDevice device;
  SpacePool<EmulatedSpace> pool(device), plan(device, Slabs::Use::planning);
  for (SpacePool<EmulatedSpace>* p : {&pool, &plan}) {
    p->allocate<double>(3);
    p->allocate<float>(5);
    EXPECT_EQ(p->bytes(), 3 * 8 + 5 * 4);
  }
  pool.seal();
  EXPECT_EQ(pool.unused(), 0);
}

}  // namespace
}  // namespace jetpinn
