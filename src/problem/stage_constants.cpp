#include "jetpinn/problem/stage_constants.hpp"

#include <cctype>
#include <set>

namespace jetpinn {
namespace {

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Where a text holds the name as a word; npos: nowhere. A column data.NAME is another name.
std::size_t find_name(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !(in_name(text[at - 1]) || text[at - 1] == '.')) && (end == text.size() || !in_name(text[end])))
      return at;
  }
  return std::string::npos;
}

// The names themselves, and definitions that read one of them, directly or by way of others.
std::set<std::string> names_that_change(const ProblemText& text, const std::map<std::string, double>& changed) {
  std::set<std::string> names;
  for (const auto& [name, value] : changed) names.insert(name);
  for (std::size_t before = 0; before != names.size();) {
    before = names.size();
    for (const auto& [definition, place] : text.definitions)
      for (const std::string& name : std::set<std::string>(names))
        if (find_name(place.text, name) != std::string::npos) names.insert(definition);
  }
  return names;
}

}  // namespace

std::map<std::string, double> changed_constants(const ProblemText& text, std::size_t stage) {
  std::map<std::string, double> changed;
  if (stage >= text.stage_constants.size() || text.stage_constants[stage].empty()) return changed;
  std::map<std::string, SourceText> texts = text.constants;
  for (const auto& [name, place] : text.stage_constants[stage]) texts[name] = place;
  const std::map<std::string, double> own = evaluate_constants(text.constants);
  for (const auto& [name, value] : evaluate_constants(texts))
    if (value != own.at(name)) changed[name] = value;
  return changed;
}

void require_fixed_places(const ProblemText& text, const std::map<std::string, double>& changed, std::size_t stage) {
  const std::set<std::string> names = names_that_change(text, changed);
  const auto check = [&](const SourceText& place, const std::string& what) {
    for (const std::string& name : names)
      if (const std::size_t at = find_name(place.text, name); at != std::string::npos)
        fail_at(place, at, name.size(),
                "'" + name + "' has another value in stage " + std::to_string(stage) + " (training.stages." +
                    std::to_string(stage) + ".constants), and " + what + " is the same in all stages");
  };
  for (const auto& [coordinate, bounds] : text.domain)
    for (const SourceText& bound : bounds) check(bound, "the domain");
  for (const auto& [parameter, range] : text.parameters)
    for (const SourceText& bound : range) check(bound, "the range of a parameter");
  for (const TermText& term : text.terms) {
    if (term.on) check(*term.on, term.equation ? "the region of an equation" : "the set of a condition");
    if (term.pair) check(*term.pair, "the pair of a condition");
    const bool own_weight = stage < text.stage_weights.size() && text.stage_weights[stage].count(term.name) > 0;
    for (std::size_t k = 0; k < term.weight.size() && !own_weight; ++k) check(term.weight[k], "a weight");
    for (const SourceText& sigma : term.sigma) check(sigma, "a standard deviation");
  }
  for (const MonitorText& monitor : text.monitors)
    if (monitor.on) check(*monitor.on, "the set of a monitor");
  for (const auto& [name, number] : text.trained) {
    check(number.start, "where '" + name + "' starts");
    for (const std::optional<SourceText>& bound : {number.lower, number.upper})
      if (bound) check(*bound, "a bound of '" + name + "'");
  }
  for (const auto& [name, scale] : text.scales.values) check(scale, "a scale");
  for (const auto& [field, output] : text.output) check(output, "an output transform");
}

}  // namespace jetpinn
