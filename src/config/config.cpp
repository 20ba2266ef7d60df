#include "jetpinn/config/config.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/config/document.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/schema.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace jetpinn {
namespace {

struct Leaf {
  std::string pattern, text;
};

void flatten(const Value& table, const std::string& pattern, const std::string& path, std::map<std::string, Leaf>& leaves) {
  for (const auto& entry : table.entries) {
    const std::string child = pattern_of(pattern, entry.key), child_path = (path.empty() ? "" : path + ".") + entry.key;
    const Key* key = find_key(child);
    if (key && key->type == KeyType::tables)
      for (std::size_t i = 0; i < entry.value.items.size(); ++i)
        flatten(entry.value.items[i], child + ".*", child_path + "." + std::to_string(i), leaves);
    else if (is_table_path(child))
      flatten(entry.value, child, child_path, leaves);
    else
      leaves[child_path] = {child, write_value(entry.value)};
  }
}

// Steps may grow in the last stage, and stages may follow: the run goes on. What came before must be what it was.
bool continues(const std::string& path, std::size_t stages) {
  const std::string prefix = "training.stages.";
  if (path.rfind(prefix, 0) != 0) return false;
  const std::size_t stage = std::stoul(path.substr(prefix.size()));
  return stage >= stages || (stage + 1 == stages && path == prefix + std::to_string(stage) + ".steps");
}

}  // namespace

std::string read_config_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw Error(Status::usage, "cannot read the config '" + path + "': it is a folder; name a TOML file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Status::usage, "cannot read the config '" + path + "': " + std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Config load_config(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_config(read_config_file(path), path, overrides);
}

Config parse_config(const std::string& text, const std::string& path, const std::vector<std::string>& overrides) {
  Value root = parse_document(text, path);
  for (const std::string& assignment : overrides) apply_override(root, assignment);
  validate(root);
  require_keys(root, path);
  derive_defaults(root, path);
  check_relations(root);
  complete(root);

  Config config;
  config.path = path;
  config.training.stages.clear();
  fill(root, config);
  config.resolved = write_document(root);
  return config;
}

std::vector<std::string> matters(const Config& old_config, const Config& new_config) {
  std::map<std::string, Leaf> before, after;
  flatten(parse_document(old_config.resolved, old_config.path), "", "", before);
  flatten(parse_document(new_config.resolved, new_config.path), "", "", after);
  const std::size_t stages = old_config.training.stages.size();

  std::map<std::string, std::string> differences;
  const auto compare = [&](const std::string& path, const Leaf* a, const Leaf* b) {
    const Key* key = find_key(a ? a->pattern : b->pattern);
    if ((a && b && a->text == b->text) || !key->material || continues(path, stages)) return;
    differences[path] = path + ": " + (a ? a->text : "none") + " -> " + (b ? b->text : "none");
  };
  const auto at = [](const std::map<std::string, Leaf>& leaves, const std::string& path) {
    const auto found = leaves.find(path);
    return found == leaves.end() ? nullptr : &found->second;
  };
  for (const auto& [path, leaf] : before) compare(path, &leaf, at(after, path));
  for (const auto& [path, leaf] : after) compare(path, at(before, path), &leaf);
  std::vector<std::string> list;
  for (auto& [path, text] : differences) list.push_back(std::move(text));
  return list;
}

}  // namespace jetpinn
