// The keys of [problem] and [reference] stand in schema_problem.cpp, those of [network] and [[networks]] in
// schema_network.cpp, those of [[monitors]] in schema_monitors.cpp, the others in schema_training.cpp; those of a
// classification in schema_images.cpp.
#include "jetpinn/config/schema.hpp"

#include "jetpinn/config/schema_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

}  // namespace

std::string KeyRange::text() const {
  if (std::isinf(upper)) return std::isinf(lower) ? "" : fmt::format("{} {}", open_below ? ">" : ">=", lower);
  if (!open_below && !open_above) return fmt::format("{:g} .. {:g}", lower, upper);
  return fmt::format("{} {:g} and {} {:g}", open_below ? ">" : ">=", lower, open_above ? "<" : "<=", upper);
}

Schema::Schema(std::vector<Key> keys) : keys_(std::move(keys)) {
  for (const Key& key : keys_) {
    index_[key.path] = &key;
    for (std::string path = key.path; !path.empty(); path = parent_of(path)) {
      auto& names = children_[parent_of(path)];
      const std::string name = path.substr(path.rfind('.') + 1);  // npos + 1 is 0
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
}

const Key* Schema::find(const std::string& pattern) const {
  const auto found = index_.find(pattern);
  return found == index_.end() ? nullptr : found->second;
}

std::vector<std::string> Schema::names_under(const std::string& pattern) const {
  const auto found = children_.find(pattern);
  if (found == children_.end() || found->second[0][0] == '<') return {};
  return found->second;
}

std::string Schema::pattern_of(const std::string& pattern, const std::string& name) const {
  const auto found = children_.find(pattern);
  if (found == children_.end()) return "";
  const std::string prefix = pattern.empty() ? "" : pattern + ".";
  for (const std::string& child : found->second)
    if (child == name || child[0] == '<') return prefix + child;
  return "";
}

const Schema& schema_of(ConfigTask task) {
  static const Schema problem([] {
    std::vector<Key> all;
    add_problem_keys(all);
    add_network_keys(all);
    add_sampling_keys(all);
    add_training_keys(all);
    add_monitor_keys(all);
    return all;
  }());
  if (task == ConfigTask::problem) return problem;
  static const Schema images([] {
    std::vector<Key> all;
    add_image_keys(all, problem);
    return all;
  }());
  return images;
}

}  // namespace jetpinn
