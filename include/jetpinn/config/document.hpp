// A TOML document as a tree that remembers where everything was written.
#pragma once

#include "jetpinn/problem/source_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetpinn {

struct Value {
  enum class Kind { flag, integer, number, text, list, table, date };
  struct Entry;

  Kind kind = Kind::table;
  bool flag = false;
  std::int64_t integer = 0;
  double number = 0;           // of integers too
  std::vector<Value> items;    // list
  std::vector<Entry> entries;  // table, in the order of the file
  SourceText place;            // place.text: the string itself, or a number as an expression

  bool is_number() const { return kind == Kind::integer || kind == Kind::number; }
  const Value* find(std::string_view key) const;  // null: no such entry
  Value* find(std::string_view key);
  Value& insert(const std::string& key, Value value);  // as the last entry
  void erase(std::string_view key);
};

struct Value::Entry {
  std::string key;
  SourceText place;  // of the key
  Value value;
};

// "text", "a whole number", ...: for messages.
std::string describe_kind(const Value& value);

// Throws Error (usage) with line and column for text that is not TOML.
Value parse_document(const std::string& text, const std::string& path);

// A value alone, such as a default of the schema.
Value parse_value(const std::string& toml, const std::string& key);

// Applies "path.to.key=value". The value is TOML; what does not parse is a string. Missing tables are made, a list index one
// past the end appends. Throws Error (usage) where the path leads through something else.
void apply_override(Value& root, const std::string& assignment);

// TOML text of a document: sections and lists of tables by name, everything below in one line.
std::string write_document(const Value& root);
// One value in one line.
std::string write_value(const Value& value);

}  // namespace jetpinn
