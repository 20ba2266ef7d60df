#include "jetpinn/config/quote_items.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n"), last = text.find_last_not_of(" \t\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// Past the string that begins at `at`; npos: it is not closed.
std::size_t past_quotes(const std::string& text, std::size_t at) {
  const std::size_t end = text.find(text[at], at + 1);
  return end == std::string::npos ? end : end + 1;
}

// What stands between the commas of `inside`, commas in brackets and quotes apart. False: brackets or quotes do not close.
bool split(const std::string& inside, std::vector<std::string>& items) {
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < inside.size();) {
    const char c = inside[i];
    if (c == '"' || c == '\'') {
      if ((i = past_quotes(inside, i)) == std::string::npos) return false;
      continue;
    }
    depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
    if (depth < 0) return false;
    if (c == ',' && depth == 0) items.push_back(trimmed(inside.substr(begin, i - begin))), begin = i + 1;
    ++i;
  }
  items.push_back(trimmed(inside.substr(begin)));
  return depth == 0;
}

std::string in_quotes(const std::string& item) {
  if (item.empty()) return "";
  const char c = item[0];
  if (c == '"' || c == '\'') return item;
  if (c == '[' || c == '{') return quote_items(item);
  return item.find('"') == std::string::npos ? "\"" + item + "\"" : "";
}

}  // namespace

std::string quote_items(const std::string& value) {
  const std::string text = trimmed(value);
  if (text.size() < 2 || (text[0] != '[' && text[0] != '{')) return "";
  const bool table = text[0] == '{';
  if (text.back() != (table ? '}' : ']')) return "";
  std::vector<std::string> items;
  if (!split(text.substr(1, text.size() - 2), items)) return "";
  std::string result;
  for (const std::string& item : items) {
    std::string key, rest = item;
    if (table) {
      const std::size_t equals = item.find('=');
      if (equals == std::string::npos) return "";
      key = trimmed(item.substr(0, equals)) + " = ";
      rest = trimmed(item.substr(equals + 1));
    }
    rest = in_quotes(rest);
    if (rest.empty()) return "";
    result += (result.empty() ? "" : ", ") + key + rest;
  }
  return table ? "{ " + result + " }" : "[" + result + "]";
}

}  // namespace jetpinn
