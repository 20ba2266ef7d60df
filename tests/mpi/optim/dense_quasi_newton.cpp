// The matrix shared among ranks: the same bits as on one rank, in every step and in every item of the state.
#include "jetpinn/optim/dense_quasi_newton.hpp"

#include "support/functions.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

OptimizerOptions options_of(const std::string& kind) {
  OptimizerOptions options;
  options.kind = kind;
  return options;
}

// With fewer rows than ranks, and with rows that ranks cannot share alike.
TEST(DenseQuasiNewton, HasTheSameBitsOnAnyNumberOfRanks) {
  for (const char* kind : {"bfgs", "ssbroyden"})
    for (std::int64_t size : {2, 11, 70}) {
      DenseQuasiNewton shared(options_of(kind), size, &world()), alone(options_of(kind), size, nullptr);
      auto objective = testing::rosenbrock(size);
      std::vector<double> x(static_cast<std::size_t>(size), -0.9), y = x;
      for (int step = 0; step < 30; ++step) {
        for (DenseQuasiNewton* optimizer : {&shared, &alone}) {
          if (step == 12) optimizer->objective_changed();
          if (step == 20) optimizer->restart(0.5);
        }
        const StepReport a = shared.step(objective, x.data()), b = alone.step(objective, y.data());
        ASSERT_EQ(x, y) << kind << ", step " << step;
        ASSERT_EQ(a.loss, b.loss);
        ASSERT_EQ(a.gradient_norm, b.gradient_norm);
        ASSERT_EQ(a.finished, b.finished);
      }
      for (const auto& [name, value] : capture(shared.state())) {
        const StateValues whole = capture(alone.state());
        const auto* rows = std::get_if<ColumnValue>(&value);
        if (!rows) {
          EXPECT_EQ(value, whole.at(name)) << name;
          continue;
        }
        const RowRange own = share_rows(size, world().rank(), world().size());
        const std::int64_t stride = rows->rows / size, count = own.count() * stride;
        std::vector<double> mine(static_cast<std::size_t>(count)), theirs = mine;
        if (count == 0) continue;
        rows->read(own.begin * stride, count, mine.data());
        std::get<ColumnValue>(whole.at(name)).read(own.begin * stride, count, theirs.data());
        EXPECT_EQ(mine, theirs) << name;
      }
    }
}

// What the ranks of a run wrote goes on anywhere: here on one rank, from the rows that all have.
TEST(DenseQuasiNewton, GoesOnFromTheStateOfAnotherNumberOfRanks) {
  constexpr std::int64_t size = 9;
  DenseQuasiNewton alone(options_of("ssbroyden"), size, nullptr), shared(options_of("ssbroyden"), size, &world());
  auto objective = testing::rosenbrock(size);
  std::vector<double> x(size, -0.9);
  for (int step = 0; step < 8; ++step) alone.step(objective, x.data());
  restore(shared.state(), capture(alone.state()));
  std::vector<double> y = x;
  for (int step = 0; step < 8; ++step) {
    alone.step(objective, x.data());
    shared.step(objective, y.data());
    ASSERT_EQ(x, y) << step;
  }
}

}  // namespace
}  // namespace jetpinn
