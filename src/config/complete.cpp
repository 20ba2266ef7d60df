#include "jetpinn/config/passes.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

// Keys of the table are complete; a table that is missing altogether is looked into as an empty one, but not the items of
// missing lists.
void require_table(const Value& table, const std::string& pattern, const std::string& path, const SourceText& place) {
  for (const std::string& name : names_under(pattern)) {
    const std::string child = pattern.empty() ? name : pattern + "." + name,
                      child_path = path.empty() ? name : path + "." + name;
    const Key* key = find_key(child);
    const Value* value = table.find(name);
    if (!value && key && key->required())
      fail_at(place, "the key '" + child_path + "' is missing; it takes " + describe_type(*key));
    if (key && !key->available) continue;
    if (key && key->type == KeyType::tables) {
      for (std::size_t i = 0; value && i < value->items.size(); ++i)
        require_table(value->items[i], child + ".*", child_path + "." + std::to_string(i), value->items[i].place);
    } else if (is_table_path(child) && !is_free(names_under(child).empty() ? "<" : names_under(child)[0])) {
      require_table(value ? *value : Value{}, child, child_path, value ? value->place : place);
    }
  }
}

void complete_table(Value& table, const std::string& pattern);

void complete_value(Value& value, const std::string& pattern) {
  const Key* key = find_key(pattern);
  if (key && key->type == KeyType::tables)
    for (Value& item : value.items) complete_table(item, pattern + ".*");
  else if (is_table_path(pattern))
    complete_table(value, pattern);
}

void complete_table(Value& table, const std::string& pattern) {
  const std::vector<std::string> names = names_under(pattern);
  if (names.empty()) return;  // any names: the order is the user's
  std::vector<Value::Entry> entries;
  for (const std::string& name : names) {
    const std::string child = pattern.empty() ? name : pattern + "." + name;
    const Key* key = find_key(child);
    if (key && !key->available) continue;
    Value* found = table.find(name);
    if (!found && is_table_path(child) && (!key || key->type != KeyType::tables)) found = &table.insert(name, Value{});
    if (!found && key && !key->standard.empty()) found = &table.insert(name, parse_value(key->standard, child));
    if (!found) continue;
    complete_value(*found, child);
    const auto entry =
        std::find_if(table.entries.begin(), table.entries.end(), [&](const Value::Entry& e) { return e.key == name; });
    entries.push_back(*entry);
  }
  table.entries = std::move(entries);
}

// name: of the table that the pattern leaves free ("<name>"), if any: keys below belong to it.
void fill_table(const Value& table, const std::string& pattern, Config& config, std::size_t index,
                const std::string& name = "") {
  const bool named = pattern.find('>') != std::string::npos;
  for (const auto& entry : table.entries) {
    const std::string child = pattern_of(pattern, entry.key), owner = named ? name : entry.key;
    const Key* key = find_key(child);
    if (key && key->set) key->set({config, index, owner}, entry.value);
    if (key && key->type == KeyType::tables)
      for (std::size_t i = 0; i < entry.value.items.size(); ++i) fill_table(entry.value.items[i], child + ".*", config, i);
    else if (is_table_path(child))
      fill_table(entry.value, child, config, index, owner);
    // Where names of the expression language are declared.
    if (pattern == "problem.constants" || pattern == "problem.definitions" || pattern == "problem.trainable" ||
        pattern == "geometry.shapes")
      config.problem.name_places[entry.key] = entry.place;
  }
}

}  // namespace

void require_keys(const Value& root, const std::string& path) {
  SourceText file;
  file.file = path;
  require_table(root, "", "", file);
}

void complete(Value& root) {
  const Value* networks = root.find("networks");
  const bool several = networks && !networks->items.empty();
  complete_table(root, "");
  root.erase(several ? "network" : "networks");  // they stand in its place
}

void fill(const Value& root, Config& config) { fill_table(root, "", config, 0); }

}  // namespace jetpinn
