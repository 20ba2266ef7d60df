#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace jetpinn;

namespace {

const double pi = std::acos(-1.0);

SymbolTable parser_symbols() {
  SymbolTable table;
  table.coordinates = {"t", "x", "y"};
  table.time = 0;
  table.fields = {"u", "speed"};
  table.constants = {{"nu", 0.25}, {"k", 3}};
  table.definitions = {{"flux", "nu*u_x"}, {"square", "x^2"}, {"a", "b + 1"},
                       {"b", "c*2"},       {"c", "a"},        {"broken", "1 + foo"}};
  return table;
}

double value(const std::string& text) {
  ExpressionGraph graph;
  const double point[] = {0.5, 2, -3};
  return evaluate(graph, parse_expression(graph, parser_symbols(), text), point);
}

std::string rewritten(const std::string& text) {
  ExpressionGraph graph;
  const SymbolTable table = parser_symbols();
  return to_text(graph, parse_expression(graph, table, text), table.coordinates, table.fields);
}

// The error's message, and the text it points to.
struct Caught {
  std::string message, place, definition;
};
Caught error(const std::string& text, const SymbolTable& table = parser_symbols()) {
  ExpressionGraph graph;
  try {
    parse_expression(graph, table, text);
  } catch (const ExpressionError& e) {
    const std::string& inside = e.definition.empty() ? text : table.definitions.at(e.definition);
    EXPECT_LE(e.offset + e.length, inside.size());
    return {e.what(), inside.substr(std::min(e.offset, inside.size()), e.length), e.definition};
  }
  return {"no error", "", ""};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(Parser, PrecedenceIsThatOfMathematics) {
  EXPECT_EQ(value("1 + 2*3"), 7);
  EXPECT_EQ(value("(1 + 2)*3"), 9);
  EXPECT_EQ(value("2*3^2"), 18);
  EXPECT_EQ(value("-2^2"), -4);
  EXPECT_EQ(value("2^-1"), 0.5);
  EXPECT_EQ(value("2^3^2"), 512);
  EXPECT_EQ(value("2^-x^2"), 0.0625);
  EXPECT_EQ(value("8/4/2"), 1);
  EXPECT_EQ(value("8 - 4 - 2"), 2);
  EXPECT_EQ(value("2*-x"), -4);
  EXPECT_EQ(value("- - x"), 2);
  EXPECT_EQ(value("+x - +y"), 5);
  EXPECT_EQ(value("x > 1 && y > 0 || t < 1"), 1);
  EXPECT_EQ(value("x > 1 && (y > 0 || t > 1)"), 0);
  EXPECT_EQ(value("1 + 1 == 2"), 1);
  EXPECT_EQ(value("!(x == 2)"), 0);
  EXPECT_EQ(value("x != 2"), 0);
  EXPECT_EQ(value("x >= 2 && x <= 2"), 1);
}

TEST(Parser, Numbers) {
  EXPECT_EQ(value("1e-3"), 1e-3);
  EXPECT_EQ(value("2.5E+2"), 250);
  EXPECT_EQ(value(".5"), 0.5);
  EXPECT_EQ(value("3."), 3);
  EXPECT_EQ(value("0.1"), 0.1);
  EXPECT_EQ(value("pi"), pi);
}

TEST(Parser, EveryFunction) {
  EXPECT_DOUBLE_EQ(value("sin(x)"), std::sin(2.0));
  EXPECT_DOUBLE_EQ(value("cos(x)"), std::cos(2.0));
  EXPECT_DOUBLE_EQ(value("tan(x)"), std::tan(2.0));
  EXPECT_DOUBLE_EQ(value("asin(t)"), std::asin(0.5));
  EXPECT_DOUBLE_EQ(value("acos(t)"), std::acos(0.5));
  EXPECT_DOUBLE_EQ(value("atan(x)"), std::atan(2.0));
  EXPECT_DOUBLE_EQ(value("atan2(y, x)"), std::atan2(-3.0, 2.0));
  EXPECT_DOUBLE_EQ(value("sinh(x)"), std::sinh(2.0));
  EXPECT_DOUBLE_EQ(value("cosh(x)"), std::cosh(2.0));
  EXPECT_DOUBLE_EQ(value("tanh(x)"), std::tanh(2.0));
  EXPECT_DOUBLE_EQ(value("exp(x)"), std::exp(2.0));
  EXPECT_DOUBLE_EQ(value("log(x)"), std::log(2.0));
  EXPECT_DOUBLE_EQ(value("sqrt(x)"), std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(value("abs(y)"), 3);
  EXPECT_DOUBLE_EQ(value("sign(y)"), -1);
  EXPECT_DOUBLE_EQ(value("erf(t)"), std::erf(0.5));
  EXPECT_DOUBLE_EQ(value("erfc(12*t)"), std::erfc(6));   // 1 - erf(6) is 0
  EXPECT_DOUBLE_EQ(value("min(x, y)"), -3);
  EXPECT_DOUBLE_EQ(value("max(x, y, 7, t)"), 7);
  EXPECT_DOUBLE_EQ(value("pow(x, 3)"), 8);
  EXPECT_DOUBLE_EQ(value("step(x) + step(y) + step(x - 2)"), 2);
  EXPECT_DOUBLE_EQ(value("mod(y, x)"), 1);
  EXPECT_DOUBLE_EQ(value("where(x > 0, 10, 20)"), 10);
}

TEST(Parser, DerivativesOfFieldsAndDefinitions) {
  EXPECT_EQ(rewritten("u_x"), "u_x");
  EXPECT_EQ(rewritten("u_xt"), "u_tx");
  EXPECT_EQ(rewritten("d(u, x, x)"), "u_xx");
  EXPECT_EQ(rewritten("d(flux, x)"), "0.25*u_xx");
  EXPECT_EQ(rewritten("flux_x"), "0.25*u_xx");
  EXPECT_EQ(rewritten("d(square, x)"), "2*x");
  EXPECT_EQ(rewritten("laplacian(u)"), "u_xx + u_yy");
  EXPECT_EQ(rewritten("laplacian(x^2*y)"), "2*y");
  EXPECT_EQ(rewritten("laplacian(laplacian(u))"), rewritten("u_xxxx + u_xxyy + (u_xxyy + u_yyyy)"));
  EXPECT_EQ(rewritten("speed_y"), "speed_y");
}

TEST(Parser, SumPastesItsIndexIntoNames) {
  SymbolTable table;
  table.coordinates = {"x1", "x2", "x3", "x4"};
  table.fields = {"u"};
  ExpressionGraph graph;
  const double point[] = {1, 10, 100, 1000};
  const auto at = [&](const std::string& text) { return evaluate(graph, parse_expression(graph, table, text), point); };
  EXPECT_EQ(at("sum(k, 1, 4, x{k})"), 1111);
  EXPECT_EQ(at("sum(k, 2, 3, k*x{k})"), 320);
  EXPECT_EQ(at("sum(k, 1, 3, x{k+1})"), 1110);
  EXPECT_EQ(at("sum(k, 4, 1, x{k})"), 0);
  EXPECT_EQ(at("sum(i, 1, 2, sum(j, i, 2, x{i}*x{j}))"), 111);
  EXPECT_EQ(at("sum(k, 1, 2, d(x1*x2, x{k}))"), 11);
  EXPECT_EQ(at("2*sum(k, 1, 2, 1) + 1"), 5);
  EXPECT_EQ(to_text(graph, parse_expression(graph, table, "laplacian(u)"), table.coordinates, table.fields),
            "d(u, x1, x1) + d(u, x2, x2) + d(u, x3, x3) + d(u, x4, x4)");
}

TEST(Parser, AConstantExpressionIsAConstant) {
  EXPECT_EQ(parse_constant("0.01/pi"), 0.01 * (1 / pi));
  EXPECT_EQ(parse_constant("-a^2", {{"a", 3}}), -9);
  EXPECT_THROW(parse_constant("x"), ExpressionError);
}

TEST(Parser, ErrorsPointToTheirPlace) {
  const auto expect = [](const std::string& text, const std::string& message, const std::string& place) {
    const Caught caught = error(text);
    EXPECT_TRUE(contains(caught.message, message)) << text << ": " << caught.message;
    EXPECT_EQ(caught.place, place) << text << ": " << caught.message;
  };
  expect("", "empty", "");
  expect("   ", "empty", "   ");
  expect("u + ", "ends where a value", " ");
  expect("u +* x", "value is expected before '*'", "*");
  expect("u + vel", "unknown name 'vel'", "vel");
  expect("u + sped", "did you mean 'speed'", "sped");
  expect("u - e^(-x)", "e^x is written exp(x)", "e");
  expect("u + i*x", "there is no imaginary unit", "i");
  expect("x + du/dx", "unknown name 'du'; a derivative of u is written d(u, ", "du");
  expect("x + d2u/dx2", "unknown name 'd2u'; a derivative of u is written d(u, ", "d2u");
  expect("sqr(x)", "did you mean 'sqrt'", "sqr");
  expect("2x", "operator is missing", "x");
  expect("x y", "operator is missing", "y");
  expect("(x + 1", "not closed", "(");
  expect("x + 1)", "without a '('", ")");
  expect("sin(x", "expected", "x");
  expect("sin x", "needs its arguments", "sin");
  expect("u(x)", "not a function", "u");
  expect("sin(x, y)", "takes 1 argument, not 2", "sin(x, y)");
  expect("min(x)", "2 or more", "min(x)");
  expect("x = 1", "'=='", "=");
  expect("x ** 2", "'^'", "**");
  expect("0 < x < 1", "do not chain", "<");
  expect("x & y", "'&&'", "&");
  expect("x % 2", "mod", "%");
  expect("1/0", "division by zero", "/0");
  expect("log(-1)", "not a finite", "log(-1)");
  expect("1e999", "too large", "1e999");
  expect("d(u)", "at least one coordinate", "d(u)");
  expect("d(u, z)", "not a coordinate", "z");
  expect("u_xxxxxxx", "order 6", "u_xxxxxxx");
  expect("d(u_xxxx, y, y, y)", "order 6", "d(u_xxxx, y, y, y)");
  expect("[u, u]", "takes a number", "[u, u]");
  expect("nu_x", "is a constant", "nu_x");
  expect("sum(x, 1, 3, x)", "already a name", "x");
  expect("sum(i, 1, 2.5, x)", "whole constant number", "2.5");
  expect("prod(1, 3, x)", "prod(k, first, last, expr) begins", "1");
  expect("prod(x, 1, 3, x)", "index 'x' of this prod is already a name", "x");
  expect("prod(i, 1, 3)", "',' and the expression to multiply", ")");
  expect("prod(i, 1, 2, 1e200)", "not a finite", "prod(i, 1, 2, 1e200");
  expect("sum(i, 1, x, x)", "whole constant number", "x");
  expect("x{u}", "whole constant number", "{u}");
  expect("\"x\"", "value is expected", "\"");
}

TEST(Parser, ErrorsInDefinitionsNameThem) {
  const Caught broken = error("x + broken");
  EXPECT_EQ(broken.definition, "broken");
  EXPECT_EQ(broken.place, "foo");
  const Caught cycle = error("a*2");
  EXPECT_TRUE(contains(cycle.message, "a -> b -> c -> a")) << cycle.message;
  EXPECT_EQ(cycle.definition, "c");
  EXPECT_EQ(cycle.place, "a");
}

TEST(Parser, HostileInputEndsInAMessage) {
  const auto repeat = [](const std::string& part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  EXPECT_TRUE(contains(error(repeat("(", 100000) + "x").message, "nests deeper"));
  EXPECT_TRUE(contains(error(repeat("-", 100000) + "x").message, "nests deeper"));
  EXPECT_TRUE(contains(error(repeat("sin(", 100000)).message, "nests deeper"));
  EXPECT_TRUE(contains(error(repeat("x^", 100000) + "x").message, "nests deeper"));
  EXPECT_TRUE(contains(error(repeat("x{", 100000)).message, "nests deeper"));
  EXPECT_TRUE(contains(error("sum(i, 1, 100000, sum(j, 1, 100000, 0))").message, "too long"));
  EXPECT_TRUE(contains(error("sum(i, 1, 1000000, sin(cos(exp(tanh(i*x)))))").message, "grows beyond"));
  EXPECT_TRUE(contains(error("prod(i, 1, 100000, prod(j, 1, 100000, 1))").message, "too long"));
  EXPECT_TRUE(contains(error("sum(i, 1, 1e9, u*i)").message, "at most 1000000"));
  EXPECT_TRUE(contains(error("sum(i, 1, 1000000, 1" + repeat(" ", 1000) + ")").message, "too long"));
  EXPECT_TRUE(contains(error("sum(i, 1, 1000000, sum(j, 1, 10, i*j))").message, "too long"));
  EXPECT_TRUE(contains(error("u_" + repeat("x", 1'000'000)).message, "unknown name"));
  SymbolTable wide = parser_symbols();
  for (int i = 0; i < 1000; ++i) wide.coordinates.push_back(std::string("x").append(std::to_string(i)));
  EXPECT_TRUE(contains(error("sum(i, 1, 1000000, laplacian(u))", wide).message, "too long"));
  EXPECT_TRUE(contains(error("sum(i, 1, 1000000, d(u, x999))", wide).message, "too long"));
  EXPECT_TRUE(contains(error("sum(i, 1, 1000000, sum(j, 1, 1, 1))", wide).message, "too long"));
  EXPECT_EQ(error("sum(i, 1, 100000, x999)", wide).message, "no error");
  // A long chain is deep as a graph though not as a text; derivatives walk it without recursion.
  EXPECT_EQ(error("d(sin(x" + repeat("*u + 1", 20000) + "), x)").message, "no error");
  // Definitions of definitions double the derivative at every step unless shared nodes are shared.
  const auto numbered = [](int i) { return std::string("e").append(std::to_string(i)); };
  SymbolTable table = parser_symbols();
  for (int i = 1; i < 100; ++i) {
    const std::string below = numbered(i - 1);
    table.definitions[numbered(i)] =
        std::string("sin(").append(below).append(")*").append(below).append(" + ").append(below);
  }
  table.definitions["e0"] = "u";
  EXPECT_EQ(error("d(e50, x, x)", table).message, "no error");
  EXPECT_EQ(error("d(e90, x, x)", table).message, "no error");
  for (int i = 100; i < 400; ++i) table.definitions[numbered(i)] = numbered(i - 1).append(" + 1");
  EXPECT_TRUE(contains(error("e399", table).message, "nests deeper"));
}
