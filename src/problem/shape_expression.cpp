#include "jetpinn/problem/shape_expression.hpp"

#include "jetpinn/expr/parser.hpp"

#include <cctype>

namespace jetpinn {
namespace {

constexpr int most_nested = 200;

class Parser {
 public:
  Parser(std::string_view text, const FindShape& find) : text_(text), find_(find) {}

  ShapePointer whole() {
    ShapePointer shape = sum();
    if (peek() == '|') fail("the union of shapes is written +");
    if (peek() != 0) fail("expected +, -, & or the end");
    return shape;
  }

 private:
  ShapePointer sum() {
    ShapePointer left = product();
    while (peek() == '+' || peek() == '-') {
      const bool more = text_[at_++] == '+';
      ShapePointer right = product();
      left = more ? unite(left, right) : intersect(left, complement(right));
    }
    return left;
  }

  ShapePointer product() {
    ShapePointer left = one();
    while (peek() == '&') {
      ++at_;
      left = intersect(left, one());
    }
    return left;
  }

  ShapePointer one() {
    if (++depth_ > most_nested) fail("this expression is nested too deeply");
    ShapePointer shape;
    if (peek() == '~') {
      ++at_;
      shape = complement(one());
    } else if (peek() == '(') {
      ++at_;
      shape = sum();
      if (peek() != ')') fail("expected )");
      ++at_;
    } else {
      shape = named();
    }
    --depth_;
    return shape;
  }

  ShapePointer named() {
    if (peek() == '&') fail("what shapes share is written with a single &");
    if (peek() == '!') fail("the complement of a shape is written ~");
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    if (at_ == begin) fail("expected the name of a shape");
    return find_(std::string(text_.substr(begin, at_ - begin)), begin);
  }

  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : 0;
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw ExpressionError(message, at_, at_ < text_.size() ? 1 : 0);
  }

  std::string_view text_;
  const FindShape& find_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

ShapePointer parse_shape_expression(std::string_view text, const FindShape& find) { return Parser(text, find).whole(); }

}  // namespace jetpinn
