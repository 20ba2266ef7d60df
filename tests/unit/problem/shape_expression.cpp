#include "jetpinn/problem/shape_expression.hpp"

#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace jetpinn {
namespace {

// Intervals on a line: a = [0, 2], b = [1, 3], c = [4, 5].
ShapePointer find(const std::string& name, std::size_t offset) {
  if (name == "a") return make_box({0}, {2});
  if (name == "b") return make_box({1}, {3});
  if (name == "c_1") return make_box({4}, {5});
  throw ExpressionError("unknown shape '" + name + "'", offset, name.size());
}

// Which of 0.5, 1.5, 2.5, 3.5 and 4.5 it holds.
std::string held(const std::string& text) {
  const ShapePointer shape = parse_shape_expression(text, find);
  std::string out;
  for (const double x : {0.5, 1.5, 2.5, 3.5, 4.5}) out += shape->holds(&x) ? '#' : '.';
  return out;
}

TEST(ShapeExpression, JoinsFromLeftToRight) {
  EXPECT_EQ(held("a"), "##...");
  EXPECT_EQ(held("a + b"), "###..");
  EXPECT_EQ(held("a&b"), ".#...");
  EXPECT_EQ(held("a - b + c_1"), "#...#");
  EXPECT_EQ(held("a - (b + c_1)"), "#....");
  EXPECT_EQ(held("c_1 + a & b"), ".#..#") << "& binds closer";
  EXPECT_EQ(held("~a & b"), "..#..") << "~ binds closest";
  EXPECT_EQ(held("~(a + b)"), "...##");
}

TEST(ShapeExpression, SaysWhereItIsWrong) {
  const auto offset = [](const std::string& text, const std::string& words) {
    try {
      parse_shape_expression(text, find);
    } catch (const ExpressionError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
      return static_cast<int>(error.offset);
    }
    return -1;
  };
  EXPECT_EQ(offset("a - d", "unknown shape 'd'"), 4);
  EXPECT_EQ(offset("a -", "name of a shape"), 3);
  EXPECT_EQ(offset("(a + b", "expected )"), 6);
  EXPECT_EQ(offset("a b", "expected +"), 2);
  EXPECT_EQ(offset("a * b", "expected +"), 2);
  EXPECT_EQ(offset("a | b", "union of shapes is written +"), 2);
  EXPECT_EQ(offset("a && b", "a single &"), 3);
  EXPECT_EQ(offset("a - !b", "is written ~"), 4);
  EXPECT_EQ(offset(std::string(1000, '~') + "a", "nested"), 200);
}

}  // namespace
}  // namespace jetpinn
