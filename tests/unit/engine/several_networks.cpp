// Several networks over one buffer: a term passes through those alone whose fields it reads.
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/engine.hpp"

#include "support/engine_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

NetworkOptions options(std::vector<std::int64_t> hidden) {
  NetworkOptions result;
  result.hidden = std::move(hidden);
  return result;
}

test::EngineCase two_networks(std::vector<std::vector<std::string>> terms) {
  test::CaseText text;
  text.fields = {"u", "p"};
  text.terms = std::move(terms);
  text.members = {{options({16, 16}), "flow", {0}}, {options({32, 32, 32}), "pressure", {1}}};
  return test::make_case(text);
}

const std::vector<std::string> of_u{"u_t + u*u_x - 0.1*u_xx"}, of_p{"p_xx - 1"};

std::int64_t first_of_pressure(const Network& network) {
  const auto begins = [](const NetworkPart& part) { return part.name.find("pressure") != std::string::npos; };
  return std::find_if(network.parts.begin(), network.parts.end(), begins)->begin;
}

// The same network alone, its parameters cut out of the others'.
double loss_alone(const test::EngineCase& both, std::vector<std::int64_t> hidden, const std::vector<std::string>& term,
                  std::int64_t first, std::vector<double>& gradient) {
  test::CaseText text;
  text.fields = {"u"};
  text.terms = {term};
  std::replace(text.terms[0][0].begin(), text.terms[0][0].end(), 'p', 'u');
  text.network = options(std::move(hidden));
  test::EngineCase alone = test::make_case(text);
  alone.points = both.points;
  const auto begin = both.parameters.begin() + first;
  const std::vector<double> own(begin, begin + alone.network.parameters);
  const auto result = test::evaluate(*make_engine({}, alone.network, alone.terms), alone, own);
  gradient = result.gradient;
  return result.loss;
}

TEST(SeveralNetworks, ATermOfOneGivesWhatThatOneAloneWould) {
  for (const bool flow : {true, false}) {
    const test::EngineCase both = two_networks({flow ? of_u : of_p});
    const std::int64_t pressure = first_of_pressure(both.network);
    const auto result = test::evaluate(*make_engine({}, both.network, both.terms), both, both.parameters);
    std::vector<double> alone;
    const double loss = flow ? loss_alone(both, {16, 16}, of_u, 0, alone)
                             : loss_alone(both, {32, 32, 32}, of_p, pressure, alone);
    EXPECT_NEAR(result.loss, loss, 1e-12 * loss);
    const std::int64_t begin = flow ? 0 : pressure;
    for (std::int64_t i = 0; i < both.network.parameters; ++i) {
      const std::int64_t own = i - begin;
      const bool inside = own >= 0 && own < static_cast<std::int64_t>(alone.size());
      const double expected = inside ? alone[static_cast<std::size_t>(own)] : 0;
      EXPECT_NEAR(result.gradient[static_cast<std::size_t>(i)], expected, 1e-12 * test::norm(alone)) << i;
    }
  }
}

TEST(SeveralNetworks, ATermCostsWhatItsNetworksCost) {
  const test::EngineCase both = two_networks({of_u, of_p, {"u - p"}});
  const CostModel cost = cost_model(both.network, both.terms);
  // 6 V P: P = 16 * 16 and 2 * 32 * 32 weights between hidden layers, V = 3, 3 and 1 channels
  EXPECT_EQ(cost.flop_per_point, (std::vector<double>{6 * 3 * 256.0, 6 * 3 * 2048.0, 6 * (256.0 + 2048.0)}));

  for (std::size_t t = 0; t < both.terms.size(); ++t) {
    const auto engine = make_engine({}, both.network, {both.terms[t]});
    test::EngineCase one = two_networks({});
    one.points.terms = {both.points.terms[t]};
    test::evaluate(*engine, one, both.parameters);
    EXPECT_EQ(engine->product_flop(), cost.flop_per_point[t] * 40) << t;
  }
}

TEST(SeveralNetworks, EntriesThatAreHandedOverEarlyAreFinal) {
  for (const std::vector<std::string>& last : {of_u, of_p, std::vector<std::string>{"u*p"}}) {
    const test::EngineCase both = two_networks({last});
    const auto engine = make_engine({}, both.network, both.terms);
    const auto expected = test::evaluate(*engine, both, both.parameters);
    std::vector<double> gradient(both.parameters.size());
    TermSums sums;
    std::int64_t final_from = both.network.parameters;
    engine->when_ready([&](std::int64_t first) {
      EXPECT_LE(first, final_from);
      for (std::int64_t i = first; i < final_from; ++i)
        EXPECT_EQ(gradient[static_cast<std::size_t>(i)], expected.gradient[static_cast<std::size_t>(i)]) << i;
      final_from = first;
    });
    engine->loss_and_gradient(Stream{}, both.parameters.data(), both.points, gradient.data(), sums);
    EXPECT_LT(final_from, both.network.parameters);
    EXPECT_EQ(gradient, expected.gradient);
  }
}

}  // namespace
}  // namespace jetpinn
