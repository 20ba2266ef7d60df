// Leaves of the groups that a term's points, its run and its stage give.
#include "jetpinn/expr/graph.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/compile.hpp"
#include "jetpinn/expr/fault.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace jetpinn;

namespace {

struct Named {
  std::string text;
  NodeId id;
};

// One leaf of each group besides coordinates and fields.
std::vector<Named> given_leaves(ExpressionGraph& g) {
  return {{"data.2", g.data(2)},
          {"attribute.1", g.attribute(1)},
          {"other(attribute.1)", g.attribute(1, 1)},
          {"trainable.3", g.trainable(3)},
          {"constant.0", g.stage_constant(0)}};
}

TEST(Leaves, AreOneNodeEachAndNamed) {
  ExpressionGraph g;
  for (const Named& leaf : given_leaves(g)) EXPECT_EQ(to_text(g, leaf.id, {"t", "x"}, {"u"}), leaf.text);
  EXPECT_EQ(g.trainable(3), g.trainable(3));
  EXPECT_NE(g.trainable(3), g.trainable(2));
  EXPECT_NE(g.trainable(3), g.data(3));
  EXPECT_NE(g.coordinate(1), g.coordinate(1, 1));
  EXPECT_EQ(to_text(g, g.subtract(g.coordinate(1, 1), g.field(0, {}, 1)), {"t", "x"}, {"u"}), "other(x) - other(u)");
}

TEST(Leaves, ChangeAlongNoCoordinateButTheirOwn) {
  ExpressionGraph g;
  for (const Named& leaf : given_leaves(g)) {
    for (int d = 0; d < 4; ++d) EXPECT_TRUE(g.is_constant(differentiate(g, leaf.id, d), 0)) << leaf.text;
    const NodeId product = g.multiply(leaf.id, g.power(g.coordinate(1), 2));
    EXPECT_EQ(differentiate(g, product, 1), g.multiply(leaf.id, g.multiply(g.constant(2), g.coordinate(1)))) << leaf.text;
  }
  EXPECT_TRUE(g.is_constant(differentiate(g, g.coordinate(1, 1), 1), 1));
  EXPECT_EQ(differentiate(g, g.field(0, {}, 1), 1), g.field(0, Derivative{}.along(1), 1));
}

TEST(Leaves, TellWhatAnExpressionDependsOn) {
  ExpressionGraph g;
  const NodeId u = g.field(0);
  for (const auto& [leaf, fields, points, trainables, second] : {std::tuple{u, true, false, false, false},
                                                                 {g.coordinate(0), false, true, false, false},
                                                                 {g.data(0), false, true, false, false},
                                                                 {g.attribute(0), false, true, false, false},
                                                                 {g.attribute(0, 1), false, true, false, true},
                                                                 {g.trainable(0), false, false, true, false},
                                                                 {g.stage_constant(0), false, false, false, false},
                                                                 {g.field(0, {}, 1), true, false, false, true}}) {
    const NodeId node = g.call("exp", g.add(leaf, g.constant(1)));
    EXPECT_EQ(g.depends_on_fields(node), fields) << to_text(g, node, {}, {});
    EXPECT_EQ(g.depends_on_coordinates(node), points) << to_text(g, node, {}, {});
    EXPECT_EQ(g.depends_on_trainables(node), trainables) << to_text(g, node, {}, {});
    EXPECT_EQ(g.depends_on_second_site(node), second) << to_text(g, node, {}, {});
  }
}

TEST(Leaves, AreSimplifiedAsAnyFactor) {
  ExpressionGraph g;
  for (const Named& leaf : given_leaves(g)) {
    EXPECT_EQ(g.add(leaf.id, leaf.id), g.multiply(g.constant(2), leaf.id));
    EXPECT_TRUE(g.is_constant(g.subtract(leaf.id, leaf.id), 0)) << leaf.text;
    EXPECT_EQ(reachable(g, {g.call("sin", leaf.id)}).front(), leaf.id);
  }
}

TEST(Leaves, HaveNoValueAtAPlaceAlone) {
  ExpressionGraph g;
  const double place[] = {0.5, 0.25};
  std::vector<Named> leaves = given_leaves(g);
  leaves.push_back({"other(x1)", g.coordinate(1, 1)});
  for (const Named& leaf : leaves) {
    try {
      evaluate(g, g.add(leaf.id, g.coordinate(0)), place);
      ADD_FAILURE() << leaf.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_NE(std::string(error.what()).find(leaf.text), std::string::npos) << error.what();
    }
    // Whoever gives values to leaves gives them to these too.
    EXPECT_EQ(evaluate(g, g.add(leaf.id, g.constant(1)), [](const Node&) { return 2.0; }), 3.0);
  }
}

TEST(Leaves, AreColumnsOfATape) {
  ExpressionGraph g;
  std::vector<Named> leaves = given_leaves(g);
  NodeId sum = g.constant(0);
  for (const Named& leaf : leaves) sum = g.add(sum, leaf.id);
  std::vector<Node> asked;
  const TapeProgram program = compile_tape(g, {sum}, 5, [&](const Node& leaf) {
    asked.push_back(leaf);
    return static_cast<int>(asked.size()) - 1;
  });
  EXPECT_EQ(asked.size(), leaves.size());
  EXPECT_THROW(compile_tape(g, {sum}, 5, [](const Node&) { return -1; }), Error);
}

}  // namespace
