// Methods of single terms, nodes along axes and integrals: what a config says, and what is refused, with the place and
// words.
#include "jetpinn/config/config.hpp"
#include "jetpinn/problem/problem.hpp"
#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

const std::string nodes_everywhere = "sampling.method=gauss_legendre";

void refused_quadrature(const std::vector<std::string>& sets, const std::string& words) {
  const std::string message = message_of([&] { parse_config(small_config, "small.toml", sets); });
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(config_quadrature, points_are_a_number_or_nodes_along_axes) {
  const Config config = small({"sampling.methods.burgers=gauss_legendre", "sampling.points.burgers=[40, 30]",
                               "training.stages.0.sampling={ points = { burgers = 200 } }"});
  EXPECT_EQ(config.sampling.method, SamplingMethod::sobol);
  EXPECT_EQ(config.sampling.method_of("burgers"), SamplingMethod::gauss_legendre);
  EXPECT_EQ(config.sampling.method_of("initial"), SamplingMethod::sobol);
  EXPECT_EQ(config.sampling.points.at("burgers"), 1200);
  EXPECT_EQ(config.sampling.nodes.at("burgers"), (std::vector<std::int64_t>{40, 30}));
  const PointChoice stage = choice_of(config.sampling, 0);
  EXPECT_EQ(stage.points.at("burgers"), 200);
  EXPECT_TRUE(stage.nodes.empty()) << "the stage's number takes the place of the list";
  EXPECT_EQ(
      changes_text(small({nodes_everywhere, "training.stages.0.sampling={ points = { burgers = [9, 8] } }"}).sampling, 0),
      "points burgers 9 x 8");
  EXPECT_EQ(parse_config(config.resolved, "again.toml", {}).resolved, config.resolved);
}

TEST(config_quadrature, nodes_that_make_no_product) {
  refused_quadrature({"sampling.points.burgers=[40, 30]"},
                     "the points of 'burgers' are chosen by sobol: give one number, or say methods = { burgers = ");
  refused_quadrature({nodes_everywhere, "training.stages.0.sampling={ method = 'lhs', points = { burgers = [4, 3] } }"},
                     "the points of 'burgers' are chosen by lhs");
  refused_quadrature({nodes_everywhere, "sampling.points.burgers=[]"}, "'sampling.points.burgers' is empty");
  refused_quadrature({nodes_everywhere, "sampling.points.burgers=[4, 3, 2]"}, "this one has 3 for 2 coordinates");
  refused_quadrature({nodes_everywhere, "sampling.points.burgers=[4, 0]"}, "'sampling.points.burgers.1' is out of range");
  refused_quadrature({nodes_everywhere, "sampling.points.burgers=[1e9, 1e9]"}, "the product of these numbers of nodes is");
  refused_quadrature({nodes_everywhere, "sampling.points.burgers='4 x 3'"}, "must be a whole number 1 .. 1e+15, or a list");
  refused_quadrature({"sampling.methods.burger=gauss_legendre"}, "'burger' is not a term; did you mean 'burgers'?");
  refused_quadrature({"sampling.method=gauss_legnedre"}, "did you mean 'gauss_legendre'?");
  refused_quadrature({"monitors.0={ integral = 'u', points = [4, 3] }"}, "add method = \"gauss_legendre\"");
  refused_quadrature({"monitors.0={ integral = 'u', method = 'gauss_legendre', points = [1e5, 1e5] }"},
                     "the product of these numbers of nodes is above 1e+09, the most points of a monitor");
  EXPECT_EQ(
      small({"monitors.0={ integral = 'u', method = 'gauss_legendre', points = [4, 3] }"}).problem.monitors[0].options.nodes,
      (std::vector<std::int64_t>{4, 3}));
}

TEST(config_quadrature, what_has_no_weights) {
  refused_quadrature({nodes_everywhere, "sampling.resample_every=10"},
                     "the points of all terms are the same whenever they are made, so resampling changes nothing");
  EXPECT_NO_THROW(small({nodes_everywhere, "sampling.methods.initial=sobol", "sampling.resample_every=10"}));
  EXPECT_NO_THROW(small({"sampling.methods.initial=gauss_legendre", "sampling.resample_every=10"}));
  refused_quadrature({"problem.equations.0.reduction=integral_of_squares", "training.windows.count=2"},
                     "is over the whole domain, and training.windows cuts it");
  refused_quadrature({"problem.equations.0.reduction=integral_of_squares", "problem.equations.0.points=a.h5",
                      "sampling.points={ initial = 20 }"},
                     "needs a set with a measure, and rows of a table stand for none");
  refused_quadrature(
      {"sampling.methods.burgers=gauss_legendre", "problem.equations.0.points=a.h5", "sampling.points={ initial = 20 }"},
      "the points of 'burgers' are the rows of its table");
  EXPECT_TRUE(small({"problem.equations.0.reduction=integral_of_squares"}).problem.terms[0].integral);
}

}  // namespace
}  // namespace jetpinn
