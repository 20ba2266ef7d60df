// Vectors against their components written by hand: the nodes are the same ones.
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace jetpinn;

namespace {

SymbolTable space(const std::vector<std::string>& coordinates) {
  SymbolTable table;
  table.coordinates = coordinates;
  table.time = coordinates[0] == "t" ? 0 : -1;
  table.fields = {"u", "v", "w", "p"};
  table.constants = {{"nu", 0.25}};
  table.definitions = {{"velocity", "[u, v]"}, {"flux", "-nu*grad(p)"}, {"swirl", "[u, v, w]"}, {"one", "[u]"}};
  return table;
}

const SymbolTable plane = space({"t", "x", "y"}), volume = space({"t", "x", "y", "z"}), line = space({"t", "x"});

void same_as_by_hand(const SymbolTable& table, const std::string& vectors, const std::vector<std::string>& by_hand) {
  ExpressionGraph graph;
  std::vector<NodeId> expected;
  for (const std::string& text : by_hand) expected.push_back(parse_expression(graph, table, text));
  EXPECT_EQ(parse_components(graph, table, vectors), expected) << vectors;
}

void refused(const SymbolTable& table, const std::string& text, const std::string& message, const std::string& place,
             const std::string& definition = "", Meaning meaning = Meaning::any) {
  ExpressionGraph graph;
  try {
    parse_components(graph, table, text, meaning);
    ADD_FAILURE() << text << " passes";
  } catch (const ExpressionError& error) {
    const std::string& inside = error.definition.empty() ? text : table.definitions.at(error.definition);
    EXPECT_EQ(error.what(), message) << text;
    EXPECT_EQ(inside.substr(std::min(error.offset, inside.size()), error.length), place) << text;
    EXPECT_EQ(error.definition, definition) << text;
  }
}

}  // namespace

TEST(ParserVectors, ArithmeticGoesByComponents) {
  same_as_by_hand(plane, "[u, v]", {"u", "v"});
  same_as_by_hand(plane, "[u, v] + [x, 2*p]", {"u + x", "v + 2*p"});
  same_as_by_hand(plane, "[u, v] - [x, 2*p]", {"u - x", "v - 2*p"});
  same_as_by_hand(plane, "p*[u, v]", {"p*u", "p*v"});
  same_as_by_hand(plane, "[u, v]*p", {"u*p", "v*p"});
  same_as_by_hand(plane, "[u, v]/p", {"u/p", "v/p"});
  same_as_by_hand(plane, "-[u, v] + +velocity*3", {"-u + 3*u", "-v + 3*v"});
  same_as_by_hand(plane, "([u, v])", {"u", "v"});
  same_as_by_hand(plane, "[where(x > 1, u, v), dot(velocity, [1, 2])]", {"where(x > 1, u, v)", "u + 2*v"});
  same_as_by_hand(plane, "one", {"u"});
}

TEST(ParserVectors, OperatorsTakeTheSpaceCoordinates) {
  same_as_by_hand(plane, "grad(p)", {"p_x", "p_y"});
  same_as_by_hand(plane, "grad(u*v)", {"d(u*v, x)", "d(u*v, y)"});
  same_as_by_hand(plane, "div([u, v])", {"u_x + v_y"});
  same_as_by_hand(plane, "div(velocity)", {"u_x + v_y"});
  same_as_by_hand(plane, "div(grad(p))", {"p_xx + p_yy"});
  same_as_by_hand(plane, "div(p*velocity)", {"d(p*u, x) + d(p*v, y)"});
  same_as_by_hand(plane, "curl([u, v])", {"v_x - u_y"});
  same_as_by_hand(plane, "curl(grad(p))", {"0"});
  same_as_by_hand(plane, "dot([u, v], [p, w])", {"u*p + v*w"});
  same_as_by_hand(plane, "dot(velocity, grad(u))", {"u*u_x + v*u_y"});
  same_as_by_hand(plane, "laplacian([u, v])", {"laplacian(u)", "laplacian(v)"});
  same_as_by_hand(plane, "d([u, v], t, x)", {"u_tx", "v_tx"});
  same_as_by_hand(plane, "velocity_t + flux_x", {"u_t - nu*p_xx", "v_t - nu*p_xy"});
  same_as_by_hand(volume, "div(swirl)", {"u_x + v_y + w_z"});
  same_as_by_hand(volume, "curl(swirl)", {"w_y - v_z", "u_z - w_x", "v_x - u_y"});
  same_as_by_hand(volume, "div(curl(swirl))", {"d(w_y - v_z, x) + d(u_z - w_x, y) + d(v_x - u_y, z)"});
  same_as_by_hand(
      volume, "curl(curl(swirl))",
      {"d(v_x - u_y, y) - d(u_z - w_x, z)", "d(w_y - v_z, z) - d(v_x - u_y, x)", "d(u_z - w_x, x) - d(w_y - v_z, y)"});
  same_as_by_hand(line, "grad(u)", {"u_x"});
  same_as_by_hand(line, "div([u*v])", {"d(u*v, x)"});
  same_as_by_hand(line, "div(one)", {"u_x"});
}

// The time is what the table says, not a name; without one every coordinate is space.
TEST(ParserVectors, TheTimeMayBeAnyCoordinateOrNone) {
  SymbolTable last = space({"x", "y", "s"});
  last.time = 2;
  same_as_by_hand(last, "grad(u)", {"u_x", "u_y"});
  same_as_by_hand(last, "curl([u, v])", {"v_x - u_y"});
  SymbolTable none = space({"x", "y", "s"});
  same_as_by_hand(none, "grad(u)", {"u_x", "u_y", "u_s"});
  same_as_by_hand(none, "curl([u, v, w])", {"w_y - v_s", "u_s - w_x", "v_x - u_y"});
}

TEST(ParserVectors, SumsAddVectorsAndProductsMultiplyNumbers) {
  same_as_by_hand(plane, "sum(k, 1, 3, k*[u, v])", {"u + 2*u + 3*u", "v + 2*v + 3*v"});
  same_as_by_hand(plane, "sum(k, 3, 1, velocity)", {"0", "0"});
  same_as_by_hand(plane, "prod(k, 1, 3, u + k)", {"(u + 1)*(u + 2)*(u + 3)"});
  same_as_by_hand(plane, "prod(k, 3, 1, u)", {"1"});
  same_as_by_hand(plane, "prod(i, 1, 2, sum(j, 1, i, x^j*p))", {"x*p*(x*p + x^2*p)"});
  same_as_by_hand(plane, "prod(k, 0, 4, k + 1)", {"120"});
}

TEST(ParserVectors, ErrorsHaveTheirPlaceAndAMend) {
  refused(
      plane, "u + [u, v]",
      "a number and a vector of 2 components cannot be added; write the number as a vector, [a, b], or take the components "
      "one by one",
      "u + [u, v]");
  refused(
      plane, "velocity - [u, v, w] ",
      "a vector of 2 components and a vector of 3 components cannot be subtracted; write as many components on both sides",
      "velocity - [u, v, w]");
  refused(plane, "u*velocity*[u, v]", "'*' does not multiply two vectors; write dot(a, b), or each product in a vector",
          "u*velocity*[u, v]");
  refused(plane, "u/velocity",
          "a division takes a number, and this is a vector of 2 components; divide by a component, or by the length "
          "sqrt(dot(v, v))",
          "velocity");
  refused(plane, "velocity^2",
          "'^' takes a number, and this is a vector of 2 components; the square of a vector v is dot(v, v)", "velocity");
  refused(plane, "2^[u, v]",
          "'^' takes a number, and this is a vector of 2 components; the square of a vector v is dot(v, v)", "[u, v]");
  refused(plane, "sin( velocity )",
          "sin takes a number, and this is a vector of 2 components; write it for each component in a vector [a, b]",
          "velocity");
  refused(plane, "where(x > 0, velocity, u)",
          "where takes a number, and this is a vector of 2 components; write it for each component in a vector [a, b]",
          "velocity");
  refused(plane, "grad(velocity)", "grad takes a number, and this is a vector of 2 components; write grad of each component",
          "velocity");
  refused(plane, "div(p)",
          "div takes a vector with one component for each space coordinate; this is a number, and there are 2 space "
          "coordinates (x, y); write [a, b]",
          "p");
  refused(
      plane, "div([u, v, w])",
      "div takes a vector with one component for each space coordinate; this is a vector of 3 components, and there are 2 "
      "space coordinates (x, y); write [a, b]",
      "[u, v, w]");
  refused(
      volume, "curl(velocity)",
      "curl takes a vector with one component for each space coordinate; this is a vector of 2 components, and there are 3 "
      "space coordinates (x, y, z); write [a, b, c]",
      "velocity");
  refused(line, "1 + curl([u])",
          "curl needs two or three space coordinates, and there is 1 space coordinate (x); write the derivatives with "
          "d(expr, x)",
          "curl([u])");
  refused(space({"t"}), "grad(u)", "grad takes derivatives by space coordinates, and the time is the only coordinate here",
          "grad(u)");
  refused(plane, "dot(velocity, p)", "dot takes two vectors, and this is a number; a product is a*b", "p");
  refused(
      plane, "dot(velocity, swirl)",
      "a vector of 2 components and a vector of 3 components cannot be multiplied by dot; write as many components on both "
      "sides",
      "velocity, swirl");
  refused(plane, "[velocity, p]",
          "a component of a vector takes a number, and this is a vector of 2 components; write each of its components",
          "velocity");
  refused(plane, "velocity == 0",
          "'==' takes a number, and this is a vector of 2 components; compare its components one by one", "velocity");
  refused(plane, "velocity && x > 0",
          "'&&' takes a number, and this is a vector of 2 components; write a condition for each component", "velocity");
  refused(plane, "x > 0 || velocity",
          "'||' takes a number, and this is a vector of 2 components; write a condition for each component", "velocity");
  refused(plane, "!velocity",
          "'!' takes a number, and this is a vector of 2 components; write a condition for each component", "velocity");
  refused(plane, "prod(k, 1, 2, velocity)",
          "prod takes a number, and this is a vector of 2 components; a product of vectors is dot(a, b)", "velocity");
  refused(plane, "sum(k, 1, [2], u)",
          "the last index takes a number, and this is a vector of 1 component; write a whole number", "[2]");
  refused(plane, "[]", "this vector has no component; a vector is written [a, b]", "[]");
  refused(plane, "[u, v", "this '[' is not closed", "[");
  refused(plane, "u]", "']' without a '[' before it", "]");
  refused(plane, "(u]", "expected ')'", "]");
  refused(plane, "[u, v)", "expected ']' or ','", ")");
  refused(plane, "[u v]", "an operator is missing before this (a product is written with '*')", "v");
  refused(plane, "velocity[0]", "an operator is missing before this (a product is written with '*')", "[");
  refused(plane, "dot(u)", "expected ',' (dot takes two arguments)", ")");
  refused(plane, "grad(u, v)", "expected ')' (grad takes one argument)", ",");
  refused(plane, "grad", "'grad' is a function and needs its arguments in brackets", "grad");
}

// The place of a mistake inside a vector definition is that definition.
TEST(ParserVectors, ErrorsInDefinitionsNameThem) {
  SymbolTable table = plane;
  table.definitions["wrong"] = "2*div([u, v, w])";
  refused(
      table, "p + wrong",
      "div takes a vector with one component for each space coordinate; this is a vector of 3 components, and there are 2 "
      "space coordinates (x, y); write [a, b]",
      "[u, v, w]", "wrong");
}

TEST(ParserVectors, AnEquationOfVectorsIsOfferedAsItsDifference) {
  refused(plane, "velocity_t = grad(p)", "a residual is what is to vanish: write velocity_t - (grad(p))", "=", "",
          Meaning::residual);
  refused(plane, "[u, v] = 0", "drop '= 0': a residual is what is to vanish", "= 0", "", Meaning::residual);
  refused(plane, "[u, v] == [0, 0]",
          "'==' takes a number, and this is a vector of 2 components; compare components, or write as a residual what is to "
          "vanish: left - (right)",
          "[u, v]", "", Meaning::residual);
  refused(plane, "[u == x, v]", "a residual is what is to vanish: write u - (x)", "==", "", Meaning::residual);
  refused(
      plane, "[u, v > 0]",
      "'>' is 1 where it holds and 0 elsewhere, so nothing could be learned from it; to ask for it write max(0 - (v), 0), "
      "which vanishes where it holds",
      ">", "", Meaning::residual);
}

TEST(ParserVectors, ANumberIsWantedInOtherPlaces) {
  ExpressionGraph graph;
  try {
    parse_expression(graph, plane, "2*velocity ");
    ADD_FAILURE();
  } catch (const ExpressionError& error) {
    EXPECT_STREQ(error.what(),
                 "this place takes a number, and this is a vector of 2 components; only residuals and "
                 "definitions can be vectors");
    EXPECT_EQ(error.offset, 0u);
    EXPECT_EQ(error.length, 10u);
  }
  EXPECT_THROW(parse_constant("[1, 2]"), ExpressionError);
}

TEST(ParserVectors, HostileInputEndsInAMessage) {
  const auto message = [](const std::string& text, const SymbolTable& table) -> std::string {
    ExpressionGraph graph;
    try {
      parse_components(graph, table, text);
    } catch (const ExpressionError& error) {
      return error.what();
    }
    return "";
  };
  const auto has = [](const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(message(std::string(100000, '['), plane), "nests deeper"));
  SymbolTable wide = plane;
  std::string zeros = "0";
  for (int i = 0; i < 100000; ++i) zeros += ", 0";
  wide.definitions["zeros"] = "[" + zeros + "]";
  EXPECT_EQ(message("zeros", wide), "");
  EXPECT_TRUE(has(message("sum(k, 1, 1000000, zeros)", wide), "too long"));
  EXPECT_TRUE(has(message("sum(k, 1, 1000000, dot(laplacian(zeros), -zeros))", wide), "too long"));
  for (int i = 0; i < 1000; ++i) wide.coordinates.push_back("x" + std::to_string(i));
  EXPECT_TRUE(has(message("sum(k, 1, 1000000, div(grad(u)))", wide), "too long"));
  EXPECT_TRUE(has(message("sum(k, 1, 1000000, laplacian([u, v]))", wide), "too long"));
}
