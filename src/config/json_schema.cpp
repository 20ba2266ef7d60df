#include "jetpinn/config/json_schema.hpp"

#include "jetpinn/config/schema.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::flag:
      return value.flag;
    case Value::Kind::integer:
      return value.integer;
    case Value::Kind::number:
      return value.number;
    case Value::Kind::list: {
      Json list = Json::array();
      for (const Value& item : value.items) list.push_back(json_of(item));
      return list;
    }
    case Value::Kind::table: {
      Json table = Json::object();
      for (const Value::Entry& entry : value.entries) table[entry.key] = json_of(entry.value);
      return table;
    }
    default:
      return value.place.text;
  }
}

// Limits of numbers; text that stands for one, such as "10 min", is not looked into.
Json limited(Json schema, const KeyRange& range) {
  if (std::isfinite(range.lower)) schema[range.open_below ? "exclusiveMinimum" : "minimum"] = range.lower;
  if (std::isfinite(range.upper)) schema[range.open_above ? "exclusiveMaximum" : "maximum"] = range.upper;
  return schema;
}

// As validate() has it: a list that is empty by default may be empty.
Json list_of(Json items, const Key& key) {
  Json list{{"type", "array"}, {"items", std::move(items)}};
  if (key.standard != "[]") list["minItems"] = 1;
  return list;
}

Json type_schema(const Key& key) {
  const Json text{{"type", "string"}}, text_or_number{{"type", {"string", "number"}}};
  const Json expression = limited(text_or_number, key.range);
  switch (key.type) {
    case KeyType::flag:
      return {{"type", "boolean"}};
    case KeyType::integer:
      return limited({{"type", "integer"}}, key.range);
    case KeyType::number:
      return limited({{"type", "number"}}, key.range);
    case KeyType::word:
      return {{"enum", key.words}};
    case KeyType::duration:
    case KeyType::expression:
      return expression;
    case KeyType::bytes:
      return limited(text_or_number, {.lower = 1});
    case KeyType::expressions:
      return {{"anyOf", {expression, {{"type", "array"}, {"items", expression}, {"minItems", 1}}}}};
    case KeyType::bounds:
      return {{"type", "array"}, {"items", expression}, {"minItems", 2}, {"maxItems", 2}};
    case KeyType::corners: {
      const Json point{{"type", "array"}, {"items", expression}, {"minItems", 1}};
      return {{"type", "array"}, {"items", point}, {"minItems", 1}};
    }
    case KeyType::scales:
      return {{"anyOf", {{{"enum", key.words}}, {{"type", "object"}, {"additionalProperties", expression}}}}};
    case KeyType::word_or_integer:
      return {{"anyOf", {{{"enum", key.words}}, limited({{"type", "integer"}}, key.range)}}};
    case KeyType::integer_or_integers: {
      const Json integer = limited({{"type", "integer"}}, key.range);
      return {{"anyOf", {integer, {{"type", "array"}, {"items", integer}, {"minItems", 1}}}}};
    }
    case KeyType::names:
      return list_of(text, key);
    case KeyType::integers:
      return list_of(limited({{"type", "integer"}}, key.range), key);
    case KeyType::numbers:
      return {{"type", "array"}, {"items", limited({{"type", "number"}}, key.range)}};
    default:
      return text;
  }
}

// What is said of a key besides its type.
void annotate(Json& schema, const Key& key) {
  std::string text = key.doc;
  if (!key.unit.empty()) text += " [" + key.unit + "]";
  if (!key.standard_note.empty() && !key.required()) text += " Default: " + key.standard_note + ".";
  if (!key.available) text += " Not available yet.";
  schema["description"] = text;
  if (!key.standard.empty()) schema["default"] = json_of(parse_value(key.standard, key.path));
}

// A key that is not available yet is accepted where it says nothing.
Json later_schema(const Key& key) {
  Json nothing = {"", Json::array(), Json::object()};
  if (!key.standard.empty())
    if (const Json standard = json_of(parse_value(key.standard, key.path)); standard.is_primitive())
      nothing.push_back(standard);
  return {{"enum", nothing}};
}

// The names below a path, or the one that stands for any name: "<field>".
std::vector<std::string> children(const std::string& pattern) {
  std::vector<std::string> names = problem_schema().names_under(pattern);
  if (!names.empty() || !problem_schema().is_table(pattern)) return names;
  const std::string any = problem_schema().pattern_of(pattern, "any");
  return {any.substr(any.rfind('.') + 1)};
}

bool required(const std::string& pattern) {
  const Key* key = find_key(pattern);
  if (key && (key->required() || !key->available || key->type == KeyType::tables)) return key->required();
  for (const std::string& name : children(pattern)) {
    const Key* child = find_key(pattern + "." + name);
    if (is_free(name) ? child && child->required() : required(pattern + "." + name)) return true;
  }
  return false;
}

Json schema_of(const std::string& pattern);

Json table_schema(const std::string& pattern) {
  Json properties = Json::object(), names = Json::array(), others = false;
  for (const std::string& name : children(pattern)) {
    const std::string child = pattern.empty() ? name : pattern + "." + name;
    if (is_free(name)) {
      others = schema_of(child);
      continue;
    }
    properties[name] = schema_of(child);
    if (required(child)) names.push_back(name);
  }
  Json table{{"type", "object"}};
  if (!properties.empty()) table["properties"] = properties;
  if (!names.empty()) table["required"] = names;
  table["additionalProperties"] = others;
  return table;
}

Json schema_of(const std::string& pattern) {
  const Key* key = find_key(pattern);
  Json schema;
  if (key && !key->available)
    schema = later_schema(*key);
  else if (key && key->type == KeyType::tables)
    schema = {{"type", "array"}, {"items", table_schema(pattern + ".*")}, {"minItems", key->never_empty() ? 1 : 0}};
  else if (problem_schema().is_table(pattern))
    schema = table_schema(pattern);
  else
    schema = type_schema(*key);
  if (key && !key->shorthand.empty()) schema = {{"anyOf", {schema_of(pattern + "." + key->shorthand), schema}}};
  if (key) annotate(schema, *key);
  return schema;
}

}  // namespace

std::string json_schema() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "A config of jetpinn"}};
  schema.update(table_schema(""));
  return schema.dump(2) + "\n";
}

}  // namespace jetpinn
