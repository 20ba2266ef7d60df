#include "jetpinn/expr/summands.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

class Summands : public ::testing::Test {
 protected:
  ExpressionGraph graph_;
  const NodeId u_ = graph_.field(0), v_ = graph_.field(1), w_ = graph_.field(2), x_ = graph_.coordinate(0);

  NodeId times(double factor, NodeId of) { return graph_.multiply(graph_.constant(factor), of); }
  // "2 u; -3 v"
  std::string of(NodeId root, Alternatives alternatives = Alternatives::whole) {
    std::string text;
    for (const Summand& summand : summands_of(graph_, root, alternatives))
      text += (text.empty() ? "" : "; ") + to_text(graph_, graph_.constant(summand.factor), {"x"}, {}) + " " +
              to_text(graph_, summand.node, {"x"}, {"u", "v", "w"});
    return text;
  }
};

TEST_F(Summands, SignsAndConstantFactorsAreDrivenIn) {
  EXPECT_EQ(of(u_), "1 u");
  const NodeId inner = graph_.subtract(u_, times(3, v_));
  EXPECT_EQ(of(inner), "1 u; -3 v");
  EXPECT_EQ(of(times(-2, inner)), "-2 u; 6 v");
  EXPECT_EQ(of(graph_.add(w_, times(0.5, graph_.add(times(4, inner), x_)))), "1 w; 0.5 x; 2 u; -6 v");
  EXPECT_EQ(of(graph_.multiply(u_, graph_.add(v_, w_))), "1 u*(v + w)");  // no constant
}

TEST_F(Summands, AlternativesAreWholeOrEntered) {
  const NodeId least = graph_.call("min", graph_.subtract(u_, v_), graph_.constant(0));
  EXPECT_EQ(of(times(3, least)), "3 min(u - v, 0)");
  EXPECT_EQ(of(times(3, least), Alternatives::entered), "3 u; -3 v; 3 0");
  const NodeId chosen = graph_.call("where", graph_.less_equal(x_, w_), graph_.call("abs", times(2, u_)), v_);
  EXPECT_EQ(of(graph_.negate(chosen), Alternatives::entered), "-2 u; -1 v");
}

// Sums of sums that share everything have as many summands as their texts, written out.
TEST_F(Summands, MoreThanAnyoneWritesAreNotListed) {
  NodeId sum = u_;
  for (int k = 0; k < 60; ++k) sum = graph_.add(graph_.call("max", sum, v_), graph_.call("min", sum, w_));
  EXPECT_EQ(summands_of(graph_, sum, Alternatives::entered).size(), 10000u);
}

}  // namespace
}  // namespace jetpinn
