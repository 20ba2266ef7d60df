#include "jetpinn/problem/size_with_unit.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

struct Unit {
  const char* name;
  double size;      // in SI base units
  bool prefixable;  // "mm", but not "mmin"
};

constexpr Unit units[] = {{"m", 1, true},
                          {"g", 1e-3, true},
                          {"s", 1, true},
                          {"A", 1, true},
                          {"K", 1, true},
                          {"mol", 1, true},
                          {"cd", 1, true},
                          {"N", 1, true},
                          {"Pa", 1, true},
                          {"J", 1, true},
                          {"W", 1, true},
                          {"Hz", 1, true},
                          {"C", 1, true},
                          {"V", 1, true},
                          {"F", 1, true},
                          {"ohm", 1, true},
                          {"S", 1, true},
                          {"Wb", 1, true},
                          {"T", 1, true},
                          {"H", 1, true},
                          {"rad", 1, true},
                          {"L", 1e-3, true},
                          {"l", 1e-3, true},
                          {"eV", 1.602176634e-19, true},
                          {"bar", 1e5, true},
                          {"atm", 101325, false},
                          {"min", 60, false},
                          {"h", 3600, false},
                          {"d", 86400, false},
                          {"t", 1e3, false},
                          {"deg", 0.017453292519943295, false}};

struct Prefix {
  const char* name;
  double factor;
};

constexpr Prefix prefixes[] = {{"f", 1e-15}, {"p", 1e-12}, {"n", 1e-9}, {"u", 1e-6}, {"µ", 1e-6}, {"μ", 1e-6}, {"m", 1e-3},
                               {"c", 1e-2},  {"d", 1e-1},  {"h", 1e2},  {"k", 1e3},  {"M", 1e6},  {"G", 1e9},  {"T", 1e12}};

// A name of its own counts before one with a prefix: "min", "cd", "Pa".
std::optional<double> size_of_unit(const std::string& name) {
  for (const Unit& unit : units)
    if (name == unit.name) return unit.size;
  for (const Prefix& prefix : prefixes)
    for (const Unit& unit : units)
      if (unit.prefixable && name == std::string(prefix.name) + unit.name) return prefix.factor * unit.size;
  return std::nullopt;
}

std::vector<std::string> known_units() {
  std::vector<std::string> names;
  for (const Unit& unit : units) names.push_back(unit.name);
  for (const Prefix& prefix : prefixes)
    for (const Unit& unit : units)
      if (unit.prefixable) names.push_back(std::string(prefix.name) + unit.name);
  return names;
}

// Letters and whatever is beyond ASCII: "µm".
bool in_unit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80); }

[[noreturn]] void fail_unit(const std::string& name, std::size_t offset) {
  if (name == "degC" || name == "°C" || name == "degF" || name == "°F")
    throw ExpressionError("a scale is a size, which degrees of another zero cannot tell; write kelvins, as in \"20 K\"",
                          offset, name.size());
  const std::string nearest = nearest_name(name, known_units());
  throw ExpressionError(
      "unknown unit '" + name + "'; " +
          (nearest.empty() ? "units are those of the SI with their prefixes, such as mm, ms, kg, K, N, GPa, "
                             "W, J, min, h, bar"
                           : "did you mean '" + nearest + "'?"),
      offset, name.size());
}

// "W/m^2", behind the number that ends at `at`.
class UnitReader {
 public:
  UnitReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  double read() {
    double size = 1;
    bool divide = false;
    for (skip_spaces(); at_ < text_.size(); skip_spaces()) {
      const double factor = factor_here();
      size = divide ? size / factor : size * factor;
      skip_spaces();
      divide = at_ < text_.size() && text_[at_] == '/';
      if (at_ < text_.size() && (divide || text_[at_] == '*')) {
        ++at_;
        skip_spaces();
        if (at_ == text_.size()) throw ExpressionError("a unit is missing behind this", at_ - 1, 1);
      }
    }
    return size;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  double factor_here() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_unit(text_[at_])) ++at_;
    if (at_ == begin)
      throw ExpressionError("units are joined by *, / and ^ with a whole power, as in W/m^2/K, without parentheses", begin,
                            1);
    const std::string name(text_.substr(begin, at_ - begin));
    const std::optional<double> size = size_of_unit(name);
    if (!size) fail_unit(name, begin);
    return std::pow(*size, power_here());
  }

  int power_here() {
    if (at_ == text_.size() || text_[at_] != '^') return 1;
    int power = 0;
    const auto [stop, error] = std::from_chars(text_.data() + at_ + 1, text_.data() + text_.size(), power);
    if (error != std::errc() || power < -9 || power > 9)
      throw ExpressionError("the power of a unit is a whole number from -9 to 9", at_, 1);
    at_ = static_cast<std::size_t>(stop - text_.data());
    return power;
  }

  std::string_view text_;
  std::size_t at_;
};

}  // namespace

double parse_size(std::string_view text, const SymbolTable& constants) {
  const std::size_t begin = text.find_first_not_of(' ');
  double number = 0;
  if (begin != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + begin, end, number);
    auto at = static_cast<std::size_t>(stop - text.data());
    while (error == std::errc() && at < text.size() && text[at] == ' ') ++at;
    // "inf" and "nan" are no numbers here: they begin with a letter.
    if (error == std::errc() && at < text.size() && in_unit(text[at]) && !in_unit(text[begin]))
      return number * UnitReader(text, at).read();
  }
  return parse_constant(text, constants);
}

}  // namespace jetpinn
