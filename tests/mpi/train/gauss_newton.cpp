// What an optimiser is given is enough for a damped Gauss-Newton method: it sees an objective and nothing of engines, points
// or ranks.
#include "jetpinn/optim/optimizer.hpp"

#include "jetpinn/train/objective.hpp"
#include "support/engine_case.hpp"
#include "support/rank_share.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using Vector = std::vector<double>;

double product_of(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// (2 Jᵀ W J + damping) d = -gradient, by conjugate gradients. Every product counts as two evaluations: a sweep along a
// direction and one in reverse.
class GaussNewton {
 public:
  explicit GaussNewton(Objective& objective) : objective_(objective), size_(static_cast<std::size_t>(objective.size())) {}

  void step(Vector& parameters) {
    if (gradient_.empty()) loss_ = evaluate(parameters, gradient_);
    const Vector move = solve(parameters);
    Vector trial = parameters, trial_gradient;
    for (std::size_t i = 0; i < size_; ++i) trial[i] += move[i];
    const double trial_loss = evaluate(trial, trial_gradient);
    damping_ *= trial_loss < loss_ ? 1.0 / 5 : 4;
    if (!(trial_loss < loss_)) return;
    parameters = trial;
    gradient_ = trial_gradient;
    loss_ = trial_loss;
  }
  double loss() const { return loss_; }
  int evaluations() const { return evaluations_; }

 private:
  double evaluate(const Vector& parameters, Vector& gradient) {
    gradient.resize(size_);
    ++evaluations_;
    return objective_.evaluate(parameters.data(), gradient.data()).loss;
  }

  Vector solve(const Vector& parameters) {
    const std::unique_ptr<ObjectiveLinearization> linear = objective_.linearize(parameters.data());
    Vector d(size_), rest(size_), along(size_), product(size_);
    for (std::size_t i = 0; i < size_; ++i) along[i] = rest[i] = -gradient_[i];
    double square = product_of(rest, rest);
    const double enough = 1e-16 * square;
    for (std::size_t k = 0; k < size_ && square > enough; ++k) {
      linear->gauss_newton(along.data(), product.data());
      evaluations_ += 2;
      for (std::size_t i = 0; i < size_; ++i) product[i] = 2 * product[i] + damping_ * along[i];
      const double length = square / product_of(along, product), before = square;
      for (std::size_t i = 0; i < size_; ++i) {
        d[i] += length * along[i];
        rest[i] -= length * product[i];
      }
      square = product_of(rest, rest);
      for (std::size_t i = 0; i < size_; ++i) along[i] = rest[i] + square / before * along[i];
    }
    return d;
  }

  Objective& objective_;
  const std::size_t size_;
  Vector gradient_;
  double loss_ = 0, damping_ = 0.01;
  int evaluations_ = 0;
};

// u'' = -pi^2 sin(pi x) with u = 0 at both ends, by a transform.
test::EngineCase poisson(std::vector<std::int64_t> hidden = {8}) {
  test::CaseText text;
  text.coordinates = {"x"};
  text.terms = {{"u_xx + pi^2*sin(pi*x)"}};
  text.output = {{"u", "x*(1 - x)*u"}};
  text.network.hidden = std::move(hidden);
  text.points = 3 * block_points + 17;
  return test::make_case(text);
}

TEST(GaussNewton, GetsFarBelowAdamInAsManyEvaluations) {
  const test::EngineCase problem = poisson();
  const PointSet points = test::rank_share(problem.points);
  for (const bool exact : {false, true}) {
    EngineOptions options;
    options.reproducibility = exact ? Reproducibility::ranks : Reproducibility::run;
    const auto engine = make_engine(options, problem.network, problem.terms);
    DistributedObjective objective(test::world(), *engine, points, problem.network.parameters, 1, exact, 60, {});
    GaussNewton newton(objective);
    Vector parameters = problem.parameters;
    for (int step = 0; step < 40; ++step) newton.step(parameters);

    OptimizerOptions adam_options;
    adam_options.learning_rate.start = 1e-2;
    const auto adam = make_optimizer(adam_options, ParameterLayout::of_size(objective.size()), newton.evaluations());
    Vector other = problem.parameters;
    StepReport report;
    for (int step = 0; step < newton.evaluations(); ++step) report = adam->step(objective, other.data());
    EXPECT_LT(newton.loss(), 1e-3 * report.loss) << newton.evaluations() << " evaluations";
  }
}

// Fewer parameters than residuals, and more.
TEST(NaturalGradient, EndsInTheSameBitsWhoeverHoldsThePointsAtLevelRanks) {
  for (const std::vector<std::int64_t>& hidden : {std::vector<std::int64_t>{8}, {30, 30}}) {
    const test::EngineCase problem = poisson(hidden);
    EngineOptions options;
    options.reproducibility = Reproducibility::ranks;
    const auto engine = make_engine(options, problem.network, problem.terms);
    const auto train = [&](const PointSet& points) {
      DistributedObjective objective(test::world(), *engine, points, problem.network.parameters, 1, true, 60, {});
      OptimizerOptions ngd;
      ngd.kind = "ngd";
      const auto optimizer = make_optimizer(ngd, ParameterLayout::of_size(objective.size()), 4, nullptr, &test::world());
      Vector parameters = problem.parameters, gradient(parameters.size());
      const double first = objective.evaluate(parameters.data(), gradient.data()).loss;
      StepReport report;
      for (int step = 0; step < 4; ++step) report = optimizer->step(objective, parameters.data());
      EXPECT_LT(report.loss, 1e-2 * first) << hidden.size() << " hidden layers";
      return parameters;
    };
    const Vector shared = train(test::rank_share(problem.points)), alone = train(test::all_on_root(problem.points));
    EXPECT_EQ(shared, alone) << hidden.size() << " hidden layers";
  }
}

}  // namespace
}  // namespace jetpinn
