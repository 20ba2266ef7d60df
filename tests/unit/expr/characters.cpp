#include "jetpinn/expr/characters.hpp"

#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

using namespace jetpinn;

namespace {

// The message for an expression and the part of it that it points to.
std::pair<std::string, std::string> character_refusal(const std::string& text) {
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"x"};
  symbols.fields = {"u"};
  try {
    parse_expression(graph, symbols, text);
  } catch (const ExpressionError& error) {
    return {error.what(), text.substr(error.offset, error.length)};
  }
  return {"no error", ""};
}

}  // namespace

TEST(Characters, AreShownWholeWithTheirNameAndWhatToWrite) {
  const auto expect = [](const std::string& text, const std::string& message, const std::string& place) {
    EXPECT_EQ(character_refusal(text), std::pair(message, place)) << text;
  };
  const std::string no_place = " has no place in an expression; ";
  expect("u − x", "'−' (minus sign, U+2212)" + no_place + "write '-'", "−");
  expect("u·x", "'·' (middle dot, U+00B7)" + no_place + "write '*'", "·");
  expect("u×x", "'×' (multiplication sign, U+00D7)" + no_place + "write '*'", "×");
  expect("u÷x", "'÷' (division sign, U+00F7)" + no_place + "write '/'", "÷");
  expect("u² - 1", "'²' (superscript two, U+00B2)" + no_place + "write '^2'", "²");
  expect("u⁵", "'⁵' (superscript 5, U+2075)" + no_place + "powers are written with '^', such as ^5", "⁵");
  expect("2*π", "'π' (Greek letter pi, U+03C0)" + no_place + "write 'pi'", "π");
  expect("ν*u", "'ν' (Greek letter nu, U+03BD)" + no_place + "letters of names are a to z: write 'nu'", "ν");
  expect("∂u", "'∂' (partial differential, U+2202)" + no_place + "a derivative is written u_t, or d(u, t)", "∂");
  expect("Δu", "'Δ' (Greek capital delta, U+0394)" + no_place + "write laplacian(u)", "Δ");
  expect("u（x）", "'（' (full-width (, U+FF08)" + no_place + "write '('", "（");
  expect("u ≤ x", "'≤' (less-than or equal to, U+2264)" + no_place + "write '<='", "≤");
  expect("u\u00a0+ x", "no-break space (U+00A0)" + no_place + "write an ordinary space", "\u00a0");
  expect("u\u200b", "zero-width space (U+200B)" + no_place + "remove it", "\u200b");
  expect("日", "'日' (U+65E5)" + no_place + "expressions are written in ASCII: letters a to z, digits and signs", "日");
  expect("u + \x92", "the byte 0x92 is not UTF-8 text; expressions are written in ASCII", "\x92");
}

TEST(Characters, EveryOneOfThemIsRefusedWholeWhereverItStands) {
  for (const char* text : {"sin(x, ×)", "d(u, ×)", "x{×}", "sum(×, 1, 2, x)", "u_×", "1×", "(×", "u + ×"}) {
    EXPECT_EQ(character_refusal(text).second, "×") << text;
    EXPECT_NE(character_refusal(text).first.find("U+00D7"), std::string::npos) << text;
  }
}
