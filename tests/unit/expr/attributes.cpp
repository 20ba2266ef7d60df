// sdf, n_x, n_y, ... and dn: what expressions read of the places of their points.
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

SymbolTable table(std::vector<std::string> coordinates, int parameters = 0) {
  SymbolTable symbols;
  symbols.time = coordinates[0] == "t" ? 0 : -1;
  symbols.coordinates = std::move(coordinates);
  symbols.parameters = parameters;
  symbols.fields = {"u", "v"};
  symbols.definitions = {{"flux", "-2*dn(u)"}};
  symbols.no_distance = symbols.no_normal = "";
  return symbols;
}

std::vector<NodeId> parse(ExpressionGraph& graph, const SymbolTable& symbols, const std::string& text) {
  return parse_components(graph, symbols, text);
}

void same(const SymbolTable& symbols, const std::string& text, const std::vector<std::string>& by_hand) {
  ExpressionGraph graph;
  std::vector<NodeId> expected;
  for (const std::string& component : by_hand) expected.push_back(parse_expression(graph, symbols, component));
  EXPECT_EQ(parse(graph, symbols, text), expected) << text;
}

// The message, and behind it what it points at.
std::string refusal(const SymbolTable& symbols, const std::string& text) {
  ExpressionGraph graph;
  try {
    parse(graph, symbols, text);
  } catch (const ExpressionError& error) {
    const std::string& inside = error.definition.empty() ? text : symbols.definitions.at(error.definition);
    return error.what() + std::string(" | ") + inside.substr(error.offset, error.length);
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Attributes, HaveNumbersByTheCoordinatesOfSpace) {
  ExpressionGraph graph;
  const SymbolTable symbols = table({"t", "x", "y", "Re"}, 1);
  EXPECT_EQ(attribute_names(symbols), (std::vector<std::string>{"sdf", "n_x", "n_y"}));
  EXPECT_EQ(parse_expression(graph, symbols, "sdf"), graph.attribute(distance_attribute));
  EXPECT_EQ(parse_expression(graph, symbols, "n_x"), graph.attribute(normal_attribute(0)));
  EXPECT_EQ(parse_expression(graph, symbols, "n_y"), graph.attribute(normal_attribute(1)));
  graph.name_attributes(attribute_names(symbols));
  EXPECT_EQ(to_text(graph, parse_expression(graph, symbols, "sdf*u + n_y"), symbols.coordinates, symbols.fields),
            "n_y + sdf*u");
  EXPECT_TRUE(graph.depends_on_attributes(parse_expression(graph, symbols, "u*exp(n_x)")));
  EXPECT_FALSE(graph.depends_on_attributes(parse_expression(graph, symbols, "u*exp(x)")));
}

TEST(Attributes, TheNormalDerivativeIsTheSumOverSpace) {
  same(table({"t", "x", "y"}), "dn(u)", {"n_x*u_x + n_y*u_y"});
  same(table({"x", "y", "z"}), "dn(u)", {"n_x*u_x + n_y*u_y + n_z*u_z"});
  same(table({"t", "x"}), "dn(u)", {"n_x*u_x"});
  same(table({"x1", "x2", "x3"}), "dn(u*v)", {"sum(k, 1, 3, n_x{k}*d(u*v, x{k}))"});
  same(table({"x", "y"}), "dn([u, x*v])", {"dn(u)", "n_x*d(x*v, x) + n_y*d(x*v, y)"});
  same(table({"x", "y"}), "dn(u_x - x^2)", {"n_x*d(u_x - x^2, x) + n_y*d(u, x, y)"});
  same(table({"x", "y"}), "flux + 1", {"-2*(n_x*u_x + n_y*u_y) + 1"});
  same(table({"t", "x", "Re"}, 1), "dn(u)", {"n_x*u_x"});
  SymbolTable linked = table({"x", "y"});
  linked.linked = true;
  same(linked, "dn(u) + other(dn(u))", {"n_x*u_x + n_y*u_y + other(n_x*u_x + n_y*u_y)"});
}

TEST(Attributes, HaveNoDerivative) {
  const SymbolTable symbols = table({"t", "x", "y"});
  for (const char* text : {"d(n_x, x)", "d(sdf*u, y)", "dn(dn(u))", "laplacian(sdf)", "flux_x", "grad(sdf)", "d(flux, t)"})
    EXPECT_TRUE(has(refusal(symbols, text), "have no derivative")) << text << ": " << refusal(symbols, text);
  EXPECT_EQ(refusal(symbols, "n_x_x"), "'n_x' is known at the points alone and has no derivative | n_x_x");
  EXPECT_EQ(refusal(symbols, "u + sdf_y"), "'sdf' is known at the points alone and has no derivative | sdf_y");
}

TEST(Attributes, LieInSpace) {
  EXPECT_EQ(refusal(table({"t", "x"}), "n_t*u"), "the normal lies in space, and 't' is no coordinate of it | n_t");
  EXPECT_EQ(refusal(table({"t", "x", "Re"}, 1), "n_Re"), "the normal lies in space, and 'Re' is no coordinate of it | n_Re");
  for (const char* text : {"sdf", "n_t", "dn(u)"})
    EXPECT_TRUE(has(refusal(table({"t"}), text), "the time is the only coordinate here")) << text;
  EXPECT_TRUE(has(refusal(table({"t", "x"}), "n_y*u"), "unknown name 'n_y'; did you mean 'n_x'?"));
}

TEST(Attributes, ADeclaredNameKeepsItsMeaning) {
  ExpressionGraph graph;
  SymbolTable symbols = table({"x", "y"});
  symbols.fields.push_back("n");
  symbols.constants = {{"sdf", 3}};
  EXPECT_EQ(parse_expression(graph, symbols, "n_x"), graph.field(2, Derivative{}.along(0))) << "the derivative of n";
  EXPECT_EQ(parse_expression(graph, symbols, "sdf"), graph.constant(3));
  same(symbols, "dn(n)", {"dn(1*n)"});
  EXPECT_TRUE(graph.depends_on_attributes(parse_expression(graph, symbols, "dn(n)")));
  SymbolTable constant = table({"x", "y"});
  constant.constants = {{"n", 3}};
  EXPECT_EQ(refusal(constant, "n_x"),
            "'n' is a constant, so its derivative 'n_x' is zero; call it otherwise where 'n_x' is to be a part of the "
            "normal | n_x");
  constant.constants = {{"n_x", 3}};
  EXPECT_EQ(parse_expression(graph, constant, "n_x"), graph.constant(3));
  symbols.fields.push_back("dn");
  EXPECT_THROW(check_names(symbols), ExpressionError) << "the name of an operator";
}

TEST(Attributes, StandWhereThereArePointsAlone) {
  SymbolTable symbols = table({"x", "y"});
  symbols.no_distance = symbols.no_normal = SymbolTable().no_normal;
  for (const char* text : {"sdf", "n_x", "dn(u)", "2*flux"})
    EXPECT_TRUE(has(refusal(symbols, text), "can stand in residuals and weights of"))
        << text << ": " << refusal(symbols, text);
  EXPECT_TRUE(has(refusal(symbols, "2*flux"), " | dn(u)")) << "the place in the definition";
  EXPECT_THROW(parse_constant("sdf"), ExpressionError);
}

TEST(Attributes, PointEvaluatorsReadThem) {
  ExpressionGraph graph;
  const NodeId node = parse_expression(graph, table({"x", "y"}), "x*n_y + sdf");
  const double place[] = {2, 3}, attributes[] = {-0.5, 0.6, 0.8};
  EXPECT_DOUBLE_EQ(PointEvaluator(graph, node)(place, nullptr, attributes), 2 * 0.8 - 0.5);
  EXPECT_ANY_THROW(PointEvaluator(graph, node)(place));
}

}  // namespace
}  // namespace jetpinn
