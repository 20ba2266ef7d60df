// Points that are the nodes of a quadrature: losses, means and linearisations are the integrals that they stand for.
#include "jetpinn/train/term_points.hpp"

#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/term_measures.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::term;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double roundings = 100 * epsilon;  // of sums of some dozens of products, all below 1

// 3 x 4 nodes of the domain, 10 on each wall.
SamplingOptions nodes() {
  SamplingOptions sampling;
  sampling.method = SamplingMethod::gauss_legendre;
  sampling.nodes["heat"] = {3, 4};
  sampling.points["walls"] = 20;
  return sampling;
}

TermText squares() {
  TermText heat = term("heat", "u");
  heat.weight = {testing::source("1 + t")};
  return heat;
}

TermText mean() {
  TermText heat = term("heat", "u");
  heat.reduction = Reduction::square_of_mean;
  return heat;
}

// u = t x^2 where all parameters are zero: what networks add to it is zero there.
class KnownField {
 public:
  explicit KnownField(TermText heat, const SamplingOptions& sampling = nodes(), bool integral = false) {
    NetworkOptions network;
    network.hidden = {4, 5};
    TermText walls = term("walls", "u", "x == -1 || x == 1");
    heat.integral = walls.integral = integral;
    assembly_ = assemble(testing::problem_of({heat, walls}, "", "u + t*x^2"), network, sampling, 3, 1);
    points_ = make_points(assembly_, 0, 0);
    parameters_.resize(static_cast<std::size_t>(assembly_.network.parameters));
    EngineOptions options;
    options.product_backend = "libxsmm";
    engine_ = make_engine(options, assembly_.network, assembly_.terms);
  }

  Agreed evaluate(bool exact = false) {
    DistributedObjective objective(test::world(), *engine_, points_, assembly_.network.parameters, 2, exact, 60, {}, {},
                                   squared_means(assembly_));
    gradient.resize(parameters_.size());
    objective.evaluate(parameters_.data(), gradient.data());
    const auto linear = objective.linearize(parameters_.data());
    std::vector<double> residuals(static_cast<std::size_t>(linear->local_residuals())), each(2 * gradient.size());
    linearised_loss = linear->residuals(residuals.data());
    linear->term_gradients(each.data());
    linearised_gradient.resize(gradient.size());
    for (std::size_t p = 0; p < gradient.size(); ++p) linearised_gradient[p] = each[p] + each[gradient.size() + p];
    return objective.agreed();
  }

  const Assembly& assembly() const { return assembly_; }
  const PointSet& points() const { return points_; }

  std::vector<double> gradient, linearised_gradient;
  double linearised_loss = 0;

 private:
  Assembly assembly_;
  PointSet points_;
  std::vector<double> parameters_;
  std::unique_ptr<Engine> engine_;
};

void expect_linearised(const KnownField& field, const Agreed& agreed) {
  EXPECT_NEAR(field.linearised_loss, agreed.loss, roundings);
  double largest = 0;
  for (std::size_t p = 0; p < field.gradient.size(); ++p) {
    EXPECT_NEAR(field.linearised_gradient[p], field.gradient[p], roundings) << p;
    largest = std::max(largest, std::abs(field.gradient[p]));
  }
  EXPECT_GT(largest, 0.1);
}

// int (1 + t) t^2 x^4 / 2 = (1/3 + 1/4) / 5, on the walls int t^2 = 1/3; without the weight 1/15.
TEST(QuadratureOfTerms, LossesAreMeansOverTheDomain) {
  for (const bool exact : {false, true}) {
    KnownField field(squares());
    const Agreed agreed = field.evaluate(exact);
    EXPECT_NEAR(agreed.weighted[0], 7.0 / 60, roundings);
    EXPECT_NEAR(agreed.weighted[1], 1.0 / 3, roundings);
    EXPECT_NEAR(agreed.terms[0], 1.0 / 15, roundings) << "without the weight of the config, by quadrature still";
    EXPECT_NEAR(agreed.terms[1], 1.0 / 3, roundings);
    expect_linearised(field, agreed);
  }
}

TEST(QuadratureOfTerms, IntegralsHaveTheMeasureOfTheirSet) {
  KnownField by_nodes(squares(), nodes(), true);
  const Agreed agreed = by_nodes.evaluate();
  EXPECT_NEAR(agreed.weighted[0], 2 * 7.0 / 60, roundings);
  EXPECT_NEAR(agreed.weighted[1], 2 * 1.0 / 3, roundings);
  expect_linearised(by_nodes, agreed);

  // Sobol points: the mean of the squares times the area.
  SamplingOptions sobol;
  sobol.points = {{"heat", 300}, {"walls", 50}};
  const Agreed mean = KnownField(squares(), sobol).evaluate(), integral = KnownField(squares(), sobol, true).evaluate();
  for (std::size_t t : {0, 1}) EXPECT_NEAR(integral.weighted[t], 2 * mean.weighted[t], roundings);
  const PointSet independent = make_independent_points(KnownField(squares(), sobol, true).assembly(), 0);
  EXPECT_EQ(independent.terms[0].quadrature_at(7), 2);
}

// int t x^2 / 2 = 1/6
TEST(QuadratureOfTerms, SquaredMeansAreThoseOfIntegrals) {
  KnownField field(mean());
  const Agreed agreed = field.evaluate();
  EXPECT_NEAR(agreed.means.at(0), 1.0 / 6, roundings);
  EXPECT_NEAR(agreed.weighted[0], 1.0 / 36, roundings);
  expect_linearised(field, agreed);
}

TEST(QuadratureOfTerms, OtherPointsCountAlike) {
  const KnownField field(squares());
  EXPECT_EQ(field.points().terms[0].quadrature_columns, 1);
  EXPECT_EQ(point_columns(field.assembly(), 0), 4) << "two coordinates, the weight, that of the quadrature";
  EXPECT_EQ(make_independent_points(field.assembly(), 0).terms[0].quadrature_columns, 0);
  const auto looked_at = term_source(field.assembly(), 0, 0, 5);
  EXPECT_EQ(looked_at->count(), 5);
  EXPECT_FALSE(looked_at->columns().quadrature) << "some of the nodes would lie in a corner";

  SamplingOptions mixed = nodes();
  mixed.methods["walls"] = SamplingMethod::uniform;
  const PointSet points = KnownField(squares(), mixed).points();
  EXPECT_EQ(points.terms[0].quadrature_columns, 1);
  EXPECT_EQ(points.terms[1].quadrature_columns, 0);
}

// Averaged with their points over an epoch, batches are the whole.
TEST(QuadratureOfTerms, BatchesAddUpToTheMean) {
  SamplingOptions sampling = nodes();
  sampling.nodes["heat"] = {20, 30};
  const TermPoints all = KnownField(squares(), sampling).points().terms[0];
  double sum = 0;
  for (const std::vector<Block>& batch : {std::vector<Block>{{0, 256}, {512, 88}}, {{256, 256}}}) {
    const TermPoints part = points_of_blocks(all, batch);
    EXPECT_EQ(part.quadrature_columns, 1);
    sum += std::accumulate(part.quadrature.begin(), part.quadrature.end(), 0.0);
  }
  EXPECT_NEAR(sum, 600, 600 * roundings);
}

TEST(QuadratureOfTerms, AStageMayTakeOtherPoints) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 300}, {"walls", 50}};
  sampling.stages.resize(2);
  sampling.stages[1].method = SamplingMethod::gauss_legendre;
  sampling.stages[1].nodes["heat"] = {5, 6};
  sampling.stages[1].points["heat"] = 30;
  Assembly assembly = assemble(testing::problem_of({squares(), term("walls", "u", "x == 1")}), {}, sampling, 3, 1);
  EXPECT_EQ(make_points(assembly, 0, 0).terms[0].quadrature_columns, 0);
  EXPECT_EQ(point_columns(assembly, 0), 4) << "room for the stage that has most";
  EXPECT_TRUE(assembly.use_stage(1));
  EXPECT_EQ(assembly.counts, (std::vector<std::int64_t>{30, 50}));
  EXPECT_EQ(make_points(assembly, 0, 0).terms[1].quadrature_columns, 1);
}

TEST(QuadratureOfTerms, PointsThatFollowTheResidualAreRefused) {
  SamplingOptions sampling = nodes();
  sampling.adaptive.method = AdaptiveMethod::rad;
  expect_error(Status::usage, {"no term has points that could follow"}, [&] { KnownField(squares(), sampling); });
  sampling.adaptive.terms = {"heat"};
  expect_error(Status::usage, {"the points of 'heat' cannot follow its residual, for they are the nodes of a quadrature"},
               [&] { KnownField(squares(), sampling); });
}

TEST(QuadratureOfTerms, MessagesNameTheTerm) {
  SamplingOptions sampling = nodes();
  sampling.points["walls"] = 2;
  expect_error(Status::usage, {"term 'walls': gauss_legendre needs 2 points for two nodes along each axis here, and 1 are"},
               [&] { KnownField(squares(), sampling); });
  TermText corner = term("heat", "u", "x == 1 || t == 1 && x == 0");
  corner.integral = true;
  expect_error(Status::usage, {"term 'heat': reduction = \"integral_of_squares\" adds lengths to lengths"},
               [&] { assemble(testing::problem_of({corner}), {}, {}, 3, 1); });
}

TEST(TermMeasures, TellWhatTurnsAMeanIntoAnIntegral) {
  EXPECT_EQ(measure_sentences(KnownField(squares()).assembly()),
            (std::vector<std::string>{"heat 2, Gauss-Legendre nodes 3 x 4",
                                      "walls 2, Gauss-Legendre nodes 10 on each of 2 parts"}));
  const Assembly sobol = assemble(
      testing::problem_of({term("heat", "u"), term("disk", "u", "t^2 + x^2 < 1"), term("corner", "u", "t == 0 && x == 1")}),
      {}, {}, 3, 1);
  const std::vector<std::string> sentences = measure_sentences(sobol);
  ASSERT_EQ(sentences.size(), 2u) << "a point has no measure";
  EXPECT_EQ(sentences[0], "heat 2");
  EXPECT_EQ(sentences[1].rfind("disk about 1.5", 0), 0u) << sentences[1];
  EXPECT_NE(sentences[1].find(", in t 0 .. 1, x -1 .. 1, 2"), std::string::npos) << "1 - pi/4: " << sentences[1];
}

}  // namespace
}  // namespace jetpinn
