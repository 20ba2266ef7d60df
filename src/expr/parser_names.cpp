// What a name means: an index of a sum, something declared, a derivative of it, or nothing, with
// a hint what was probably meant.
#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/descent.hpp"
#include "jetpinn/expr/function_hints.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

namespace {

constexpr double largest_index = 1e6;

int position_in(const std::vector<std::string>& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? -1 : static_cast<int>(at - names.begin());
}

}  // namespace

std::string Descent::scan_name() {
  std::string name;
  for (;;) {
    if (is_letter(peek()) || (is_digit(peek()) && !name.empty())) {
      name += text_[position_++];
    } else if (peek() == '{' && !name.empty()) {
      const std::size_t begin = position_++;
      skip_space();
      const std::size_t inside = position_;
      const NodeId index = number_of(operand_from(parse_or(), inside), "a name's '{...}'", "write a whole number");
      if (at_end() || peek() != '}') fail("this '{' is not closed", begin, 1);
      ++position_;
      name += std::to_string(whole_number(index, begin, "the text in braces"));
    } else {
      return name;
    }
  }
}

std::int64_t Descent::whole_number(NodeId id, std::size_t begin, const std::string& what) const {
  const double value = graph_.is_constant(id) ? graph_[id].value : 0.5;
  if (std::nearbyint(value) != value) fail(what + " must be a whole constant number", begin, position_ - begin);
  if (std::abs(value) > largest_index)
    fail(what + " must be at most " + std::to_string(static_cast<int>(largest_index)), begin, position_ - begin);
  return static_cast<std::int64_t>(value);
}

ExpressionValue Descent::parse_name() {
  const std::size_t begin = position_;
  const std::string name = scan_name();
  const std::size_t length = position_ - begin;
  if (name == "data" && peek() == '.' && symbols_.data) return parse_data(begin);
  skip_space();
  if (peek() != '(') return resolve(name, begin, length);
  if (const FunctionName* function = find_function(name)) return parse_function(*function, begin);
  if (const MaybeValue value = parse_operator(name, begin)) return *value;
  if (is_declared(name) || name == "pi" || find_index(name)) {
    fail("'" + name + "' is not a function; a product is written " + name + "*(...)", begin, length);
  }
  if (const std::string hint = function_hint(name); !hint.empty())
    fail("unknown function '" + name + "'; " + hint, begin, length);
  std::vector<std::string> candidates = operator_names();
  for (const FunctionName& function : function_names()) candidates.push_back(function.name);
  fail_unknown("function", name, begin, length, candidates);
}

// Where something is called n, n_x is its derivative, or refused as such.
Descent::MaybeValue Descent::resolve_attribute(const std::string& name, std::size_t begin, std::size_t length) {
  const std::vector<int> space = symbols_.space();
  const auto is_attribute = [&](const std::string& text) {
    if (text == "sdf") return !is_declared(text);
    return text.rfind("n_", 0) == 0 && contains(symbols_.coordinates, text.substr(2)) && !is_declared("n");
  };
  std::string base;
  std::vector<int> by;
  if (split_derivative(symbols_, name, base, by) && is_attribute(base))
    fail("'" + base + "' is known at the points alone and has no derivative", begin, length);
  if (!is_attribute(name)) return {};
  const std::string& refusal = name == "sdf" ? symbols_.no_distance : symbols_.no_normal;
  if (!refusal.empty()) fail(refusal, begin, length);
  if (space.empty()) fail("the time is the only coordinate here, and borders lie in space", begin, length);
  if (name == "sdf") return graph_.attribute(distance_attribute);
  const auto at = std::find(space.begin(), space.end(), position_in(symbols_.coordinates, name.substr(2)));
  if (at == space.end())
    fail("the normal lies in space, and '" + name.substr(2) + "' is no coordinate of it", begin, length);
  return graph_.attribute(normal_attribute(static_cast<int>(at - space.begin())));
}

NodeId Descent::parse_data(std::size_t begin) {
  ++position_;
  const std::string name = is_letter(peek()) ? scan_name() : "";
  const std::size_t length = position_ - begin;
  skip_space();
  if (name.empty()) fail("'data.' goes on with the name of a column, as in data.u", begin, length);
  if (contains(symbols_.coordinates, name))
    fail("the column '" + name + "' is the coordinate: write " + name, begin, length);
  std::vector<DataColumn>& columns = *symbols_.data;
  auto at = std::find_if(columns.begin(), columns.end(), [&](const DataColumn& column) { return column.name == name; });
  if (at == columns.end()) at = columns.insert(at, {name, begin, length});
  return graph_.data(static_cast<int>(at - columns.begin()));
}

const double* Descent::find_index(const std::string& name) const {
  for (auto it = indices_.rbegin(); it != indices_.rend(); ++it) {
    if (it->first == name) return &it->second;
  }
  return nullptr;
}

bool Descent::is_declared(const std::string& name) const {
  return contains(symbols_.coordinates, name) || contains(symbols_.fields, name) || symbols_.constants.count(name) ||
         symbols_.definitions.count(name) || symbols_.trained.count(name);
}

Descent::MaybeValue Descent::resolve_declared(const std::string& name, std::size_t begin, std::size_t length) {
  if (const int at = position_in(symbols_.coordinates, name); at >= 0) return graph_.coordinate(at);
  if (const int at = position_in(symbols_.fields, name); at >= 0) return graph_.field(at);
  if (const auto at = symbols_.constants.find(name); at != symbols_.constants.end()) return graph_.constant(at->second);
  if (symbols_.definitions.count(name)) return parse_definition(name, begin, length);
  if (const auto at = symbols_.trained.find(name); at != symbols_.trained.end()) return at->second;
  if (const auto at = symbols_.refused.find(name); at != symbols_.refused.end()) fail(at->second, begin, length);
  return {};
}

Descent::MaybeValue Descent::resolve_derivative(const std::string& name, std::size_t begin, std::size_t length) {
  std::string base;
  std::vector<int> by;
  if (!split_derivative(symbols_, name, base, by)) return {};
  if (contains(symbols_.fields, base) || symbols_.definitions.count(base))
    return differentiate_by(*resolve_declared(base, begin, length), by, begin, length);
  if (symbols_.constants.count(base) || symbols_.trained.count(base))
    fail("'" + base + "' is a " + (symbols_.trained.count(base) ? "trained number" : "constant") + ", so its derivative '" +
             name + "' is zero" +
             (base == "n" ? "; call it otherwise where '" + name + "' is to be a part of the normal" : ""),
         begin, length);
  return {};
}

ExpressionValue Descent::resolve(const std::string& name, std::size_t begin, std::size_t length) {
  if (const double* index = find_index(name)) return graph_.constant(*index);
  // A sum asks for the same names again and again, among as many as there are coordinates.
  if (const auto known = state_.resolved.find(name); known != state_.resolved.end()) {
    charge(static_cast<std::int64_t>(known->second.components.size()));
    return known->second;
  }
  MaybeValue value = resolve_declared(name, begin, length);
  if (!value && name == "pi") value = graph_.constant(std::acos(-1.0));
  if (!value && !is_reserved(name)) value = resolve_derivative(name, begin, length);
  if (!value) value = resolve_attribute(name, begin, length);
  if (value) {
    state_.resolved.emplace(name, *value);
    return *value;
  }

  if (find_function(name) || contains(operator_names(), name)) {
    fail("'" + name + "' is a function and needs its arguments in brackets", begin, length);
  }
  if (name == "data" && symbols_.data) fail("'data' is the table: a column of it is written data.NAME", begin, length);
  if (name == "data") fail("columns of point tables are not available here", begin, length);
  // u_x1 is not a derivative's spelling: say which one is.
  const std::size_t bar = name.rfind('_');
  if (bar != std::string::npos && contains(symbols_.fields, name.substr(0, bar)) &&
      contains(symbols_.coordinates, name.substr(bar + 1))) {
    if (const int at = position_in(symbols_.coordinates, name.substr(bar + 1)); symbols_.is_parameter(at))
      fail_by_parameter(at, begin, length);
    fail("unknown name '" + name + "'; the derivative by a coordinate of several letters is written d(" +
             name.substr(0, bar) + ", " + name.substr(bar + 1) + ")",
         begin, length);
  }
  const std::vector<std::string> known = names_in_sight();
  if (name == "e" && !contains(known, "E"))
    fail("unknown name 'e'; e^x is written exp(x), and e itself exp(1)", begin, length);
  if (name == "i" && !contains(known, "I") && indices_.empty())
    fail("unknown name 'i'; there is no imaginary unit: a complex field is written as two, its real and imaginary part",
         begin, length);
  // du/dx and d2u/dx2, as on paper.
  const std::size_t base = name[0] == 'd' ? name.find_first_not_of("0123456789", 1) : std::string::npos;
  if (base != std::string::npos && contains(symbols_.fields, name.substr(base)))
    fail("unknown name '" + name + "'; a derivative of " + name.substr(base) + " is written d(" + name.substr(base) + ", " +
             symbols_.coordinates[0] + ")",
         begin, length);
  fail_unknown("name", name, begin, length, known);
}

std::vector<std::string> Descent::names_in_sight() const {
  std::vector<std::string> names = declared_names(symbols_);
  for (const auto& index : indices_) names.push_back(index.first);
  if (symbols_.no_normal.empty())
    for (const std::string& name : attribute_names(symbols_)) names.push_back(name);
  names.push_back("pi");
  return names;
}

void Descent::fail_unknown(const std::string& kind, const std::string& name, std::size_t begin, std::size_t length,
                           const std::vector<std::string>& candidates) const {
  std::string nearest = nearest_name(name, candidates);
  // v_xx with a field w: the part before the derivative may be what is misspelt.
  std::string base;
  std::vector<int> by;
  if (nearest.empty() && kind == "name" && split_derivative(symbols_, name, base, by))
    nearest = nearest_name(base, symbols_.fields);
  std::string hint = "; did you mean '" + nearest + "'?";
  if (nearest.empty() && kind == "function") {
    hint = "; docs/expressions.md lists all that there are";
  } else if (nearest.empty()) {  // nothing near: say what there is
    hint = "; known: ";
    for (std::size_t k = 0; k < candidates.size() && k < 12; ++k) hint += (k ? ", " : "") + candidates[k];
    if (candidates.size() > 12) hint += ", ...";
  }
  fail("unknown " + kind + " '" + name.substr(0, 80) + "'" + hint, begin, length);
}

ExpressionValue Descent::parse_definition(const std::string& name, std::size_t begin, std::size_t length) {
  if (const auto done = state_.definitions.find(name); done != state_.definitions.end()) return done->second;
  auto& open = state_.open_definitions;
  if (contains(open, name)) {
    std::string circle;
    for (auto it = std::find(open.begin(), open.end(), name); it != open.end(); ++it) circle += *it + " -> ";
    fail("the definition '" + name + "' refers to itself: " + circle + name, begin, length);
  }
  open.push_back(name);
  ExpressionValue value = Descent(state_, symbols_.definitions.at(name), name).parse();
  open.pop_back();
  state_.definitions.emplace(name, value);
  return value;
}

}  // namespace jetpinn
