// A rank whose engine fails ends what all ranks are in the middle of, and nothing else.
#include "jetpinn/train/distributed_linearization.hpp"

#include "support/failing_engine.hpp"
#include "support/linearization_case.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::engine_of;
using test::EngineCase;
using test::expect_failure_everywhere;
using test::FailingEngine;
using test::linearization_case;
using test::Shared;
using test::world;

TEST(DistributedLinearization, OneRanksErrorEndsEveryOperationEverywhere) {
  const EngineCase problem = linearization_case(1);
  for (bool exact : {false, true}) {
    const auto jets = engine_of(problem, EngineKind::jets, exact ? Reproducibility::ranks : Reproducibility::run);
    FailingEngine failing(jets.get());
    Shared shared(problem, failing, exact);
    const auto linear = shared.objective.linearize(problem.parameters.data());
    std::vector<double> v(problem.parameters.size()), product(2 * v.size()),
        r(static_cast<std::size_t>(linear->local_residuals()));
    std::vector<double> rows(v.size());
    const std::vector<std::function<void()>> operations = {
        [&] { linear->residuals(r.data()); },
        [&] { linear->times(v.data(), r.data()); },
        [&] { linear->transposed(r.data(), product.data()); },
        [&] { linear->gauss_newton(v.data(), product.data()); },
        [&] { linear->term_gradients(product.data()); },
        [&] { linear->rows(0, 0, test::is_last_rank() ? 1 : 0, rows.data()); }};
    for (std::size_t o = 0; o < operations.size(); ++o) {
      failing.armed = true;
      expect_failure_everywhere(operations[o], "operation " + std::to_string(o));
      failing.armed = false;  // the next sum is as good as new
      EXPECT_NO_THROW(linear->residuals(r.data()));
    }
  }
}

// Means are taken while the linearisation is made: a rank that cannot leaves no other waiting for its share.
TEST(DistributedLinearization, OneRanksErrorEndsTheTakingOfMeansEverywhere) {
  const EngineCase problem = linearization_case(1);
  const PointSet points = test::rank_share(problem.points);
  for (bool exact : {false, true}) {
    const auto jets = engine_of(problem, EngineKind::jets, exact ? Reproducibility::ranks : Reproducibility::run);
    FailingEngine failing(jets.get());
    DistributedObjective objective(world(), failing, points, problem.network.parameters, 2, exact, 60, {}, {},
                                   {{1, {3, 0.5}}});
    expect_failure_everywhere([&] { objective.linearize(problem.parameters.data()); }, "means");
    EXPECT_NO_THROW(objective.linearize_points(problem.parameters.data())) << "which takes none";
    failing.armed = false;
    const auto linear = objective.linearize(problem.parameters.data());
    std::vector<double> r(static_cast<std::size_t>(linear->local_residuals()));
    EXPECT_GT(linear->residuals(r.data()), 0);
  }
}

// An objective without engine support says so on every rank, before anything is computed.
TEST(DistributedLinearization, AnEngineWithoutOneIsRefused) {
  const EngineCase problem = linearization_case(1);
  FailingEngine plain;
  Shared shared(problem, plain, false);
  EXPECT_THROW(shared.objective.linearize(problem.parameters.data()), Error);
}

}  // namespace
}  // namespace jetpinn
