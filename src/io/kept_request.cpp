#include "jetpinn/io/kept_request.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

std::string option_name(std::string key) {
  static const std::map<std::string, std::string> others{{"sets", "set"}, {"ranking", "global"}, {"fold", "no-fold"}};
  if (const auto other = others.find(key); other != others.end()) key = other->second;
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

// The entries of `options` beside the others, by the name that a message has for them.
std::map<std::string, std::string> entries_of(const Json& request) {
  std::map<std::string, std::string> entries;
  for (const auto& [key, value] : request.items()) {
    if (key == "options" && value.is_object())
      for (const auto& [option, chosen] : value.items()) entries[option_name(option)] = chosen.dump();
    else
      entries[key == "sets" ? option_name(key) : key] = value.dump();
  }
  return entries;
}

}  // namespace

std::string request_differences(const std::string& kept, const std::string& wanted) {
  const Json before = Json::parse(kept, nullptr, false), now = Json::parse(wanted, nullptr, false);
  if (!before.is_object() || !now.is_object()) return kept == wanted ? "" : "what was asked for there cannot be read";
  std::map<std::string, std::string> there = entries_of(before);
  std::string list;
  const auto differs = [&](const std::string& name, const std::string& a, const std::string& b) {
    list += (list.empty() ? "" : ", ") + name + ": " + a + " -> " + b;
  };
  for (const auto& [name, value] : entries_of(now)) {
    const auto found = there.find(name);
    if (found == there.end())
      differs(name, "none", value);
    else if (found->second != value)
      differs(name, found->second, value);
    there.erase(name);
  }
  for (const auto& [name, value] : there) differs(name, value, "none");
  return list;
}

}  // namespace jetpinn
