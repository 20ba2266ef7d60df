#include "jetpinn/app/kept_request.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

// An entry of `options` as the command line has it. A flag is there or not, which its entry may say in other words.
std::pair<std::string, std::string> option_of(std::string key, const Json& chosen) {
  const auto flag = [](bool given) { return std::string(given ? "given" : "not given"); };
  if (key == "fold") return {"--no-fold", flag(chosen == false)};
  if (key == "ranking") return {"--global", flag(chosen == "global")};
  if (key == "sets") key = "set";
  std::replace(key.begin(), key.end(), '_', '-');
  return {"--" + key, chosen.dump()};
}

// The entries of `options` beside the others, by the name that a message has for them.
std::map<std::string, std::string> entries_of(const Json& request) {
  std::map<std::string, std::string> entries;
  for (const auto& [key, value] : request.items()) {
    if (key == "options" && value.is_object())
      for (const auto& [option, chosen] : value.items()) entries.insert(option_of(option, chosen));
    else
      entries.insert(key == "sets" ? option_of(key, value) : std::pair(key, value.dump()));
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

bool is_of_another_version(const std::string& kept, const std::string& wanted) {
  const Json before = Json::parse(kept, nullptr, false), now = Json::parse(wanted, nullptr, false);
  if (!before.is_object() || !now.is_object()) return false;
  const auto items = now.items();
  return std::any_of(items.begin(), items.end(), [&](const auto& entry) { return !before.contains(entry.key()); });
}

}  // namespace jetpinn
