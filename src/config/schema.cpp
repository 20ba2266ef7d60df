// The keys of [problem] and [reference] stand in schema_problem.cpp, those of [network] and [[networks]] in
// schema_network.cpp, those of [[monitors]] in schema_monitors.cpp, the others in schema_training.cpp.
#include "jetpinn/config/schema.hpp"

#include "jetpinn/config/schema_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace jetpinn {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

struct Index {
  std::map<std::string, const Key*> keys;
  std::map<std::string, std::vector<std::string>> children;  // in the order of the schema

  Index() {
    for (const Key& key : schema()) {
      keys[key.path] = &key;
      for (std::string path = key.path; !path.empty(); path = parent_of(path)) {
        auto& names = children[parent_of(path)];
        const std::string name = path.substr(path.rfind('.') + 1);  // npos + 1 is 0
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
};

const Index& index() {
  static const Index the_index;
  return the_index;
}

}  // namespace

std::string KeyRange::text() const {
  if (std::isinf(upper)) return std::isinf(lower) ? "" : fmt::format("{} {}", open_below ? ">" : ">=", lower);
  if (!open_below && !open_above) return fmt::format("{:g} .. {:g}", lower, upper);
  return fmt::format("{} {:g} and {} {:g}", open_below ? ">" : ">=", lower, open_above ? "<" : "<=", upper);
}

const std::vector<Key>& schema() {
  static const std::vector<Key> keys = [] {
    std::vector<Key> all;
    add_problem_keys(all);
    add_network_keys(all);
    add_sampling_keys(all);
    add_training_keys(all);
    add_monitor_keys(all);
    return all;
  }();
  return keys;
}

const Key* find_key(const std::string& pattern) {
  const auto found = index().keys.find(pattern);
  return found == index().keys.end() ? nullptr : found->second;
}

std::vector<std::string> names_under(const std::string& pattern) {
  const auto found = index().children.find(pattern);
  if (found == index().children.end() || found->second[0][0] == '<') return {};
  return found->second;
}

bool is_table_path(const std::string& pattern) { return index().children.count(pattern) > 0; }

std::string pattern_of(const std::string& pattern, const std::string& name) {
  const auto found = index().children.find(pattern);
  if (found == index().children.end()) return "";
  const std::string prefix = pattern.empty() ? "" : pattern + ".";
  for (const std::string& child : found->second)
    if (child == name || child[0] == '<') return prefix + child;
  return "";
}

}  // namespace jetpinn
