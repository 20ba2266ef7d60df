#include "jetpinn/base/text_runs.hpp"

#include <cctype>
#include <cstddef>
#include <optional>

namespace jetpinn {
namespace {

constexpr std::size_t shortest_run = 4;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Where the number begins that is one larger in b than in a, if that is all that differs.
std::optional<std::size_t> counts_on(const std::string& a, const std::string& b) {
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  while (at > 0 && is_digit(a[at - 1])) --at;
  std::size_t end_a = at, end_b = at;
  while (end_a < a.size() && is_digit(a[end_a])) ++end_a;
  while (end_b < b.size() && is_digit(b[end_b])) ++end_b;
  constexpr std::size_t most_digits = 9;
  if (end_a == at || end_b == at || end_a - at > most_digits || end_b - at > most_digits) return std::nullopt;
  if (a.compare(end_a, std::string::npos, b, end_b, std::string::npos) != 0) return std::nullopt;
  if (std::stol(a.substr(at, end_a - at)) + 1 != std::stol(b.substr(at, end_b - at))) return std::nullopt;
  return at;
}

}  // namespace

std::string join_runs(const std::vector<std::string>& items, const std::string& joint, const std::string& gap) {
  std::string text;
  for (std::size_t i = 0; i < items.size();) {
    std::size_t end = i + 1;   // past the run that begins at i
    const auto place = end < items.size() ? counts_on(items[i], items[end]) : std::nullopt;
    while (place && end < items.size() && counts_on(items[end - 1], items[end]) == place) ++end;
    if (!text.empty()) text += joint;
    text += items[i];
    if (end - i >= shortest_run) {
      text += gap + items[end - 1];
      i = end;
    } else {
      ++i;
    }
  }
  return text;
}

}  // namespace jetpinn
