#include "jetpinn/train/not_finite.hpp"

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/problem_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

namespace jetpinn {
namespace {

using testing::problem_of, testing::term;

class NotFiniteTest : public ::testing::Test {
 protected:
  void build(const std::vector<TermText>& terms, Activation activation = Activation::tanh) {
    NetworkOptions network;
    network.hidden = {6, 5};
    network.activation = activation;
    SamplingOptions sampling;
    sampling.points = {{"heat", 1300}};
    assembly_ = assemble(problem_of(terms, "", transform_), network, sampling, 1, 1);
    parameters_.resize(static_cast<std::size_t>(assembly_.network.parameters));
    initialize(assembly_.network, 1, parameters_.data());
    points_ = make_points(assembly_, 0, 0);
  }

  NotFinite diagnose(Precision precision = Precision::fp64, EngineKind kind = EngineKind::jets,
                     Reproducibility level = Reproducibility::run) {
    EngineOptions options;
    options.kind = kind;
    options.precision = precision;
    const auto engine = make_engine(options, assembly_.network, assembly_.terms);
    return diagnose_not_finite(test::world(), *engine, assembly_, points_, parameters_, folder_.path(), level);
  }

  // Multiplies the weights of a layer (1-based).
  void scale_layer(std::size_t layer, double factor) {
    const ParameterBlock& weight = *blocks_named(assembly_.network, "weight")[layer - 1];
    for (std::int64_t i = 0; i < weight.size(); ++i) parameters_[static_cast<std::size_t>(weight.offset + i)] *= factor;
  }

  void expect_words(const NotFinite& found, const std::vector<std::string>& words) {
    for (const std::string& word : words)
      EXPECT_NE(found.sentence.find(word), std::string::npos) << word << "\nis not in: " << found.sentence;
  }

  testing::TemporaryFolder folder_;
  std::string transform_;   // of u, for build()
  Assembly assembly_;
  std::vector<double> parameters_;
  PointSet points_;
};

// log(t - 0.5) is not finite before t = 0.5: the table holds exactly those points, in their order.
TEST_F(NotFiniteTest, NamesTheTermAndSavesItsPoints) {
  build({term("heat", "u_t - u_xx + log(t - 0.5)"), term("initial", "u", "t == 0")});
  const NotFinite found = diagnose();
  std::vector<double> expected[2];
  const TermPoints& heat = points_.terms[0];
  for (std::int64_t i = 0; i < heat.local_count; ++i)
    if (heat.coordinate(0)[i] <= 0.5)
      expected[0].push_back(heat.coordinate(0)[i]), expected[1].push_back(heat.coordinate(1)[i]);
  EXPECT_EQ(found.terms, std::vector<std::string>{"heat"});
  EXPECT_EQ(found.points, static_cast<std::int64_t>(expected[0].size()));
  EXPECT_EQ(found.layer, "the residual");
  EXPECT_EQ(found.table, folder_.file("not-finite-heat.h5"));
  expect_words(found, {"term heat at " + std::to_string(found.points) + " of 1300 points", found.table, "first at t = 0",
                       "where log(t - 0.5) is not a number: t - 0.5 = -0."});
  const PointTable table = read_point_table(found.table, {"t", "x"});
  EXPECT_EQ(table.columns[0], expected[0]);
  EXPECT_EQ(table.columns[1], expected[1]);
  PointTableReader(found.table, {"residual0"});
}

// On the face x = -1, whose normal points the other way, log(n_x) has no value.
TEST_F(NotFiniteTest, ReadsThePlacesOfThePoints) {
  build({term("heat", "u_t - u_xx"), term("walls", "dn(u) + u*log(n_x) + sdf", "x == -1 || x == 1")});
  const NotFinite found = diagnose();
  EXPECT_EQ(found.terms, std::vector<std::string>{"walls"});
  EXPECT_EQ(found.points, 50);
  EXPECT_EQ(found.layer, "the residual");
  expect_words(found, {"x = -1", "log(n_x) is not a number: n_x = -1"});
}

TEST_F(NotFiniteTest, NamesTheLayerWhereTheNetworkOverflows) {
  for (std::size_t layer : {1u, 2u, 3u}) {
    build({term("heat", "u_t - u_xx")}, Activation::softplus);   // does not saturate
    scale_layer(layer, 1e300);
    if (layer < 3) scale_layer(layer + 1, 1e300);
    const NotFinite found = diagnose();
    // A layer holds 1e300 still, the sums of the next one are beyond; of the output layer it is the loss.
    EXPECT_EQ(found.layer, layer == 3 ? "its square" : layer == 2 ? "the output layer" : "layer 2 of 3") << found.sentence;
  }
}

TEST_F(NotFiniteTest, LooksAtTheNetworkInTheEnginesArithmetic) {
  build({term("heat", "u_t")}, Activation::softplus);
  scale_layer(1, 1e30), scale_layer(2, 1e30);
  const NotFinite found = diagnose(Precision::fp32);
  EXPECT_EQ(found.layer, "layer 2 of 3");
  expect_words(found, {"in fp32 from layer 2 of 3"});
}

TEST_F(NotFiniteTest, NamesParametersThatAreNotFinite) {
  build({term("heat", "u_t - u_xx")});
  parameters_[static_cast<std::size_t>(blocks_named(assembly_.network, "bias")[1]->offset)] =
      std::numeric_limits<double>::quiet_NaN();
  const NotFinite found = diagnose();
  EXPECT_EQ(found.layer, "the parameters of layer 2 of 3");
  EXPECT_EQ(found.points, 1300);
  expect_words(found, {"at 1300 of 1300 points", "because the parameters of layer 2 of 3 are not finite"});
  EXPECT_EQ(read_point_table(found.table, {"t", "x"}).rows(), not_finite_points_saved);
}

// A residual of 1e200 is a number, its square is none.
TEST_F(NotFiniteTest, SeesSquaresThatOverflow) {
  build({term("heat", "1e200*step(x) + u_t")});
  const NotFinite found = diagnose();
  EXPECT_EQ(found.layer, "its square");
  std::int64_t expected = 0;
  for (std::int64_t i = 0; i < points_.terms[0].local_count; ++i) expected += points_.terms[0].coordinate(1)[i] > 0;
  EXPECT_EQ(found.points, expected);
  EXPECT_EQ(read_point_table(found.table, {"x", "residual0"}).rows(), expected);
}

// sqrt(0) is 0, its slope is not finite: the residual looks sound.
TEST_F(NotFiniteTest, SeesDerivativesThatAreNotFinite) {
  for (const EngineKind kind : {EngineKind::jets, EngineKind::reference}) {
    build({term("heat", "u_t"), term("walls", "1 + sqrt((1 - x)*u*(1 + x))", "x == -1 || x == 1")});
    const NotFinite found = diagnose(Precision::fp64, kind);
    EXPECT_EQ(found.terms, std::vector<std::string>{"walls"}) << found.sentence;
    EXPECT_EQ(found.layer, "the derivative of the residual");
    EXPECT_EQ(found.points, assembly_.counts[1]);
    expect_words(found, {"the derivative of sqrt(", "is not finite: ", " = 0"});
  }
}

TEST_F(NotFiniteTest, TermsThatFailAlikeShareOneEnding) {
  build({term("heat", "u_t + log(-t)"), term("initial", "u", "t == 0"), term("walls", "u + log(-t)", "x == 1 && t > 0")});
  parameters_[0] = std::numeric_limits<double>::quiet_NaN();
  const NotFinite found = diagnose();
  EXPECT_EQ(found.terms, (std::vector<std::string>{"heat", "initial", "walls"}));
  EXPECT_EQ(found.sentence.find("because"), found.sentence.rfind("because")) << found.sentence;
}

TEST_F(NotFiniteTest, TermsThatFailApartAreToldApart) {
  build({term("heat", "u_t + log(-t)"), term("initial", "u", "t == 0"), term("walls", "u + log(x - 3)", "x == 1")});
  const NotFinite found = diagnose();
  EXPECT_EQ(found.terms, (std::vector<std::string>{"heat", "walls"}));
  EXPECT_EQ(found.points, 1400);
  expect_words(found, {"where log(-t) is not a number: -t = -0.", "where log(x - 3) is not a number: x - 3 = -2"});
  EXPECT_TRUE(std::filesystem::exists(folder_.file("not-finite-walls.h5")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("not-finite-initial.h5")));
}

// The branch that `where` does not take has no value at half of the points: the processor's exceptions are raised there
// (which is why none of them is trapped), the loss is sound.
TEST_F(NotFiniteTest, SaysNothingOfABranchThatIsNotTaken) {
  build({term("heat", "u_t - where(x > 0, log(x) + x^2.5, 0)")});
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    const NotFinite found = diagnose(precision);
    EXPECT_TRUE(found.terms.empty()) << found.sentence;
  }
}

// At level `ranks` a loss of 1e20 is as good as infinite. The message of one level is not given at another.
TEST_F(NotFiniteTest, SaysWhenOnlyASumIsTooLarge) {
  build({term("heat", "1e10 + u_t"), term("initial", "u", "t == 0")});
  const NotFinite ranks = diagnose(Precision::fp64, EngineKind::jets, Reproducibility::ranks);
  EXPECT_EQ(ranks.terms, std::vector<std::string>{"heat"});
  EXPECT_EQ(ranks.points, 0);
  expect_words(ranks, {"term heat", "2^55", "\"ranks\"", "loss 1e+20"});
  EXPECT_NE(ranks.mend.find("scaled"), std::string::npos) << ranks.mend;
  EXPECT_NE(ranks.mend.find("\"run\""), std::string::npos) << ranks.mend;
  build({term("heat", "1e150*u_t"), term("initial", "u", "t == 0")});
  for (const Reproducibility level : {Reproducibility::run, Reproducibility::fast}) {
    const NotFinite run = diagnose(Precision::fp64, EngineKind::jets, level);
    EXPECT_EQ(run.terms, std::vector<std::string>{"heat"}) << run.sentence;
    EXPECT_EQ(run.sentence.find("2^55"), std::string::npos) << run.sentence;
    expect_words(run, {"square of the gradient", "overflows"});
  }
  build({term("heat", "u_t")});
  EXPECT_TRUE(diagnose(Precision::fp64, EngineKind::jets, Reproducibility::ranks).terms.empty());
}

// The equation's own coefficient is infinite, alone or folded into a channel with others: the network is sound.
TEST_F(NotFiniteTest, NamesACoefficientAndNotTheNetwork) {
  for (const std::string equation : {"u_t - u_x/t", "u_t - u_xx - u_x/t", "u_t - (u_xx/t^2 + t*u_tt + u_x/t)"}) {
    for (const EngineKind kind : {EngineKind::jets, EngineKind::reference}) {
      build({term("heat", "u_t - u_xx"), term("axis", equation, "t == 0")});
      const NotFinite found = diagnose(Precision::fp64, kind);
      EXPECT_EQ(found.terms, std::vector<std::string>{"axis"}) << found.sentence;
      EXPECT_EQ(found.layer, "the residual") << found.sentence;
      expect_words(found, {"divides by zero: ", " = 0"});
      EXPECT_EQ(found.mend.find("multiply the residual by t"), 0u) << found.mend;
    }
  }
}

TEST_F(NotFiniteTest, NamesTheArgumentThatTheNetworkGives) {
  build({term("heat", "u_t + (u - 3)^1.5")});
  const NotFinite found = diagnose();
  EXPECT_EQ(found.points, 1300);
  const std::size_t at = found.sentence.find("where (u - 3)^1.5 is not a number: u - 3 = ");
  ASSERT_NE(at, std::string::npos) << found.sentence;
  // Its value is the one that the engine has at the first point.
  const double argument = std::stod(found.sentence.substr(found.sentence.rfind(" = ") + 3));
  TermPoints first = points_.terms[0];
  first.local_count = 1, first.blocks = {{0, 1}};
  first.coordinates = {points_.terms[0].coordinate(0)[0], points_.terms[0].coordinate(1)[0]};
  double u = 0;
  make_engine({}, assembly_.network, {assembly_.fields})->residuals(Stream{}, parameters_.data(), 0, first, &u);
  EXPECT_NEAR(argument, u - 3, 1e-5);
}

// fp64 has a value there, fp32 none.
TEST_F(NotFiniteTest, SaysWhenOnlyFp32Overflows) {
  build({term("heat", "u_t + exp(200 + 0*u)*1e-60*u")});
  EXPECT_TRUE(diagnose().terms.empty());
  build({term("heat", "u_t + exp(100 + u)*1e-20")});
  const NotFinite found = diagnose(Precision::fp32);
  EXPECT_EQ(found.points, 1300);
  expect_words(found, {"exp(u + 100) overflows in fp32, whose largest number is 3.4e38: u + 100 = "});
  EXPECT_NE(found.mend.find("scaled"), std::string::npos);
}

// What the user wrote is shown, and the transform only where it is to blame itself.
TEST_F(NotFiniteTest, ShowsWhatWasWrittenBehindAnOutputTransform) {
  transform_ = "u - 5";
  build({term("heat", "u_t + sqrt(u)")});
  expect_words(diagnose(), {"where sqrt(u) is not a number: u = -"});
  transform_ = "log(u - 5)";
  build({term("heat", "u_t + u")});
  expect_words(diagnose(), {"where log(u - 5) is not a number: u - 5 = -", "network.output.u, where u is the raw output"});
}

TEST_F(NotFiniteTest, AFolderThatIsGoneDoesNotHideTheError) {
  build({term("heat", "u_t + log(-t)")});
  std::filesystem::remove_all(folder_.path());
  const NotFinite found = diagnose();
  EXPECT_EQ(found.points, 1300);
  EXPECT_EQ(found.table, "");
  expect_words(found, {"term heat at 1300 of 1300 points", "not saved"});
}

TEST(NotFiniteMessage, EndsWithWhatToChange) {
  NotFinite found;
  found.sentence = "it is so";
  EXPECT_EQ(not_finite_message(found, 7, 1, true),
            "loss or gradient not finite at step 7: it is so; lower training.stages.1.learning_rate, or look for a division "
            "by zero or a logarithm in the residuals");
  found.mend = "write 2*u";
  EXPECT_EQ(not_finite_message(found, 7, 1, false), "loss or gradient not finite at step 7: it is so; write 2*u");
  EXPECT_EQ(not_finite_message(found, 7, 1, true),
            "loss or gradient not finite at step 7: it is so; write 2*u; a lower training.stages.1.learning_rate may keep "
            "the run from there");
}

}  // namespace
}  // namespace jetpinn
