// Recursive descent over the text; one function per level of the grammar:
//   or         = and { "||" and }
//   and        = comparison { "&&" comparison }
//   comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
//   sum        = product { ("+" | "-") product }
//   product    = unary { ("*" | "/") unary }
//   unary      = ("-" | "+" | "!") unary | power
//   power      = primary [ "^" unary ]
//   primary    = number | name | name "(" arguments ")" | "(" or ")"
#include "jetpinn/expr/parser.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/names.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace jetpinn {

namespace {

constexpr int deepest_nesting = 200;
constexpr std::int64_t most_operands = 4'000'000;  // names and numbers read, every round of a sum counted
constexpr double largest_index = 1e6;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

// What the parsers of a text and of the definitions it uses have in common.
struct Shared {
  ExpressionGraph& graph;
  const SymbolTable& symbols;
  std::map<std::string, NodeId> definitions;   // parsed already
  std::vector<std::string> open_definitions;   // being parsed, outermost first
  int depth = 0;
  std::int64_t operands = 0;
};

class Parser {
 public:
  Parser(Shared& shared, std::string_view text, std::string definition)
      : shared_(shared), graph_(shared.graph), symbols_(shared.symbols), text_(text), definition_(std::move(definition)) {}

  NodeId parse() {
    try {
      skip_space();
      if (at_end()) fail("the expression is empty", 0, text_.size());
      const NodeId result = parse_or();  // counts one level, also for a definition
      if (!at_end()) fail_unexpected();
      return result;
    } catch (const Error& error) {  // limits of the graph: blame the operand that was read last
      fail(error.what(), operand_begin_, std::max<std::size_t>(1, position_ - operand_begin_));
    }
  }

 private:
  [[noreturn]] void fail(const std::string& message, std::size_t offset, std::size_t length) const {
    // A place behind the end (something is missing) is its last character.
    if (offset >= text_.size()) offset = text_.empty() ? 0 : text_.size() - 1;
    throw ExpressionError(message, offset, std::min(length, text_.size() - offset), definition_);
  }
  [[noreturn]] void fail_unexpected() const {
    const char c = text_[position_];
    const bool doubled = position_ + 1 < text_.size() && text_[position_ + 1] == c;
    if (c == ')') fail("')' without a '(' before it", position_, 1);
    if (c == '=') fail("comparison is written '=='", position_, 1);
    if ((c == '&' || c == '|') && !doubled) fail(std::string("write '") + c + c + "' between conditions", position_, 1);
    if (c == '%') fail("the remainder is written mod(a, b)", position_, 1);
    if (c == ',') fail("',' outside of a function's arguments", position_, 1);
    if (c == '{') fail("'{' must follow a name without a space, as in x{k}", position_, 1);
    if (c == '[' || c == ']') fail_vector(position_, 1);
    if (c == '.' && position_ > 0 && is_letter(text_[position_ - 1]))
      fail("columns of point tables are not available here", position_, 1);
    if (is_letter(c) || is_digit(c) || c == '(')
      fail("an operator is missing before this (a product is written with '*')", position_, 1);
    fail(std::string("unexpected '") + c + "'", position_, 1);
  }
  [[noreturn]] void fail_vector(std::size_t offset, std::size_t length) const {
    fail("vector notation (grad, div, curl, dot, [a, b]) is not available yet; write the components with d(expr, x)", offset,
         length);
  }

  // Scope of one level of nesting.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : depth_(parser.shared_.depth) {
      if (depth_ >= deepest_nesting) {
        parser.fail("the expression nests deeper than " + std::to_string(deepest_nesting) + " levels", parser.position_, 1);
      }
      ++depth_;
    }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    int& depth_;
  };

  // --- characters
  // ---------------------------------------------------------------------------------------------------------------
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  void skip_space() {
    while (!at_end() && std::isspace(static_cast<unsigned char>(text_[position_]))) ++position_;
  }
  bool accept(std::string_view token) {
    if (text_.substr(position_, token.size()) != token) return false;
    position_ += token.size();
    skip_space();
    return true;
  }
  void expect(std::string_view token, const std::string& what) {
    if (accept(token)) return;
    if (at_end()) fail("the expression ends where " + what + " is expected", text_.size(), 1);
    if (peek() == ',' || peek() == ')') fail("expected " + what, position_, 1);
    fail_unexpected();
  }

  // --- grammar
  // ------------------------------------------------------------------------------------------------------------------
  NodeId parse_or() {
    const Nesting nesting(*this);
    NodeId left = parse_and();
    while (accept("||")) left = graph_.make(Op::logical_or, left, parse_and());
    return left;
  }

  NodeId parse_and() {
    NodeId left = parse_comparison();
    while (accept("&&")) left = graph_.make(Op::logical_and, left, parse_comparison());
    return left;
  }

  // The comparison at the current place, its length in characters; 0 when there is none.
  int comparison_length() const {
    const char c = peek(), next = peek(1);
    if (c == '<' || c == '>') return next == '=' ? 2 : 1;
    return (c == '=' || c == '!') && next == '=' ? 2 : 0;
  }

  NodeId parse_comparison() {
    const NodeId left = parse_sum();
    const int length = comparison_length();
    if (length == 0) return left;
    const std::string token(text_.substr(position_, static_cast<std::size_t>(length)));
    accept(token);
    const NodeId right = parse_sum();
    if (comparison_length() > 0) fail("comparisons do not chain; write a < b && b < c", position_, 1);
    if (token == "<") return graph_.make(Op::less, left, right);
    if (token == "<=") return graph_.make(Op::less_equal, left, right);
    if (token == ">") return graph_.make(Op::less, right, left);
    if (token == ">=") return graph_.make(Op::less_equal, right, left);
    return graph_.make(token == "==" ? Op::equal : Op::not_equal, left, right);
  }

  NodeId parse_sum() {
    const std::size_t begin = position_;
    NodeId left = parse_product();
    for (;;) {
      if (accept("+")) {
        left = finite(graph_.add(left, parse_product()), begin);
      } else if (accept("-")) {
        left = finite(graph_.subtract(left, parse_product()), begin);
      } else {
        return left;
      }
    }
  }

  NodeId parse_product() {
    const std::size_t begin = position_;
    NodeId left = parse_unary();
    for (;;) {
      if (peek() == '*' && peek(1) == '*') fail("powers are written with '^'", position_, 2);
      if (accept("*")) {
        left = finite(graph_.multiply(left, parse_unary()), begin);
      } else if (peek() == '/') {
        const std::size_t bar = position_;
        accept("/");
        const NodeId right = parse_unary();
        if (graph_.is_constant(right, 0)) fail("division by zero", bar, position_ - bar);
        left = finite(graph_.divide(left, right), begin);
      } else {
        return left;
      }
    }
  }

  NodeId parse_unary() {
    const char sign = peek();
    if (sign != '-' && sign != '+' && (sign != '!' || peek(1) == '=')) return parse_power();
    const Nesting nesting(*this);
    accept({&sign, 1});
    const NodeId operand = parse_unary();
    return sign == '-' ? graph_.negate(operand) : sign == '!' ? graph_.make(Op::logical_not, operand) : operand;
  }

  NodeId parse_power() {
    const std::size_t begin = position_;
    const NodeId base = parse_primary();
    if (!accept("^")) return base;
    const Nesting nesting(*this);
    return finite(graph_.make(Op::power, base, parse_unary()), begin);
  }

  // Refuses constants such as log(-1) or 10^400 where they are written.
  NodeId finite(NodeId id, std::size_t begin) const {
    if (graph_.is_constant(id) && !std::isfinite(graph_[id].value))
      fail("this constant is not a finite number", begin, position_ - begin);
    return id;
  }

  NodeId parse_primary() {
    if (++shared_.operands > most_operands) fail("the expression is too long once its sums are written out", position_, 1);
    operand_begin_ = position_;
    if (at_end()) fail("the expression ends where a value is expected", text_.size(), 1);
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return parse_number();
    if (accept("(")) {
      const std::size_t begin = operand_begin_;
      const NodeId inside = parse_or();
      if (at_end()) fail("this '(' is not closed", begin, 1);
      expect(")", "')'");
      return inside;
    }
    if (is_letter(c)) return parse_name();
    if (c == '[') fail_vector(position_, 1);
    if (c == '=' || c == '{' || c == '%') fail_unexpected();
    fail(std::string("a value is expected before '") + c + "'", position_, 1);
  }

  NodeId parse_number() {
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

  // --- names
  // -------------------------------------------------------------------------------------------------------------------- Reads a
  // name, {k} replaced by the value of the index.
  std::string scan_name() {
    std::string name;
    for (;;) {
      if (is_letter(peek()) || (is_digit(peek()) && !name.empty())) {
        name += text_[position_++];
      } else if (peek() == '{' && !name.empty()) {
        const std::size_t begin = position_++;
        skip_space();
        const NodeId index = parse_or();
        if (at_end() || peek() != '}') fail("this '{' is not closed", begin, 1);
        ++position_;
        name += std::to_string(whole_number(index, begin, "the text in braces"));
      } else {
        return name;
      }
    }
  }

  std::int64_t whole_number(NodeId id, std::size_t begin, const std::string& what) const {
    const double value = graph_.is_constant(id) ? graph_[id].value : 0.5;
    if (std::nearbyint(value) != value || std::abs(value) > largest_index)
      fail(what + " must be a whole constant number", begin, position_ - begin);
    return static_cast<std::int64_t>(value);
  }

  NodeId parse_name() {
    const std::size_t begin = position_;
    const std::string name = scan_name();
    const std::size_t length = position_ - begin;
    skip_space();
    if (peek() != '(') return resolve(name, begin, length);
    if (const FunctionName* function = find_function(name)) return parse_function(*function, begin);
    if (name == "d") return parse_derivative(begin);
    if (name == "laplacian") return parse_laplacian(begin);
    if (name == "sum") return parse_sum_over(begin);
    if (contains(vector_names(), name)) fail_vector(begin, length);
    if (contains(declared_names(symbols_), name) || name == "pi" || find_index(name)) {
      fail("'" + name + "' is not a function; a product is written " + name + "*(...)", begin, length);
    }
    std::vector<std::string> candidates = operator_names();
    for (const FunctionName& function : function_names()) candidates.push_back(function.name);
    fail_unknown("function", name, begin, length, candidates);
  }

  const double* find_index(const std::string& name) const {
    for (auto it = indices_.rbegin(); it != indices_.rend(); ++it) {
      if (it->first == name) return &it->second;
    }
    return nullptr;
  }

  // The meaning of a declared name, or -1.
  NodeId resolve_declared(const std::string& name, std::size_t begin, std::size_t length) {
    const auto position = [&name](const std::vector<std::string>& names) {
      const auto at = std::find(names.begin(), names.end(), name);
      return at == names.end() ? -1 : static_cast<int>(at - names.begin());
    };
    if (const double* index = find_index(name)) return graph_.constant(*index);
    if (const int at = position(symbols_.coordinates); at >= 0) return graph_.coordinate(at);
    if (const int at = position(symbols_.fields); at >= 0) return graph_.field(at);
    if (const auto at = symbols_.constants.find(name); at != symbols_.constants.end()) return graph_.constant(at->second);
    if (symbols_.definitions.count(name)) return parse_definition(name, begin, length);
    return -1;
  }

  NodeId resolve(const std::string& name, std::size_t begin, std::size_t length) {
    if (const NodeId id = resolve_declared(name, begin, length); id >= 0) return id;
    if (name == "pi") return graph_.constant(std::acos(-1.0));
    if (find_function(name) || contains(operator_names(), name)) {
      fail("'" + name + "' is a function and needs its arguments in brackets", begin, length);
    }
    if (contains(vector_names(), name)) fail_vector(begin, length);
    if (name == "data") fail("columns of point tables are not available here", begin, length);

    std::string base;
    std::vector<int> by;
    if (split_derivative(symbols_, name, base, by)) {
      if (contains(symbols_.fields, base) || symbols_.definitions.count(base)) {
        return differentiate_by(resolve_declared(base, begin, length), by, begin, length);
      }
      if (symbols_.constants.count(base))
        fail("'" + base + "' is a constant, so its derivative '" + name + "' is zero", begin, length);
    }
    // u_x1 is not a derivative's spelling: say which one is.
    const std::size_t bar = name.rfind('_');
    if (bar != std::string::npos && contains(symbols_.fields, name.substr(0, bar)) &&
        contains(symbols_.coordinates, name.substr(bar + 1))) {
      fail("unknown name '" + name + "'; the derivative by a coordinate of several letters is written d(" + name.substr(0, bar) +
               ", " + name.substr(bar + 1) + ")",
           begin, length);
    }
    std::vector<std::string> candidates = declared_names(symbols_);
    for (const auto& index : indices_) candidates.push_back(index.first);
    candidates.push_back("pi");
    fail_unknown("name", name, begin, length, candidates);
  }

  [[noreturn]] void fail_unknown(const std::string& kind, const std::string& name, std::size_t begin, std::size_t length,
                                 const std::vector<std::string>& candidates) const {
    std::string nearest = nearest_name(name, candidates);
    // v_xx with a field w: the part before the derivative may be what is misspelt.
    std::string base;
    std::vector<int> by;
    if (nearest.empty() && kind == "name" && split_derivative(symbols_, name, base, by))
      nearest = nearest_name(base, symbols_.fields);
    std::string hint = "; did you mean '" + nearest + "'?";
    if (nearest.empty()) {  // nothing near: say what there is
      hint = "; known: ";
      for (std::size_t k = 0; k < candidates.size() && k < 12; ++k) hint += (k ? ", " : "") + candidates[k];
      if (candidates.size() > 12) hint += ", ...";
    }
    fail("unknown " + kind + " '" + name.substr(0, 80) + "'" + hint, begin, length);
  }

  NodeId parse_definition(const std::string& name, std::size_t begin, std::size_t length) {
    if (const auto done = shared_.definitions.find(name); done != shared_.definitions.end()) return done->second;
    auto& open = shared_.open_definitions;
    if (contains(open, name)) {
      std::string circle;
      for (auto it = std::find(open.begin(), open.end(), name); it != open.end(); ++it) circle += *it + " -> ";
      fail("the definition '" + name + "' refers to itself: " + circle + name, begin, length);
    }
    open.push_back(name);
    const NodeId id = Parser(shared_, symbols_.definitions.at(name), name).parse();
    open.pop_back();
    shared_.definitions.emplace(name, id);
    return id;
  }

  NodeId differentiate_by(NodeId id, const std::vector<int>& by, std::size_t begin, std::size_t length) {
    try {
      for (int coordinate : by) id = differentiate(graph_, id, coordinate);
      return id;
    } catch (const Error& error) {
      fail(error.what(), begin, length);
    }
  }

  // --- calls: the current place is the '('
  // --------------------------------------------------------------------------------------
  NodeId parse_function(const FunctionName& function, std::size_t begin) {
    std::vector<NodeId> operands;
    accept("(");
    if (peek() != ')') {
      do operands.push_back(parse_or());
      while (accept(","));
    }
    expect(")", "')' or ','");
    const auto wanted = static_cast<std::size_t>(function.operands);
    if (function.more ? operands.size() < wanted : operands.size() != wanted) {
      fail(std::string(function.name) + " takes " + std::to_string(wanted) + (function.more ? " or more" : "") +
               (wanted == 1 ? " argument" : " arguments") + ", not " + std::to_string(operands.size()),
           begin, position_ - begin);
    }
    operands.resize(std::max<std::size_t>(3, operands.size()), -1);
    if (!function.more) return finite(graph_.make(function.op, operands[0], operands[1], operands[2]), begin);
    NodeId result = operands[0];
    for (std::size_t k = 1; k < operands.size() && operands[k] >= 0; ++k) result = graph_.make(function.op, result, operands[k]);
    return result;
  }

  NodeId parse_derivative(std::size_t begin) {
    accept("(");
    const NodeId id = parse_or();
    std::vector<int> by;
    while (accept(",")) {
      const std::size_t place = position_;
      const std::string name = scan_name();
      const std::size_t length = position_ - place;
      const auto at = std::find(symbols_.coordinates.begin(), symbols_.coordinates.end(), name);
      if (name.empty()) fail("d(expr, x, ...) needs the names of coordinates after the expression", place, 1);
      if (at == symbols_.coordinates.end()) {
        const std::string nearest = nearest_name(name, symbols_.coordinates);
        fail("'" + name + "' is not a coordinate" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"), place, length);
      }
      by.push_back(static_cast<int>(at - symbols_.coordinates.begin()));
      skip_space();
    }
    expect(")", "')' or ','");
    if (by.empty()) fail("d(expr, x, ...) needs at least one coordinate to differentiate by", begin, position_ - begin);
    return differentiate_by(id, by, begin, position_ - begin);
  }

  NodeId parse_laplacian(std::size_t begin) {
    accept("(");
    const NodeId id = parse_or();
    expect(")", "')' (laplacian takes one argument)");
    NodeId result = graph_.constant(0);
    for (int i = 0; i < static_cast<int>(symbols_.coordinates.size()); ++i) {
      if (i != symbols_.time) result = graph_.add(result, differentiate_by(id, {i, i}, begin, position_ - begin));
    }
    return result;
  }

  // sum(k, first, last, body): the body's text is read once per value of k.
  NodeId parse_sum_over(std::size_t begin) {
    accept("(");
    const std::size_t name_begin = position_;
    const std::string index = is_letter(peek()) ? scan_name() : "";
    if (index.empty()) fail("sum(k, first, last, expr) begins with the name of its index", name_begin, 1);
    if (contains(declared_names(symbols_), index) || is_reserved(index) || find_index(index)) {
      fail("the index '" + index + "' of this sum is already a name; choose another", name_begin, position_ - name_begin);
    }
    skip_space();
    const std::int64_t first = parse_bound("the first index");
    const std::int64_t last = parse_bound("the last index");
    expect(",", "',' and the expression to sum");

    const std::size_t body = position_;
    NodeId result = graph_.constant(0);
    indices_.emplace_back(index, 0);
    for (std::int64_t k = first; k <= last || k == first; ++k) {  // read once even when empty: its end and its errors
      position_ = body;
      indices_.back().second = static_cast<double>(k);
      const NodeId addend = parse_or();
      if (k <= last) result = finite(graph_.add(result, addend), begin);
    }
    indices_.pop_back();
    expect(")", "')'");
    return result;
  }

  std::int64_t parse_bound(const std::string& what) {
    expect(",", "',' and " + what);
    const std::size_t begin = position_;
    const NodeId bound = parse_or();
    return whole_number(bound, begin, what);
  }

  Shared& shared_;
  ExpressionGraph& graph_;
  const SymbolTable& symbols_;
  std::string_view text_;
  std::string definition_;
  std::size_t position_ = 0, operand_begin_ = 0;
  std::vector<std::pair<std::string, double>> indices_;  // of the sums around the current place
};

}  // namespace

NodeId parse_expression(ExpressionGraph& graph, const SymbolTable& symbols, std::string_view text) {
  Shared shared{graph, symbols, {}, {}, 0, 0};
  return Parser(shared, text, "").parse();
}

double parse_constant(std::string_view text, const std::map<std::string, double>& constants) {
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.constants = constants;
  return graph[parse_expression(graph, symbols, text)].value;  // without coordinates and fields everything folds to a constant
}

}  // namespace jetpinn
