// What may stand on top of a text: a residual that is a comparison is 1 or 0, so nothing could be learned from it. The
// message offers what was probably meant, with the text's own parts.
#include "jetpinn/expr/descent.hpp"

#include <charconv>
#include <cctype>

namespace jetpinn {

namespace {

constexpr std::size_t longest_offer = 160;   // of a text that is written again in a message

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)); }

// Without spaces around it, and with one for each run of them inside: it becomes part of a line.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (!is_space(c)) line += c;
    else if (!line.empty() && line.back() != ' ') line += ' ';
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

bool is_zero(const std::string& text) {
  double value = 1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value == 0;
}

const char* const vanish = "a residual is what is to vanish";
const char* const one_or_zero = "is 1 where it holds and 0 elsewhere, so nothing could be learned from it";

// "left - (right)" in the words of the text, or the words themselves where the text is long.
std::string difference(const std::string& left, const std::string& right) {
  const bool fits = !left.empty() && !right.empty() && left.size() + right.size() <= longest_offer;
  return fits ? left + " - (" + right + ")" : "left - (right)";
}

}  // namespace

NodeId Descent::note_top(NodeId id, std::size_t begin, std::size_t sign, std::size_t length) {
  state_.top = {id, begin, sign, length, position_, definition_};
  return id;
}

void Descent::check_top(const ExpressionValue& value) const {
  // The last comparison that was read has its place, so the last component that is one is looked at first.
  for (auto at = value.components.rbegin(); at != value.components.rend(); ++at) check_top(*at);
  if (value.is_vector()) return;
  const NodeId root = value.number;
  const Op op = graph_[root].op;
  if (!definition_.empty() || state_.meaning == Meaning::any || !is_truth_value(op)) return;
  const bool equality = op == Op::equal || op == Op::not_equal;
  if (state_.meaning == Meaning::value && !equality) return;
  const TopOperation& top = state_.top;
  if (top.id != root)
    fail(std::string("this ") + one_or_zero + (state_.meaning == Meaning::value ? "" : std::string("; ") + vanish), 0,
         text_.size());
  // Behind a definition it is that text which is to be mended.
  const std::string_view text = top.definition.empty() ? text_ : std::string_view(symbols_.definitions.at(top.definition));
  Descent(state_, text, top.definition).fail_top();
}

void Descent::fail_top() const {
  const TopOperation& top = state_.top;
  const std::string sign(text_.substr(top.sign, top.length));
  const std::size_t behind = top.sign + top.length;
  const std::string left = in_one_line(text_.substr(top.begin, top.sign - top.begin)),
                    right = in_one_line(text_.substr(behind, top.end - behind));
  if (state_.meaning == Meaning::value)
    fail("a value is wanted here, and '" + sign + "' of numbers hardly ever holds; where(condition, a, b) chooses", top.sign,
         top.length);
  if (sign == "==") fail_equation(left, right, top.begin, top.sign, top.length, top.end);
  std::string hint = std::string("; ") + vanish;
  const bool shown = left.size() + right.size() <= longest_offer;
  if (sign == "&&") hint = "; several residuals on the same points are a list: [\"first\", \"second\"]";
  if ((sign == "<" || sign == "<=") && shown)
    hint = "; to ask for it write max(" + difference(left, right) + ", 0), which vanishes where it holds";
  if ((sign == ">" || sign == ">=") && shown)
    hint = "; to ask for it write max(" + difference(right, left) + ", 0), which vanishes where it holds";
  fail("'" + sign + "' " + one_or_zero + hint, top.sign, top.length);
}

// left = right, or left == right, as a residual; the sign stands at `sign`.
void Descent::fail_equation(const std::string& left, const std::string& right, std::size_t begin, std::size_t sign,
                            std::size_t length, std::size_t end) const {
  const std::string written(text_.substr(sign, length));
  while (end > sign + length && is_space(text_[end - 1])) --end;
  if (is_zero(right)) fail("drop '" + written + " " + right + "': " + vanish, sign, end - sign);
  if (is_zero(left)) fail("drop '" + left + " " + written + "': " + vanish, begin, sign + length - begin);
  fail(std::string(vanish) + ": write " + difference(left, right), sign, length);
}

// The text goes on with '=' behind what was read.
void Descent::fail_equals(const ExpressionValue& left) const {
  const char next = peek(1);
  if (next == '<' || next == '>') fail(std::string("comparison is written '") + next + "='", position_, 2);
  if (state_.meaning == Meaning::value && definition_.empty())
    fail("a value is wanted here, without '='; write only what stands on its right side", position_, 1);
  if (state_.meaning == Meaning::residual && definition_.empty() && (left.is_vector() || left.number >= 0)) {
    const std::string_view rest = text_.substr(position_ + 1);
    if ((!left.is_vector() && is_truth_value(graph_[left.number].op)) || rest.find('=') != std::string_view::npos ||
        in_one_line(rest).empty())
      fail(std::string(vanish) + ": bring everything to one side, without '='", position_, 1);
    fail_equation(in_one_line(text_.substr(0, position_)), in_one_line(rest), 0, position_, 1, text_.size());
  }
  const bool perhaps_equation = !symbols_.fields.empty();   // a set or a weight sees no field
  fail(std::string("comparison is written '=='") +
           (perhaps_equation ? ", and an equation as what is to vanish: left - (right)" : ""),
       position_, 1);
}

}  // namespace jetpinn
