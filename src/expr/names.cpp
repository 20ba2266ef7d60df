// The names of the expression language: which are taken, which may be declared, and which one was probably meant.
#include "jetpinn/expr/names.hpp"

#include "jetpinn/expr/parser.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>

namespace jetpinn {

const std::vector<FunctionName>& function_names() {
  static const std::vector<FunctionName> names = [] {
    std::vector<FunctionName> rows;
    for (int number = 0; number < function_count; ++number) {
      const FunctionInfo& row = function_table[static_cast<std::size_t>(number)];
      rows.push_back({row.name, function_op(number), row.operands, row.more});
    }
    rows.push_back({"pow", Op::power, 2});   // the operator ^ by its other name
    return rows;
  }();
  return names;
}

const FunctionName* find_function(std::string_view name) {
  for (const FunctionName& function : function_names()) {
    if (name == function.name) return &function;
  }
  return nullptr;
}

const std::vector<std::string>& operator_names() {
  static const std::vector<std::string> names{"d", "laplacian", "grad", "div", "curl", "dot", "dn", "sum", "prod", "other"};
  return names;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_reserved(std::string_view name) {
  return find_function(name) || contains(operator_names(), name) || name == "pi" || name == "data";
}

bool split_derivative(const SymbolTable& symbols, std::string_view name, std::string& base, std::vector<int>& by) {
  const std::size_t bar = name.rfind('_');
  if (bar == std::string_view::npos || bar == 0 || bar + 1 == name.size()) return false;
  constexpr std::size_t longest = 64;   // far beyond any order that is carried
  if (name.size() - bar > longest) return false;
  base = std::string(name.substr(0, bar));
  by.clear();
  for (char letter : name.substr(bar + 1)) {
    const auto at = std::find(symbols.coordinates.begin(), symbols.coordinates.end(), std::string(1, letter));
    if (at == symbols.coordinates.end()) return false;
    by.push_back(static_cast<int>(at - symbols.coordinates.begin()));
  }
  return true;
}

std::vector<int> SymbolTable::space() const {
  std::vector<int> space;
  for (int d = 0; d < differentiable(); ++d)
    if (d != time) space.push_back(d);
  return space;
}

std::vector<std::string> attribute_names(const SymbolTable& symbols) {
  std::vector<std::string> names{"sdf"};
  for (const int d : symbols.space()) names.push_back("n_" + symbols.coordinates[static_cast<std::size_t>(d)]);
  return names;
}

std::vector<std::string> declared_names(const SymbolTable& symbols) {
  std::vector<std::string> names = symbols.coordinates;
  names.insert(names.end(), symbols.fields.begin(), symbols.fields.end());
  for (const auto& entry : symbols.constants) names.push_back(entry.first);
  for (const auto& entry : symbols.definitions) names.push_back(entry.first);
  for (const auto& entry : symbols.trained) names.push_back(entry.first);
  return names;
}

namespace {

[[noreturn]] void reject(const std::string& name, const std::string& why) {
  throw ExpressionError("the name '" + name + "' " + why, 0, name.size());
}

void check_spelling(const std::string& name) {
  const auto good = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  if (name.empty()) reject(name, "is empty");
  if (!std::isalpha(static_cast<unsigned char>(name[0])) || !std::all_of(name.begin(), name.end(), good)) {
    reject(name, "cannot be used in expressions: it must be letters, digits and '_', beginning with a letter");
  }
  if (is_reserved(name)) reject(name, "is taken by the expression language; choose another");
}

}  // namespace

void check_names(const SymbolTable& symbols) {
  // A derivative keeps the numbers of its coordinates in 16 bits.
  if (symbols.coordinates.size() > std::numeric_limits<std::int16_t>::max())
    reject(symbols.coordinates.back(),
           "is one coordinate too many; " + std::to_string(std::numeric_limits<std::int16_t>::max()) + " are possible");
  std::map<std::string, const char*> kinds;
  const auto declare = [&kinds](const std::string& name, const char* kind) {
    check_spelling(name);
    const auto [entry, fresh] = kinds.emplace(name, kind);
    if (!fresh) reject(name, std::string("is declared twice, as ") + entry->second + " and as " + kind);
  };
  for (int d = 0; d < static_cast<int>(symbols.coordinates.size()); ++d)
    declare(symbols.coordinates[static_cast<std::size_t>(d)], symbols.is_parameter(d) ? "a parameter" : "a coordinate");
  for (const std::string& name : symbols.fields) declare(name, "a field");
  for (const auto& entry : symbols.constants) declare(entry.first, "a constant");
  for (const auto& entry : symbols.definitions) declare(entry.first, "a definition");
  for (const auto& entry : symbols.trained) declare(entry.first, "a trained number");

  std::string base;
  std::vector<int> by;
  for (const auto& [name, kind] : kinds) {
    if (!split_derivative(symbols, name, base, by) || !kinds.count(base)) continue;
    reject(name, "also reads as a derivative of '" + base + "', which is " + kinds[base] + "; rename one of them");
  }
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
  // Edit distance with transpositions of neighbours (optimal string alignment).
  const auto distance = [word](std::string_view other) {
    std::vector<std::size_t> before, last(other.size() + 1), now(other.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
      now[0] = i;
      for (std::size_t j = 1; j <= other.size(); ++j) {
        now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (word[i - 1] != other[j - 1])});
        if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
          now[j] = std::min(now[j], before[j - 2] + 1);
      }
      before = last;
      last = now;
    }
    return last[other.size()];
  };
  if (word.size() > 64) return "";
  const auto same_letter = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  for (const std::string& candidate : candidates) {
    if (std::equal(word.begin(), word.end(), candidate.begin(), candidate.end(), same_letter)) return candidate;
  }
  // L-BFGS is lbfgs, RAR-D is rar_d.
  const auto letters = [](std::string_view text) {
    std::string kept;
    for (const char c : text)
      if (std::isalnum(static_cast<unsigned char>(c)))
        kept += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return kept;
  };
  const std::string plain = letters(word);
  for (const std::string& candidate : candidates)
    if (!plain.empty() && letters(candidate) == plain) return candidate;
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 64) continue;
    const std::size_t d = distance(candidate);
    if (d < best_distance && d < std::max(word.size(), candidate.size())) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace jetpinn
