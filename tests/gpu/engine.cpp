// The jets engine on a card against that of the host: every kind of network with plans that use channels in different ways.
// Another order of sums and other products, no other formula.
#include "jetpinn/engine/engine.hpp"

#include "jetpinn/base/exact_sum.hpp"

#include "support/engine_case.hpp"
#include "support/gpu.hpp"
#include "support/jacobian.hpp"
#include "support/network_cases.hpp"
#include "support/rank_share.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using test::EngineCase;

std::unique_ptr<Engine> engine(const EngineCase& problem, Precision precision, const std::string& device,
                               Reproducibility reproducibility = Reproducibility::run, std::int64_t chunk = 0) {
  EngineOptions options;
  options.device = device;
  options.precision = precision;
  options.reproducibility = reproducibility;
  options.chunk = chunk;
  return make_engine(options, problem.network, problem.terms);
}

class GpuEngine : public ::testing::TestWithParam<test::NamedText> {
 protected:
  void SetUp() override {
    JETPINN_NEEDS_A_CARD();
    problem_ = test::make_case(GetParam().text);
    parameters_ = test::perturbed(problem_);
  }

  static double epsilon(Precision precision) {
    return precision == Precision::fp64 ? std::numeric_limits<double>::epsilon()
                                        : double{std::numeric_limits<float>::epsilon()};
  }
  // Parameters that are off by their last bits, in both directions.
  std::vector<double> moved(Precision precision) const {
    std::vector<double> parameters = parameters_;
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] *= 1 + (i % 2 ? 4 : -4) * epsilon(precision);
    return parameters;
  }

  EngineCase problem_;
  std::vector<double> parameters_;
};

TEST_P(GpuEngine, LossAndGradientAreTheHosts) {
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    SCOPED_TRACE(to_string(precision));
    const auto host = engine(problem_, precision, "cpu"), card = engine(problem_, precision, "cuda");
    EXPECT_EQ(card->device(), "cuda");
    const auto expected = test::evaluate(*host, problem_, parameters_),
               actual = test::evaluate(*card, problem_, parameters_),
               beside = test::evaluate(*host, problem_, moved(precision));
    const double scale = test::sum_of_point_norms(*host, problem_.points, parameters_);
    EXPECT_GT(scale, 0);
    // 2000 epsilon, as on the emulated device (unit_engine), and what a few roundings of the parameters do: networks with
    // factors of their weights magnify those.
    const double bound = 2000 * epsilon(precision);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient),
              bound * scale + 16 * test::distance(beside.gradient, expected.gradient));
    const auto compare = [&](const auto& sums, const auto& right, const auto& off) {
      for (std::size_t t = 0; t < problem_.terms.size(); ++t)
        EXPECT_NEAR(sums[t], right[t], bound * right[t] + 16 * std::abs(off[t] - right[t]));
    };
    compare(actual.sums.weighted, expected.sums.weighted, beside.sums.weighted);
    compare(actual.sums.unweighted, expected.sums.unweighted, beside.sums.unweighted);
  }
}

TEST_P(GpuEngine, ResidualsAndProductsAreTheHosts) {
  const auto host = engine(problem_, Precision::fp64, "cpu"), card = engine(problem_, Precision::fp64, "cuda");
  const auto direction = test::direction_of(parameters_.size());
  constexpr double tolerance = 1e-11;  // of the engines' contract for fourth order
  for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
    const TermPoints& points = problem_.points.terms[t];
    const auto term = static_cast<int>(t);
    std::vector<double> expected(problem_.terms[t].residuals.size() * static_cast<std::size_t>(points.local_count)),
        actual(expected.size()), cotangents(expected.size());
    host->residuals(Stream{}, parameters_.data(), term, points, expected.data());
    card->residuals(Stream{}, parameters_.data(), term, points, actual.data());
    EXPECT_LE(test::distance(actual, expected), tolerance * test::norm(expected));
    for (std::size_t i = 0; i < cotangents.size(); ++i) cotangents[i] = std::cos(static_cast<double>(i));
    const auto gradient = test::transposed(*host, parameters_, term, points, cotangents),
               same = test::transposed(*card, parameters_, term, points, cotangents);
    EXPECT_LE(test::distance(same, gradient), 17 * tolerance * (test::norm(gradient) + 1e-16));
    expected = test::times(*host, parameters_, term, points, direction);
    actual = test::times(*card, parameters_, term, points, direction);
    EXPECT_LE(test::distance(actual, expected), 17 * tolerance * test::norm(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, GpuEngine, ::testing::ValuesIn(test::network_texts()),
                         [](const auto& info) { return info.param.name; });

// Of 3000 points: several blocks, a chunk that ends inside one, sums of many runs.
test::CaseText many_points() {
  test::CaseText text = test::plan_texts().front().text;
  text.network.hidden = {64, 64};
  text.points = 3000;
  return text;
}

TEST(GpuBits, AreTheSameInEveryEvaluation) {
  JETPINN_NEEDS_A_CARD();
  const EngineCase problem = test::make_case(many_points());
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    const auto first = engine(problem, precision, "cuda"), second = engine(problem, precision, "cuda");
    const auto once = test::evaluate(*first, problem, problem.parameters),
               again = test::evaluate(*first, problem, problem.parameters),
               other = test::evaluate(*second, problem, problem.parameters);
    EXPECT_EQ(once.gradient, again.gradient);
    EXPECT_EQ(once.gradient, other.gradient);
    EXPECT_EQ(once.sums.weighted, other.sums.weighted);
  }
}

// Level `ranks`: a rank's share of the blocks is added to the same integers in any order.
TEST(GpuBits, OfExactSumsDoNotDependOnTheRank) {
  JETPINN_NEEDS_A_CARD();
  const EngineCase problem = test::make_case(many_points());
  const auto entries = problem.network.parameters + 2 * static_cast<std::int64_t>(problem.terms.size());
  const auto whole = engine(problem, Precision::fp64, "cuda", Reproducibility::ranks, block_points);
  ExactSum all(entries), halves(entries);
  whole->loss_and_gradient_exact(Stream{}, problem.parameters.data(), problem.points, all);
  for (int half : {1, 0}) {
    const auto part = engine(problem, Precision::fp64, "cuda", Reproducibility::ranks, block_points);
    part->loss_and_gradient_exact(Stream{}, problem.parameters.data(), test::share_of(problem.points, half, 2), halves);
  }
  all.normalize();
  halves.normalize();
  for (std::int64_t i = 0; i < entries; ++i) EXPECT_EQ(all.value(i), halves.value(i)) << i;
}

}  // namespace
}  // namespace jetpinn
