#include "jetpinn/train/last_state.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

std::string numbered(std::size_t residual) { return "r" + std::to_string(residual); }

class LastState : public ::testing::Test {
 protected:
  LastState() {
    const ProblemText text =
        testing::text_of({testing::term("heat", "u_t - u_xx"), testing::term("initial", "3*(u - x)", "t == 0"),
                          testing::term("wall", "u", "x == 1")});
    NetworkOptions network;
    network.hidden = {6, 6};
    SamplingOptions sampling;
    sampling.points = {{"heat", 30}, {"initial", 10}, {"wall", 5}};
    Problem problem = build_problem(text);
    WindowOptions options;
    options.count = 2;
    windows_ = make_windows(problem, text, options);
    whole_ = assemble(std::move(problem), network, sampling, 0, 1);
  }

  PointTable state(const std::vector<double>& parameters) {
    const auto engine = make_engine({}, whole_.network, whole_.terms);
    return last_state(whole_, windows_, 1, 0.5, *engine, parameters.data(), numbered);
  }

  Assembly whole_;
  Windows windows_;
};

// A network whose weights are all zero is its last bias everywhere, up to the output's scale: 3*(u - x) differs between two
// points by -3 times what their x differ by.
TEST_F(LastState, IsTheConditionAtTheEdgeOfTheNetworkThatEndsThere) {
  const PointTable table = state(std::vector<double>(static_cast<std::size_t>(whole_.network.parameters)));
  EXPECT_EQ(table.names, (std::vector<std::string>{"t", "x", "r0"}));
  ASSERT_EQ(table.rows(), 10);
  const std::vector<double>&t = table.columns[0], &x = table.columns[1], &values = table.columns[2];
  for (std::size_t i = 0; i < t.size(); ++i) {
    EXPECT_EQ(t[i], 0.5);
    EXPECT_NEAR(values[i] - values[0], -3 * (x[i] - x[0]), 10 * 3 * std::numeric_limits<double>::epsilon());
  }
  EXPECT_NE(x[0], x[1]);
}

TEST_F(LastState, OfANetworkThatIsNotFiniteIsRefused) {
  std::vector<double> parameters(static_cast<std::size_t>(whole_.network.parameters));
  parameters.back() = std::numeric_limits<double>::quiet_NaN();
  testing::expect_error(Status::numerical, {"ends at t = 0.5 has no finite value", "residual 1 of 'initial' is nan"},
                        [&] { state(parameters); });
}

}  // namespace
}  // namespace jetpinn
