#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace jetpinn;

namespace {

SymbolTable top_symbols() {
  SymbolTable table;
  table.coordinates = {"t", "x"};
  table.fields = {"u"};
  table.definitions = {{"balance", "u_t == u_xx"}, {"same", "balance"}, {"flux", "0.1*u_x"}};
  return table;
}

struct CaughtAtTop {
  std::string message, place, definition;
};
CaughtAtTop top_refusal(const std::string& text, Meaning meaning = Meaning::residual,
                        const SymbolTable& table = top_symbols()) {
  ExpressionGraph graph;
  try {
    parse_expression(graph, table, text, meaning);
  } catch (const ExpressionError& error) {
    const std::string& inside = error.definition.empty() ? text : table.definitions.at(error.definition);
    return {error.what(), inside.substr(error.offset, error.length), error.definition};
  }
  return {"", "", ""};
}

void expect(const std::string& text, const std::string& message, const std::string& place,
            const std::string& definition = "") {
  const CaughtAtTop caught = top_refusal(text);
  EXPECT_EQ(caught.message, message) << text;
  EXPECT_EQ(caught.place, place) << text;
  EXPECT_EQ(caught.definition, definition) << text;
}

}  // namespace

TEST(ParserTop, AnEquationIsOfferedAsItsDifference) {
  expect("u_t - u_xx = 0", "drop '= 0': a residual is what is to vanish", "= 0");
  expect("u_t - u_xx == 0 ", "drop '== 0': a residual is what is to vanish", "== 0");
  expect("0 = u_t", "drop '0 =': a residual is what is to vanish", "0 =");
  expect("0.0 == u_t", "drop '0.0 ==': a residual is what is to vanish", "0.0 ==");
  expect("u_t = u_xx + x", "a residual is what is to vanish: write u_t - (u_xx + x)", "=");
  expect("u_t ==\n  u_xx\n + x", "a residual is what is to vanish: write u_t - (u_xx + x)", "==");
  expect("(u_t == u_xx)", "a residual is what is to vanish: write u_t - (u_xx)", "==");
  expect("u = x = t", "a residual is what is to vanish: bring everything to one side, without '='", "=");
  expect("u_t =", "a residual is what is to vanish: bring everything to one side, without '='", "=");
  const std::string once = "u*sin(x) + ";
  std::string text;
  for (int i = 0; i < 30; ++i) text += once;
  expect(text + "u = x", "a residual is what is to vanish: write left - (right)", "=");   // a message stays a message
}

TEST(ParserTop, ADefinitionIsMendedWhereItStands) {
  expect("balance", "a residual is what is to vanish: write u_t - (u_xx)", "==", "balance");
  expect("same", "a residual is what is to vanish: write u_t - (u_xx)", "==", "balance");
  expect("flux == 0", "drop '== 0': a residual is what is to vanish", "== 0");
}

TEST(ParserTop, InequalitiesAndConditionsAreNoResiduals) {
  const std::string flat = " is 1 where it holds and 0 elsewhere, so nothing could be learned from it";
  expect("u < x", "'<'" + flat + "; to ask for it write max(u - (x), 0), which vanishes where it holds", "<");
  expect("u >= 0", "'>='" + flat + "; to ask for it write max(0 - (u), 0), which vanishes where it holds", ">=");
  expect("u != 0", "'!='" + flat + "; a residual is what is to vanish", "!=");
  expect("u > 0 && u < 1", "'&&'" + flat + "; several residuals on the same points are a list: [\"first\", \"second\"]",
         "&&");
  expect("u > 0 || u < -1", "'||'" + flat + "; a residual is what is to vanish", "||");
  expect("!u", "'!'" + flat + "; a residual is what is to vanish", "!");
}

TEST(ParserTop, ComparisonsStandDeeper) {
  for (const char* text : {"where(x == 0, u, u_x)", "u*(x < 0.5)", "u - (t == 0)", "max(u - x, 0)"})
    EXPECT_EQ(top_refusal(text).message, "") << text;
  EXPECT_EQ(top_refusal("where(x = 0, u, u_x)").message,
            "comparison is written '==', and an equation as what is to vanish: left - (right)");
}

TEST(ParserTop, OtherTextsHaveTheirOwnRules) {
  EXPECT_EQ(top_refusal("x == 0", Meaning::any).message, "");
  EXPECT_EQ(top_refusal("x < 0.5", Meaning::value).message, "");  // 1 or 0: a step
  EXPECT_NE(
      top_refusal("u == 0", Meaning::value).message.find("a value is wanted here, and '==' of numbers hardly ever holds"),
      std::string::npos);
  EXPECT_EQ(top_refusal("u = x*u", Meaning::value).message,
            "a value is wanted here, without '='; write only what stands on its right side");
  SymbolTable set = top_symbols();
  set.fields.clear();
  EXPECT_EQ(top_refusal("t = 0", Meaning::any, set).message, "comparison is written '=='");
  EXPECT_EQ(top_refusal("t => 0", Meaning::any, set).message, "comparison is written '>='");
  EXPECT_EQ(top_refusal("t > 0 and x > 0", Meaning::any, set).message, "write '&&' between conditions");
}
