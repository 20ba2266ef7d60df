// Recursive descent over the text; one function per level of the grammar:
//   or         = and { "||" and }
//   and        = comparison { "&&" comparison }
//   comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
//   sum        = product { ("+" | "-") product }
//   product    = unary { ("*" | "/") unary }
//   unary      = ("-" | "+" | "!") unary | power
//   power      = primary [ "^" unary ]
//   primary    = number | name | name "(" arguments ")" | "(" or ")" | "[" or { "," or } "]"
// A value is a number or a vector of numbers; which operations take vectors stands in parser_vectors.cpp.
#include "jetpinn/expr/parser.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/characters.hpp"
#include "jetpinn/expr/descent.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace jetpinn {

namespace {

constexpr int deepest_nesting = 200;
constexpr std::int64_t operand_work = 48;            // a name or a number costs about as much as reading so many characters
constexpr std::int64_t most_work = 64'000'000;       // below a second

}  // namespace

bool Descent::is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool Descent::is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

Descent::Nesting::Nesting(Descent& descent) : depth_(descent.state_.depth) {
  if (depth_ >= deepest_nesting) {
    descent.fail("the expression nests deeper than " + std::to_string(deepest_nesting) + " levels", descent.position_, 1);
  }
  ++depth_;
}

void Descent::charge(std::int64_t characters) {
  state_.work += characters;
  if (state_.work > most_work) fail("the expression is too long once its sums are written out", position_, 1);
}

ExpressionValue Descent::parse() {
  try {
    if (const std::size_t at = first_beyond_ascii(text_); at != std::string_view::npos)
      fail(describe_character(text_, at), at, character_at(text_, at).length);
    skip_space();
    if (at_end()) fail("the expression is empty", 0, text_.size());
    const ExpressionValue result = parse_or();  // counts one level, also for a definition
    if (!at_end() && peek() == '=') fail_equals(result);
    if (!at_end()) fail_unexpected();
    check_top(result);
    return result;
  } catch (const Error& error) {  // limits of the graph: blame the operand that was read last
    fail(error.what(), operand_begin_, std::max<std::size_t>(1, position_ - operand_begin_));
  }
}

NodeId Descent::parse_number_alone() {
  const ExpressionValue value = parse();
  return number_of({value, 0, text_.size()}, "this place", "only residuals and definitions can be vectors");
}

// --- messages

void Descent::fail(const std::string& message, std::size_t offset, std::size_t length) const {
  // A place behind the end (something is missing) is its last character.
  if (offset >= text_.size()) offset = text_.empty() ? 0 : text_.size() - 1;
  throw ExpressionError(message, offset, std::min(length, text_.size() - offset), definition_);
}
void Descent::fail_unexpected() const {
  const char c = text_[position_];
  const bool doubled = position_ + 1 < text_.size() && text_[position_ + 1] == c;
  if (c == ')') fail("')' without a '(' before it", position_, 1);
  if (c == '=') fail_equals();
  if ((c == '&' || c == '|') && !doubled) fail(std::string("write '") + c + c + "' between conditions", position_, 1);
  if (c == '%') fail("the remainder is written mod(a, b)", position_, 1);
  if (c == ',') fail("',' outside of a function's arguments", position_, 1);
  if (c == '{') fail("'{' must follow a name without a space, as in x{k}", position_, 1);
  if (c == ']') fail("']' without a '[' before it", position_, 1);
  if (c == '.' && position_ > 0 && is_letter(text_[position_ - 1]))
    fail("columns of point tables are not available here", position_, 1);
  for (const auto& [word, sign] : {std::pair("and", "&&"), std::pair("or", "||")}) {
    const std::size_t end = position_ + std::string_view(word).size();
    if (text_.substr(position_, end - position_) == word &&
        (end >= text_.size() || !(is_letter(text_[end]) || is_digit(text_[end]))))
      fail(std::string("write '") + sign + "' between conditions", position_, end - position_);
  }
  if (is_letter(c) || is_digit(c) || c == '(' || c == '[')
    fail("an operator is missing before this (a product is written with '*')", position_, 1);
  fail(std::string("unexpected '") + c + "'", position_, 1);
}

// --- characters

void Descent::skip_space() {
  while (!at_end() && std::isspace(static_cast<unsigned char>(text_[position_]))) ++position_;
}

bool Descent::accept(std::string_view token) {
  if (text_.substr(position_, token.size()) != token) return false;
  position_ += token.size();
  skip_space();
  return true;
}

void Descent::expect(std::string_view token, const std::string& what) {
  if (accept(token)) return;
  if (at_end()) fail("the expression ends where " + what + " is expected", text_.size(), 1);
  if (peek() == ',' || peek() == ')' || peek() == ']') fail("expected " + what, position_, 1);
  fail_unexpected();
}

// --- grammar

namespace {

const char* const condition_mend = "write a condition for each component";

}  // namespace

ExpressionValue Descent::parse_or() {
  const Nesting nesting(*this);
  const std::size_t begin = position_;
  ExpressionValue left = parse_and();
  for (std::size_t sign = position_; accept("||"); sign = position_) {
    const NodeId a = number_of({left, begin, sign}, "'||'", condition_mend);
    const std::size_t behind = position_;
    const NodeId b = number_of(operand_from(parse_and(), behind), "'||'", condition_mend);
    left = note_top(graph_.make(Op::logical_or, a, b), begin, sign, 2);
  }
  return left;
}

ExpressionValue Descent::parse_and() {
  const std::size_t begin = position_;
  ExpressionValue left = parse_comparison();
  for (std::size_t sign = position_; accept("&&"); sign = position_) {
    const NodeId a = number_of({left, begin, sign}, "'&&'", condition_mend);
    const std::size_t behind = position_;
    const NodeId b = number_of(operand_from(parse_comparison(), behind), "'&&'", condition_mend);
    left = note_top(graph_.make(Op::logical_and, a, b), begin, sign, 2);
  }
  return left;
}

int Descent::comparison_length() const {
  const char c = peek(), next = peek(1);
  if (c == '<' || c == '>') return next == '=' ? 2 : 1;
  return (c == '=' || c == '!') && next == '=' ? 2 : 0;
}

ExpressionValue Descent::parse_comparison() {
  const std::size_t begin = position_;
  const ExpressionValue first = parse_sum();
  const std::size_t sign = position_;
  const int length = comparison_length();
  if (length == 0) return first;
  const std::string token(text_.substr(position_, static_cast<std::size_t>(length)));
  accept(token);
  const std::size_t behind = position_;
  const Operand second = operand_from(parse_sum(), behind);
  const std::string mend = state_.meaning == Meaning::residual
                               ? "compare components, or write as a residual what is to vanish: left - (right)"
                               : "compare its components one by one";
  const NodeId left = number_of({first, begin, sign}, "'" + token + "'", mend);
  const NodeId right = number_of(second, "'" + token + "'", mend);
  if (comparison_length() > 0) fail("comparisons do not chain; write a < b && b < c", position_, 1);
  const auto note = [&](Op op, NodeId a, NodeId b) { return note_top(graph_.make(op, a, b), begin, sign, token.size()); };
  if (token == "<") return note(Op::less, left, right);
  if (token == "<=") return note(Op::less_equal, left, right);
  if (token == ">") return note(Op::less, right, left);
  if (token == ">=") return note(Op::less_equal, right, left);
  return note(token == "==" ? Op::equal : Op::not_equal, left, right);
}

ExpressionValue Descent::parse_sum() {
  const std::size_t begin = position_;
  ExpressionValue left = parse_product();
  for (;;) {
    const std::size_t sign = position_;
    const bool plus = accept("+");
    if (!plus && !accept("-")) return left;
    const std::size_t behind = position_;
    const Operand right = operand_from(parse_product(), behind);
    left = finite(add({std::move(left), begin, sign}, right, !plus), begin);
  }
}

ExpressionValue Descent::parse_product() {
  const std::size_t begin = position_;
  ExpressionValue left = parse_unary();
  for (;;) {
    if (peek() == '*' && peek(1) == '*') fail("powers are written with '^'", position_, 2);
    const std::size_t sign = position_;
    const bool times = accept("*");
    if (!times && !accept("/")) return left;
    const std::size_t behind = position_;
    const Operand right = operand_from(parse_unary(), behind);
    if (!times && !right.value.is_vector() && graph_.is_constant(right.value.number, 0))
      fail("division by zero", sign, position_ - sign);
    const Operand before{std::move(left), begin, sign};
    left = finite(times ? multiply(before, right) : divide(before, right), begin);
  }
}

ExpressionValue Descent::parse_unary() {
  const char sign = peek();
  if (sign != '-' && sign != '+' && (sign != '!' || peek(1) == '=')) return parse_power();
  const Nesting nesting(*this);
  const std::size_t begin = position_;
  accept({&sign, 1});
  const std::size_t behind = position_;
  const ExpressionValue operand = parse_unary();
  if (sign == '!') {
    const NodeId condition = number_of(operand_from(operand, behind), "'!'", condition_mend);
    return note_top(graph_.make(Op::logical_not, condition), begin, begin, 1);
  }
  return sign == '-' ? negate(operand) : operand;
}

ExpressionValue Descent::parse_power() {
  const std::size_t begin = position_;
  ExpressionValue base = parse_primary();
  const std::size_t sign = position_;
  if (!accept("^")) return base;
  const Nesting nesting(*this);
  const char* const mend = "the square of a vector v is dot(v, v)";
  const NodeId a = number_of({std::move(base), begin, sign}, "'^'", mend);
  const std::size_t behind = position_;
  const NodeId b = number_of(operand_from(parse_unary(), behind), "'^'", mend);
  return finite(graph_.make(Op::power, a, b), begin);
}

NodeId Descent::finite(NodeId id, std::size_t begin) const {
  if (graph_.is_constant(id) && !std::isfinite(graph_[id].value))
    fail("this constant is not a finite number", begin, position_ - begin);
  return id;
}

ExpressionValue Descent::finite(ExpressionValue value, std::size_t begin) const {
  for (NodeId id : value.components) finite(id, begin);
  if (!value.is_vector()) finite(value.number, begin);
  return value;
}

ExpressionValue Descent::parse_primary() {
  charge(operand_work);
  operand_begin_ = position_;
  if (at_end()) fail("the expression ends where a value is expected", text_.size(), 1);
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return parse_number();
  if (accept("(")) {
    const std::size_t begin = operand_begin_;
    ExpressionValue inside = parse_or();
    if (at_end()) fail("this '(' is not closed", begin, 1);
    expect(")", "')'");
    return inside;
  }
  if (is_letter(c)) return parse_name();
  if (c == '[') return parse_vector();
  if (c == '=' || c == '{' || c == '%') fail_unexpected();
  fail(std::string("a value is expected before '") + c + "'", position_, 1);
}

NodeId Descent::parse_number() {
  double value = 0;
  const char* begin = text_.data() + position_;
  const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
  const auto length = static_cast<std::size_t>(end - begin);
  if (error != std::errc() || !std::isfinite(value))
    fail("this number is too large or too small", position_, std::max<std::size_t>(1, length));
  position_ += length;
  if (is_letter(peek())) fail("an operator is missing after the number (a product is written with '*')", position_, 1);
  skip_space();
  return graph_.constant(value);
}

NodeId parse_expression(ExpressionGraph& graph, const SymbolTable& symbols, std::string_view text, Meaning meaning) {
  DescentState state{graph, symbols, meaning};
  return Descent(state, text, "").parse_number_alone();
}

std::vector<NodeId> parse_components(ExpressionGraph& graph, const SymbolTable& symbols, std::string_view text,
                                     Meaning meaning) {
  DescentState state{graph, symbols, meaning};
  return Descent(state, text, "").parse().nodes();
}

double parse_constant(std::string_view text, const SymbolTable& symbols) {
  ExpressionGraph graph;
  return graph[parse_expression(graph, symbols, text)].value;  // without coordinates and fields everything
                                                               // folds to a constant
}

double parse_constant(std::string_view text, const std::map<std::string, double>& constants) {
  SymbolTable symbols;
  symbols.constants = constants;
  return parse_constant(text, symbols);
}

}  // namespace jetpinn
