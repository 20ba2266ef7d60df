#include "jetpinn/expr/function_hints.hpp"

#include "jetpinn/expr/names.hpp"
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

using namespace jetpinn;

namespace {

std::string message_of(const std::string& text) {
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"x"};
  try {
    parse_expression(graph, symbols, text);
  } catch (const ExpressionError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST(FunctionHints, NamesOfOtherLanguages) {
  EXPECT_EQ(message_of("ln(x)"), "unknown function 'ln'; did you mean 'log'? (natural logarithm)");
  EXPECT_EQ(message_of("log10(x)"), "unknown function 'log10'; log10(x) is log(x)/log(10)");
  EXPECT_EQ(message_of("Heaviside(x)"), "unknown function 'Heaviside'; did you mean 'step'? (1 where its argument is >= 0)");
  EXPECT_EQ(message_of("arctan(x)"), "unknown function 'arctan'; did you mean 'atan'?");
  EXPECT_EQ(message_of("laplace(x)"), "unknown function 'laplace'; did you mean 'laplacian'?");
  EXPECT_EQ(message_of("sgn(x)"), "unknown function 'sgn'; did you mean 'sign'?");
  EXPECT_EQ(message_of("power(x, 2)"), "unknown function 'power'; did you mean 'pow'? (or a^b)");
  EXPECT_EQ(message_of("sine(x)"), "unknown function 'sine'; did you mean 'sin'?");   // the nearest one, as for any name
  EXPECT_EQ(message_of("bessel(x)"), "unknown function 'bessel'; docs/expressions.md lists all that there are");
}

// "floor(x) is x - mod(x, 1)": what is offered instead is true.
TEST(FunctionHints, WhatIsOfferedHasTheSameValue) {
  const auto expect = [](const std::string& name, double (*function)(double), double at) {
    const std::string hint = function_hint(name);
    const std::size_t is = hint.find(" is ");
    ASSERT_NE(is, std::string::npos) << name;
    ExpressionGraph graph;
    SymbolTable symbols;
    symbols.coordinates = {"x"};
    EXPECT_NEAR(evaluate(graph, parse_expression(graph, symbols, hint.substr(is + 4)), &at), function(at), 1e-14) << hint;
  };
  for (const double at : {1.7, 2.25, 0.4}) {
    expect("log10", std::log10, at), expect("log2", std::log2, at), expect("log1p", std::log1p, at),
        expect("expm1", std::expm1, at);
    expect("floor", std::floor, at), expect("ceil", std::ceil, at), expect("round", std::round, at);
    expect("cbrt", std::cbrt, at), expect("asinh", std::asinh, at);
    if (at > 1) expect("acosh", std::acosh, at);
    else expect("atanh", std::atanh, at);
  }
}
