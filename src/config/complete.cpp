#include "jetpinn/config/passes.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

// Keys of the table are complete; a table that is missing altogether is looked into as an empty one, but not the items of
// missing lists.
void require_table(const Schema& schema, const Value& table, const std::string& pattern, const std::string& path,
                   const SourceText& place) {
  for (const std::string& name : schema.names_under(pattern)) {
    const std::string child = pattern.empty() ? name : pattern + "." + name,
                      child_path = path.empty() ? name : path + "." + name;
    const Key* key = schema.find(child);
    const Value* value = table.find(name);
    if (!value && key && key->required())
      fail_at(place, "the key '" + child_path + "' is missing; it takes " + describe_type(*key));
    if (key && !key->available) continue;
    if (key && key->type == KeyType::tables) {
      for (std::size_t i = 0; value && i < value->items.size(); ++i)
        require_table(schema, value->items[i], child + ".*", child_path + "." + std::to_string(i), value->items[i].place);
    } else if (schema.is_table(child) && !is_free(schema.names_under(child).empty() ? "<" : schema.names_under(child)[0])) {
      require_table(schema, value ? *value : Value{}, child, child_path, value ? value->place : place);
    }
  }
}

void complete_table(const Schema& schema, Value& table, const std::string& pattern);

void complete_value(const Schema& schema, Value& value, const std::string& pattern) {
  const Key* key = schema.find(pattern);
  if (key && key->type == KeyType::tables)
    for (Value& item : value.items) complete_table(schema, item, pattern + ".*");
  else if (schema.is_table(pattern))
    complete_table(schema, value, pattern);
}

void complete_table(const Schema& schema, Value& table, const std::string& pattern) {
  const std::vector<std::string> names = schema.names_under(pattern);
  if (names.empty()) return;  // any names: the order is the user's
  std::vector<Value::Entry> entries;
  for (const std::string& name : names) {
    const std::string child = pattern.empty() ? name : pattern + "." + name;
    const Key* key = schema.find(child);
    if (key && !key->available) continue;
    Value* found = table.find(name);
    if (!found && schema.is_table(child) && (!key || key->type != KeyType::tables)) found = &table.insert(name, Value{});
    if (!found && key && !key->standard.empty()) found = &table.insert(name, parse_value(key->standard, child));
    if (!found) continue;
    complete_value(schema, *found, child);
    const auto entry =
        std::find_if(table.entries.begin(), table.entries.end(), [&](const Value::Entry& e) { return e.key == name; });
    entries.push_back(*entry);
  }
  table.entries = std::move(entries);
}

// name: of the table that the pattern leaves free ("<name>"), if any: keys below belong to it.
void fill_table(const Schema& schema, const Value& table, const std::string& pattern, Config& config, std::size_t index,
                const std::string& name = "") {
  const bool named = pattern.find('>') != std::string::npos;
  for (const auto& entry : table.entries) {
    const std::string child = schema.pattern_of(pattern, entry.key), owner = named ? name : entry.key;
    const Key* key = schema.find(child);
    if (key && key->set) key->set({config, index, owner}, entry.value);
    if (key && key->type == KeyType::tables)
      for (std::size_t i = 0; i < entry.value.items.size(); ++i)
        fill_table(schema, entry.value.items[i], child + ".*", config, i);
    else if (schema.is_table(child))
      fill_table(schema, entry.value, child, config, index, owner);
    // Where names of the expression language are declared.
    if (pattern == "problem.constants" || pattern == "problem.definitions" || pattern == "problem.trainable" ||
        pattern == "geometry.shapes")
      config.problem.name_places[entry.key] = entry.place;
  }
}

}  // namespace

void require_keys(const Value& root, const std::string& path, const Schema& schema) {
  SourceText file;
  file.file = path;
  require_table(schema, root, "", "", file);
}

void complete(Value& root, const Schema& schema) {
  const Value* networks = root.find("networks");
  const bool several = networks && !networks->items.empty();
  complete_table(schema, root, "");
  root.erase(several ? "network" : "networks");  // they stand in its place
}

void fill(const Value& root, Config& config, const Schema& schema) { fill_table(schema, root, "", config, 0); }

}  // namespace jetpinn
