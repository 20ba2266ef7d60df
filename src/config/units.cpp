#include "jetpinn/config/units.hpp"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace jetpinn {
namespace {

using Units = std::vector<std::pair<std::string, double>>;

std::optional<double> parse_quantity(const std::string& text, const Units& units) {
  const char* begin = text.data();
  const char* const end = begin + text.size();
  while (begin < end && *begin == ' ') ++begin;
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  std::string unit(stop, end);
  unit.erase(0, unit.find_first_not_of(' '));
  while (!unit.empty() && unit.back() == ' ') unit.pop_back();
  if (unit.empty()) return value;
  for (const auto& [name, factor] : units)
    if (unit == name) return value * factor;
  return std::nullopt;
}

}  // namespace

std::optional<double> parse_duration(const std::string& text) {
  static const Units units{{"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
  return parse_quantity(text, units);
}

std::optional<double> parse_bytes(const std::string& text) {
  static const Units units{{"B", 1},         {"kB", 1e3},         {"MB", 1e6},
                           {"GB", 1e9},      {"TB", 1e12},        {"KiB", 1024},
                           {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776.0}};
  return parse_quantity(text, units);
}

std::string format_bytes(double bytes) {
  static const char* const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  for (; unit < 4 && bytes >= 1024; ++unit) bytes /= 1024;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.4g} {}", bytes, names[unit]);
}

std::vector<std::string> expand_names(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return {text};
  const auto split = [](const std::string& name, std::string& stem, long& number) {
    std::size_t digits = name.size();
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1]))) --digits;
    if (digits == name.size() || name.size() - digits > 6) return false;
    stem = name.substr(0, digits);
    number = std::strtol(name.c_str() + digits, nullptr, 10);
    return true;
  };
  std::string first_stem, last_stem;
  long first = 0, last = 0;
  if (!split(text.substr(0, dots), first_stem, first) || !split(text.substr(dots + 2), last_stem, last)) return {};
  if (first_stem != last_stem || last < first || last - first >= 1000) return {};
  std::vector<std::string> names;
  for (long i = first; i <= last; ++i) names.push_back(first_stem + std::to_string(i));
  return names;
}

}  // namespace jetpinn
