#include "support/audit_case.hpp"

#include "jetpinn/audit/initial_scales.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::source;
using testing::term;
using testing::weighted;

AuditCase heat_of(const std::string& equation, const std::vector<std::string>& weight = {}) {
  return AuditCase({weighted(term("heat", equation), weight), term("start", "u - sin(pi*x)", "t == 0"),
                    term("walls", "u", "x == -1 || x == 1")});
}

TEST(AuditScales, AnEquationInOtherUnitsThanItsConditions) {
  const std::string sentence = heat_of("1e6*u_t - 1e6*u_xx").sentence("scale");
  EXPECT_NE(sentence.find("'heat' (problem.equations.0.residual)"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("divide the residual of 'heat' by"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("or let problem.equations.0.weight ="), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("problem.scales = \"auto\""), std::string::npos) << sentence;
  AuditCase scaled = heat_of("1e6*u_t - 1e6*u_xx");
  scaled.problem.scales.automatic = true;
  EXPECT_TRUE(scaled.silent());
  scaled.problem.scales.values["u"] = source("1 mK");  // a unit too small: conditions ask for 1
  const std::string mistyped = scaled.sentence("scale");
  EXPECT_NE(mistyped.find("what conditions ask of u lies in"), std::string::npos) << mistyped;
  EXPECT_NE(mistyped.find("give u a scale of its size in problem.scales"), std::string::npos) << mistyped;
  EXPECT_EQ(mistyped.find("network.output"), std::string::npos) << mistyped;
  EXPECT_TRUE(heat_of("100*u_t - 100*u_xx").silent());
  EXPECT_TRUE(heat_of("1e6*u_t - 1e6*u_xx", {"1e-12"}).silent());
}

TEST(AuditScales, AConditionTooSmallIsRaised) {
  AuditCase faint({term("heat", "u_t - u_xx"), term("start", "u - sin(pi*x)", "t == 0"),
                   weighted(term("walls", "u", "x == -1 || x == 1"), {"1e-9"})});
  const std::string sentence = faint.sentence("scale");
  EXPECT_NE(sentence.find("multiply the residual of 'walls' by"), std::string::npos) << sentence;
}

TEST(AuditScales, ConditionsThatATransformMeetsAreNotSmall) {
  AuditCase held = heat_of("u_t - u_xx");
  held.output("u", "sin(pi*x) + t*sin(pi*x)*u");
  EXPECT_TRUE(held.silent());
}

TEST(AuditScales, PartsThatRoundingSwallows) {
  EXPECT_NE(heat_of("u_t - 1e-12*u_xx").sentence("scale").find("scales differ within 'heat'"), std::string::npos);
  EXPECT_TRUE(heat_of("u_t + u*u_x - 1e-4*u_xx").silent());
}

// sin(pi*x) is 1e-16 at the walls, not zero, and no unit of measure mends that.
TEST(AuditScales, ASourceThatVanishesButForRoundingIsNoScale) {
  const auto walls = [](const std::string& residual) {
    return AuditCase({term("heat", "u_t - u_xx"), term("start", "u - sin(pi*x)", "t == 0"),
                      term("walls", residual, "x == -1 || x == 1")});
  };
  EXPECT_TRUE(walls("u - t*sin(pi*x)").silent());
  EXPECT_NE(walls("u - 1e-16*t").sentence("scale").find("scales differ within 'walls'"), std::string::npos);
}

TEST(AuditScales, AReferenceFarFromTheNetwork) {
  AuditCase hot = heat_of("u_t - u_xx");
  hot.reference.ranges = {{0, 290, 310}};
  EXPECT_NE(hot.sentence("scale").find("network.output = { u = \"300 + 10*u\" }"), std::string::npos)
      << hot.sentence("scale");
  hot.reference.ranges = {{0, -1e-4, 1e-4}};
  EXPECT_NE(hot.sentence("scale").find("network.output = { u = \"0.0001*u\" }"), std::string::npos);
  hot.reference.ranges = {{0, -5, 5}};
  EXPECT_TRUE(hot.silent());
}

TEST(AuditScales, WithoutAReferenceConditionsTellTheSize) {
  AuditCase hot({term("heat", "u_t - u_xx"), term("start", "u - 300 - 20*x", "t == 0")});
  const Warnings warnings = hot.warnings("scale");
  ASSERT_FALSE(warnings.empty());
  EXPECT_NE(warnings[0].text.find("what conditions ask of u lies in [28"), std::string::npos) << warnings[0].text;
  hot.output("u", "300 + 20*u");
  EXPECT_TRUE(hot.silent());
  EXPECT_TRUE(AuditCase({term("heat", "u_t - u_xx - 1"), term("start", "u - 1e-5", "t == 0")}).silent());
}

// What a network of another run has learned already is not asked of it again.
TEST(AuditScales, TheNetworkThatTrainingBeginsWithIsJudged) {
  AuditCase hot = heat_of("u_t - u_xx");
  hot.reference.ranges = {{0, 290, 310}};
  EXPECT_FALSE(hot.sentence("scale").empty());
  hot.begin_with(300);
  EXPECT_TRUE(hot.silent());
  hot.reference.ranges = {{0, -1, 1}};
  EXPECT_NE(hot.sentence("scale").find("the initial network's output in [300, 300]"), std::string::npos);
  hot.start.clear();   // its folder is gone
  EXPECT_TRUE(hot.silent());
}

// The walls are met to 1e-6 and what the start asks for is not: no units are to blame.
TEST(AuditScales, ATermThatATrainedNetworkMeetsIsNotSmall) {
  const auto warm = [](const std::string& equation) {
    return AuditCase({term("heat", equation), term("start", "u - 0.5 - sin(pi*x)", "t == 0"),
                      term("walls", "u - 0.5", "x == -1 || x == 1")});
  };
  AuditCase trained = warm("u_t - u_xx");
  trained.begin_with(0.500001);
  EXPECT_TRUE(trained.silent());
  AuditCase units = warm("1e6*u_t - 1e6*u_xx + 1e6");
  EXPECT_FALSE(units.of_kind("scale").empty());
  units.begin_with(0.500001);
  EXPECT_FALSE(units.of_kind("scale").empty());
}

TEST(InitialScales, AreThoseOfTheResidualsAndTheirParts) {
  const AuditCase plain({term("heat", "2*u_t - 3*u_xx - 4"), weighted(term("start", "u - 5", "t == 0"), {"x^2"})});
  const Assembly assembly = assemble(build_problem(plain.problem), plain.network, plain.sampling, 0, 1);
  const InitialScales scales = initial_scales({assembly, plain.network, plain.training, {}});
  ASSERT_EQ(scales.residuals.size(), 2u);
  ASSERT_EQ(scales.residuals[0].parts.size(), 3u);
  double largest = 0;
  for (const PartScale& part : scales.residuals[0].parts) {
    const bool constant = scales.graph.is_constant(part.part);
    if (constant) {
      EXPECT_NEAR(part.mean_square, 16, 1e-12);
    }
    largest = std::max(largest, part.mean_square);
  }
  EXPECT_LE(std::sqrt(scales.residuals[0].unweighted), 3 * std::sqrt(largest));
  EXPECT_EQ(scales.residuals[0].weighted, scales.residuals[0].unweighted);
  EXPECT_LT(scales.residuals[1].weighted, 0.6 * scales.residuals[1].unweighted);   // the mean of x^2 is a third
  EXPECT_GT(scales.residuals[1].weighted, 0.2 * scales.residuals[1].unweighted);
  EXPECT_LT(scales.fields[0].low, scales.fields[0].high);
}

TEST(InitialScales, AreThoseOfTheNetworkThatTrainingBeginsWith) {
  AuditCase constant({term("heat", "2*u_t - 3*u_xx - 4"), term("start", "u - 5", "t == 0")});
  constant.begin_with(2);
  const Assembly assembly = constant.assembly();
  const InitialScales scales = initial_scales({assembly, constant.network, constant.training, {}, constant.start});
  EXPECT_DOUBLE_EQ(scales.residuals[0].unweighted, 16);
  EXPECT_DOUBLE_EQ(scales.residuals[1].unweighted, 9);
  EXPECT_EQ(scales.fields[0].low, 2);
  EXPECT_EQ(scales.fields[0].high, 2);
}

TEST(InitialScales, TheSummandsOfALaplacianAreOnePart) {
  const AuditCase plain({term("poisson", "d(u, t, t) + u_xx + 1"), term("start", "u", "t == 0")});
  const Assembly assembly = assemble(build_problem(plain.problem), plain.network, plain.sampling, 0, 1);
  EXPECT_EQ(initial_scales({assembly, plain.network, plain.training, {}}).residuals[0].parts.size(), 2u);
}

}  // namespace
}  // namespace jetpinn
