#include "jetpinn/config/config.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/config/document.hpp"
#include "jetpinn/config/near_file.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/schema.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t largest_config = 1 << 20;   // bytes

struct Leaf {
  std::string pattern;
  Value value;
};

using Constants = std::map<std::string, double>;

Constants constants_of(const Config& config) {
  try {
    return evaluate_constants(config.problem.constants);
  } catch (const Error&) {
    return {};   // whoever builds the problem says what is wrong with them
  }
}

std::optional<double> constant_value(const Value& value, const Constants& constants) {
  try {
    return parse_constant(value.place.text, constants);
  } catch (const ExpressionError&) {
    return std::nullopt;
  }
}

bool is_expression_type(KeyType type) {
  return type == KeyType::expression || type == KeyType::expressions || type == KeyType::bounds || type == KeyType::corners;
}

// By value, not by spelling: 40, 40.0 and "4*10" are one constant.
bool same(const Value& a, const Constants& constants_a, const Value& b, const Constants& constants_b, KeyType type) {
  if (a.kind == Value::Kind::integer && b.kind == Value::Kind::integer) return a.integer == b.integer;
  if (a.is_number() && b.is_number()) return a.number == b.number;
  if (a.kind == Value::Kind::list && b.kind == Value::Kind::list)
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                      [&](const Value& x, const Value& y) { return same(x, constants_a, y, constants_b, type); });
  if (write_value(a) == write_value(b)) return true;
  if (!is_expression_type(type)) return false;
  const auto x = constant_value(a, constants_a), y = constant_value(b, constants_b);
  return x && y && *x == *y;
}

void flatten(const Schema& schema, const Value& table, const std::string& pattern, const std::string& path,
             std::map<std::string, Leaf>& leaves) {
  for (const auto& entry : table.entries) {
    const std::string child = schema.pattern_of(pattern, entry.key),
                      child_path = (path.empty() ? "" : path + ".") + entry.key;
    const Key* key = schema.find(child);
    if (key && key->type == KeyType::tables)
      for (std::size_t i = 0; i < entry.value.items.size(); ++i)
        flatten(schema, entry.value.items[i], child + ".*", child_path + "." + std::to_string(i), leaves);
    else if (schema.is_table(child))
      flatten(schema, entry.value, child, child_path, leaves);
    else
      leaves[child_path] = {child, entry.value};
  }
}

void derive(Value& root, const std::string& path, ConfigTask task) {
  task == ConfigTask::problem ? derive_defaults(root, path) : derive_image_defaults(root, path);
}

// A config of the other task would be told of unknown keys alone.
void require_task(const Value& root, ConfigTask task) {
  const bool problem = task == ConfigTask::problem;
  const char *own = problem ? "problem" : "dataset", *other = problem ? "dataset" : "problem";
  if (root.find(own)) return;
  for (const Value::Entry& entry : root.entries)
    if (entry.key == other)
      fail_at(entry.place,
              std::string("this is the config of ") + (problem ? "images to classify: run it by `jetpinn classify`"
                                                               : "a problem to solve: run it by `jetpinn train`"));
}

std::map<std::string, Leaf> leaves_of(const Config& config) {
  Value root = parse_document(config.resolved, config.path);
  derive(root, config.path, config.task);  // what is all there but for paths, which may begin at the config
  std::map<std::string, Leaf> leaves;
  flatten(schema_of(config.task), root, "", "", leaves);
  return leaves;
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
  FileText file = file_text(path, largest_config + 1);  // whatever the path leads to, no more is read
  const auto refuse = [&](const std::string& reason) {
    throw Error(Status::usage, "cannot read the config '" + path + "': " + reason);
  };
  if (file.code == ENOENT) throw Error(Status::usage, "no such config file: " + path + near_config(path));
  if (file.code == EISDIR) refuse("it is a folder; name a TOML file");
  if (file.code != 0) refuse(std::strerror(file.code) + ("; " + way_to_read(file.code)));
  if (file.text.size() > largest_config) refuse("it is larger than 1 MiB; name a TOML file");
  return std::move(file.text);
}

ConfigTask task_of(const std::string& text, const std::string& path) {
  const Value root = parse_document(text, path);
  return root.find("dataset") && !root.find("problem") ? ConfigTask::images : ConfigTask::problem;
}

Config load_config(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_config(read_config_file(path), path, overrides);
}

Config parse_config(const std::string& text, const std::string& path, const std::vector<std::string>& overrides,
                    ConfigTask task) {
  const Schema& schema = schema_of(task);
  Value root = parse_document(text, path);
  for (const std::string& assignment : overrides) apply_override(root, assignment);
  require_task(root, task);
  validate(root, schema);
  require_keys(root, path, schema);
  derive(root, path, task);
  task == ConfigTask::problem ? check_relations(root) : check_image_relations(root);
  complete(root, schema);

  Config config;
  config.task = task;
  config.path = path;
  config.training.stages.resize(task == ConfigTask::images ? 1 : 0);
  fill(root, config, schema);
  config.resolved = write_document(root);
  return config;
}

void record_scales(Config& config, const std::vector<std::pair<std::string, double>>& scales) {
  if (scales.empty()) return;
  Value root = parse_document(config.resolved, config.path), table;
  config.problem.scales = {};
  for (const auto& [name, scale] : scales) {
    Value value;
    value.kind = Value::Kind::number;
    value.number = scale;
    value.place.text = write_value(value);
    config.problem.scales.values[name] = value.place;
    table.insert(name, std::move(value));
  }
  *root.find("problem")->find("scales") = std::move(table);
  config.resolved = write_document(root);
}

std::vector<std::string> matters(const Config& old_config, const Config& new_config) {
  const std::map<std::string, Leaf> before = leaves_of(old_config), after = leaves_of(new_config);
  const auto exact = [](const Config& config) { return config.training.reproducibility == Reproducibility::ranks; };
  const bool both_exact = exact(old_config) && exact(new_config);
  const std::size_t stages = old_config.training.stages.size();
  const Constants old_constants = constants_of(old_config), new_constants = constants_of(new_config);

  std::map<std::string, std::string> differences;
  const auto compare = [&](const std::string& path, const Leaf* a, const Leaf* b) {
    const Key* key = schema_of(new_config.task).find(a ? a->pattern : b->pattern);
    if (!key->material || (key->rounds_only && both_exact) || continues(path, stages)) return;
    if (a && b && same(a->value, old_constants, b->value, new_constants, key->type)) return;
    differences[path] = path + ": " + (a ? write_value(a->value) : "none") + " -> " + (b ? write_value(b->value) : "none");
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
