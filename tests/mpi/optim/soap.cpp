// The bases that rank 0 makes: the same steps and the same state as on one rank, bit for bit.
#include "jetpinn/optim/soap.hpp"

#include "support/functions.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace jetpinn {
namespace {

using test::world;

TEST(Soap, HasTheSameBitsOnAnyNumberOfRanks) {
  const ParameterLayout layout({{"first", 2, 9, 0}, {"bias", 1, 9, 18}, {"second", 9, 9, 27}});
  OptimizerOptions options;
  options.kind = "soap";
  options.learning_rate.start = 0.02;
  options.precondition_frequency = 3;
  Soap shared(options, layout, 100, &world()), alone(options, layout, 100, nullptr);
  auto objective = testing::rosenbrock(layout.size);
  std::vector<double> x(static_cast<std::size_t>(layout.size), -0.9), y = x;
  for (int step = 0; step < 30; ++step) {
    if (step == 20)
      for (Soap* optimizer : {&shared, &alone}) optimizer->restart(0.5);
    const StepReport a = shared.step(objective, x.data()), b = alone.step(objective, y.data());
    ASSERT_EQ(x, y) << "step " << step;
    ASSERT_EQ(a.loss, b.loss);
  }
  const StateValues whole = capture(alone.state());
  for (const auto& [name, value] : capture(shared.state())) EXPECT_EQ(value, whole.at(name)) << name;
}

}  // namespace
}  // namespace jetpinn
