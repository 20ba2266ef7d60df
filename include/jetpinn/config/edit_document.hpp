// Small edits of a TOML document, for configs that are made from another one.
#pragma once

#include "jetpinn/config/document.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace jetpinn {

inline Value text_value(const std::string& text) {
  Value value;
  value.kind = Value::Kind::text;
  value.place.text = text;
  return value;
}

inline Value number_value(double number) {
  Value value;
  value.kind = Value::Kind::number;
  value.number = number;
  return value;
}

inline Value integer_value(std::int64_t number) {
  Value value;
  value.kind = Value::Kind::integer;
  value.integer = number;
  value.number = static_cast<double>(number);
  return value;
}

// In place of what the key had, or as a new entry, which moves what lies beside it.
inline void set(Value& table, const std::string& key, Value value) {
  table.erase(key);
  table.insert(key, std::move(value));
}

}  // namespace jetpinn
