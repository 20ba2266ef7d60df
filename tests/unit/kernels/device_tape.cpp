#include "jetpinn/kernels/device_tape.hpp"

#include "support/every_operation.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace jetpinn {
namespace {

using Space = EmulatedSpace;
using test::worst_difference;

// Some 40 addends with factors up to 4.5 and condition numbers up to 10, on both sides.
constexpr double tape_roundings = 2 * 40 * 4.5 * 10;
constexpr std::int64_t device_tape_sizes[] = {1, 63, 128, 597};

template <class T>
std::vector<T> random_column(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(0.1, 0.9);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) value = static_cast<T>(uniform(generator));
  return values;
}

// `count` columns of `points` values each, on both sides.
template <class T>
struct Columns {
  Columns(test::OnDevice& device, int count, std::int64_t points, unsigned seed) {
    for (int k = 0; k < count; ++k) {
      host.push_back(random_column<T>(points, seed + static_cast<unsigned>(k)));
      there.push_back(device.put(host.back()));
    }
  }
  template <class U>
  std::vector<Column<U>> on_host() {
    std::vector<Column<U>> columns;
    for (auto& column : host) columns.push_back({column.data(), 1});
    return columns;
  }
  template <class U>
  std::vector<Column<U>> on_device() const {
    std::vector<Column<U>> columns;
    for (const auto& place : there) columns.push_back({place.address(), 1});
    return columns;
  }
  double worst(test::OnDevice& device) {
    test::Worst worst;
    for (std::size_t k = 0; k < host.size(); ++k)
      worst.take(worst_difference(device.get(there[k], host[k].size()), host[k]));
    return worst.value();
  }

  std::vector<std::vector<T>> host;
  std::vector<DevicePointer<T, Space>> there;
};

template <class T>
void compare_tapes(std::int64_t points) {
  const TapeProgram program = test::every_operation();
  test::OnDevice device;
  Columns<T> inputs(device, 3, points, 1), outputs(device, 3, points, 4), cotangents(device, 3, points, 7),
      adjoints(device, 3, points, 10);
  const DeviceTape<T, Space> forward(device.stream(), device.pool(), program, points, {}),
      reverse(device.stream(), device.pool(), program, points, {true, false, true});
  forward.forward(device.stream(), points, inputs.template on_device<const T>(), outputs.template on_device<T>());
  auto wanted = adjoints.template on_device<T>();
  wanted[1].data = nullptr;
  reverse.reverse(device.stream(), points, inputs.template on_device<const T>(), cotangents.template on_device<const T>(),
                  wanted);

  tape_forward<T>({}, program, points, inputs.template on_host<const T>().data(), outputs.template on_host<T>().data());
  auto wanted_here = adjoints.template on_host<T>();
  wanted_here[1].data = nullptr;
  tape_reverse<T>({}, program, points, inputs.template on_host<const T>().data(),
                  cotangents.template on_host<const T>().data(), wanted_here.data());
  EXPECT_LE(outputs.worst(device), tape_roundings);
  EXPECT_LE(adjoints.worst(device), tape_roundings);  // the column that is not wanted stays as it was on both sides
}

TEST(DeviceTape, ForwardAndReverseAreTheHosts) {
  for (const std::int64_t points : device_tape_sizes) {
    compare_tapes<double>(points);
    compare_tapes<float>(points);
  }
}

template <class T>
void compare_residual(std::int64_t points, bool with_weights, bool with_adjoints) {
  const TapeProgram program = test::every_operation();
  test::OnDevice device;
  Columns<T> inputs(device, 3, points, 1), residuals(device, 3, points, 4), weights(device, 3, points, 7),
      adjoints(device, 3, points, 10);
  const DeviceTape<T, Space> tape(device.stream(), device.pool(), program, points, {true, true, true});
  using There = std::vector<Column<T>>;
  const auto sums = device.put(std::vector<double>{0.5, 0.25});
  tape.residual(device.stream(), points, inputs.template on_device<const T>(),
                with_weights ? weights.template on_device<const T>() : std::vector<Column<const T>>{}, 0.125,
                with_adjoints ? residuals.template on_device<T>() : There{},
                with_adjoints ? adjoints.template on_device<T>() : There{}, sums,
                with_weights ? weights.template on_device<const T>()[1] : Column<const T>{});
  double host_sums[2] = {0.5, 0.25};
  tape_residual<T>({}, program, points, inputs.template on_host<const T>().data(),
                   with_weights ? weights.template on_host<const T>().data() : nullptr, 0.125,
                   with_adjoints ? residuals.template on_host<T>().data() : nullptr,
                   with_adjoints ? adjoints.template on_host<T>().data() : nullptr, host_sums,
                   with_weights ? weights.template on_host<const T>()[1] : Column<const T>{});
  const std::vector<double> got = device.get(sums, 2);
  for (const int k : {0, 1}) {
    EXPECT_NEAR(got[static_cast<std::size_t>(k)], host_sums[k],
                tape_roundings * std::numeric_limits<T>::epsilon() * host_sums[k]);
  }
  EXPECT_LE(residuals.worst(device), tape_roundings);
  EXPECT_LE(adjoints.worst(device), 10 * tape_roundings);  // a residual of some 10 is another factor
}

TEST(DeviceTape, ResidualsSumsAndAdjointsAreTheHosts) {
  for (const std::int64_t points : device_tape_sizes) {
    for (const bool with_weights : {false, true}) {
      for (const bool with_adjoints : {false, true}) {
        compare_residual<double>(points, with_weights, with_adjoints);
        compare_residual<float>(points, with_weights, with_adjoints);
      }
    }
  }
}

// Fewer points than there is room for; the next call finds nothing of the one before.
TEST(DeviceTape, OneObjectServesEveryNumberOfPoints) {
  const TapeProgram program = test::every_operation();
  test::OnDevice device;
  Columns<double> inputs(device, 3, 300, 1), outputs(device, 3, 300, 4);
  const DeviceTape<double, Space> tape(device.stream(), device.pool(), program, 300, {});
  for (const std::int64_t points : {300, 17, 200}) {
    tape.forward(device.stream(), points, inputs.on_device<const double>(), outputs.on_device<double>());
    tape_forward<double>({}, program, points, inputs.on_host<const double>().data(), outputs.on_host<double>().data());
    EXPECT_LE(outputs.worst(device), tape_roundings) << points;
  }
}

}  // namespace
}  // namespace jetpinn
