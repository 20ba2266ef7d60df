#include "jetpinn/engine/window_engine.hpp"

#include "support/engine_case.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace jetpinn {
namespace {

class WindowEngines : public ::testing::Test {
 protected:
  // Two windows of three, of one network with parameters that differ.
  WindowEngines() {
    test::CaseText text;
    text.fields = {"u"};
    text.terms = {{"u_t + u*u_x", "u"}};
    case_ = test::make_case(text);
    windows_.coordinate = 0;
    windows_.edges = {0, 0.4, 10, 11};
    windows_.networks = {case_.network, case_.network};
    parameters_ = case_.parameters;
    for (const double parameter : case_.parameters) parameters_.push_back(1.5 * parameter);
  }

  std::vector<double> residuals(Engine& engine, const double* parameters) const {
    const TermPoints& points = case_.points.terms[0];
    std::vector<double> values(static_cast<std::size_t>(2 * points.local_count));
    engine.residuals(Stream{}, parameters, 0, points, values.data());
    return values;
  }

  test::EngineCase case_;
  NetworkWindows windows_;
  std::vector<double> parameters_;
};

TEST_F(WindowEngines, APlaceOnAnEdgeBelongsToTheWindowThatEndsThere) {
  EXPECT_EQ(windows_.window_of(-1), 0u);
  EXPECT_EQ(windows_.window_of(0.4), 0u);
  EXPECT_EQ(windows_.window_of(0.41), 1u);
  EXPECT_EQ(windows_.window_of(10), 1u);
  EXPECT_EQ(windows_.window_of(12), 2u);
}

TEST_F(WindowEngines, EachPointHasTheNetworkOfItsWindow) {
  TermPoints& points = case_.points.terms[0];
  const std::int64_t count = points.local_count;
  points.coordinates[0] = 0.4;
  points.coordinates[1] = 0.9;
  Network together = case_.network;
  together.windows = std::make_shared<const NetworkWindows>(windows_);
  const auto engine = make_engine({}, together, case_.terms), alone = make_engine({}, case_.network, case_.terms);
  const std::vector<double> all = residuals(*engine, parameters_.data()), first = residuals(*alone, parameters_.data()),
                            second = residuals(*alone, parameters_.data() + case_.network.parameters);
  std::int64_t of_second = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool later = points.coordinates[static_cast<std::size_t>(i)] > 0.4;
    of_second += later;
    for (std::int64_t k : {0, 1}) {
      const auto at = static_cast<std::size_t>(k * count + i);
      EXPECT_EQ(all[at], later ? second[at] : first[at]);
      EXPECT_NE(first[at], second[at]);
    }
  }
  EXPECT_TRUE(of_second > 0 && of_second < count);
}

TEST_F(WindowEngines, WhatIsNotTrainedIsRefused) {
  const auto engine = make_window_engine({}, windows_, case_.terms);
  case_.points.terms[0].coordinates[0] = 10.5;
  testing::expect_error(Status::usage, {"beyond 10, where window 2 begins, which is not trained yet"},
                        [&] { residuals(*engine, parameters_.data()); });
}

}  // namespace
}  // namespace jetpinn
