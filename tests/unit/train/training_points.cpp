#include "jetpinn/train/training_points.hpp"

#include "support/problem_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

Assembly assembly(std::int64_t resample_every) {
  NetworkOptions network;
  network.hidden = {6, 6};
  SamplingOptions sampling;
  sampling.points = {{"heat", 30}, {"initial", 10}};
  sampling.resample_every = resample_every;
  return assemble(testing::heat_problem(), network, sampling, 3, 1);
}

std::vector<double> coordinates(const PointSet& points) { return points.terms[0].coordinates; }

TEST(TrainingPoints, AreThoseOfTheirEpoch) {
  const Assembly problem = assembly(2);
  TrainingPoints points(problem, 0);
  points.draw();
  std::vector<bool> drawn;
  for (std::int64_t step = 0; step < 5; ++step) {
    drawn.push_back(points.resample_if_due(step));
    EXPECT_EQ(coordinates(points.set()), coordinates(make_points(problem, 0, static_cast<std::uint32_t>(step / 2)))) << step;
  }
  EXPECT_EQ(drawn, (std::vector<bool>{false, false, true, false, true}));
}

TEST(TrainingPoints, StayWhereNoIntervalIsSet) {
  const Assembly problem = assembly(0);
  TrainingPoints points(problem, 0);
  points.draw();
  for (std::int64_t step = 0; step < 100; ++step) EXPECT_FALSE(points.resample_if_due(step));
}

TEST(TrainingPoints, ACheckpointKeepsTheEpoch) {
  const Assembly problem = assembly(1);
  TrainingPoints before(problem, 0), after(problem, 0);
  before.draw();
  for (std::int64_t step = 1; step < 4; ++step) before.resample_if_due(step);
  restore(after.state(), capture(before.state()));
  after.draw();
  EXPECT_EQ(coordinates(after.set()), coordinates(before.set()));
  EXPECT_NE(coordinates(after.set()), coordinates(make_points(problem, 0, 0)));
}

}  // namespace
}  // namespace jetpinn
