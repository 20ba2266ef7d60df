#include "jetpinn/config/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace jetpinn {
namespace {

std::string write_key(const std::string& key) {
  const auto bare = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
  if (!key.empty() && std::all_of(key.begin(), key.end(), bare)) return key;
  Value text;
  text.kind = Value::Kind::text;
  text.place.text = key;
  return write_value(text);
}

// Shortest text that reads back to the same bits, and as a float.
std::string write_number(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// Text with line ends keeps them: equations of several lines stay readable.
std::string write_text(const std::string& text) {
  const bool lines = text.find('\n') != std::string::npos;
  std::string out = lines ? "\"\"\"\n" : "\"";
  for (char c : text) {
    if (c == '\n')
      out += c;
    else if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + (lines ? "\"\"\"" : "\"");
}

bool is_table_list(const Value& value) {
  return value.kind == Value::Kind::list && !value.items.empty() &&
         std::all_of(value.items.begin(), value.items.end(),
                     [](const Value& item) { return item.kind == Value::Kind::table; });
}

std::string write_entries(const Value& table) {
  std::string out;
  for (const auto& entry : table.entries)
    if (!is_table_list(entry.value)) out += write_key(entry.key) + " = " + write_value(entry.value) + "\n";
  return out;
}

void write_table_lists(const Value& table, const std::string& prefix, std::string& out) {
  for (const auto& entry : table.entries) {
    if (!is_table_list(entry.value)) continue;
    for (const Value& item : entry.value.items) out += "\n[[" + prefix + write_key(entry.key) + "]]\n" + write_entries(item);
  }
}

}  // namespace

std::string write_value(const Value& value) {
  std::string out;
  switch (value.kind) {
    case Value::Kind::flag:
      return value.flag ? "true" : "false";
    case Value::Kind::integer:
      return std::to_string(value.integer);
    case Value::Kind::number:
      return write_number(value.number);
    case Value::Kind::text:
      return write_text(value.place.text);
    case Value::Kind::date:
      return value.place.text;
    case Value::Kind::list:
      for (const Value& item : value.items) out += (out.empty() ? "" : ", ") + write_value(item);
      return "[" + out + "]";
    case Value::Kind::table:
      for (const auto& entry : value.entries)
        out += (out.empty() ? " " : ", ") + write_key(entry.key) + " = " + write_value(entry.value);
      return "{" + out + (out.empty() ? "}" : " }");
  }
  return out;
}

std::string write_document(const Value& root) {
  std::string out;
  for (const auto& entry : root.entries)
    if (entry.value.kind != Value::Kind::table && !is_table_list(entry.value))
      out += write_key(entry.key) + " = " + write_value(entry.value) + "\n";
  for (const auto& entry : root.entries) {
    if (entry.value.kind != Value::Kind::table) continue;
    out += "\n[" + write_key(entry.key) + "]\n" + write_entries(entry.value);
    write_table_lists(entry.value, write_key(entry.key) + ".", out);
  }
  write_table_lists(root, "", out);
  return out;
}

}  // namespace jetpinn
