#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/units.hpp"
#include "jetpinn/expr/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Entries of a table and items of a list, runs of names written out: what follows may look at each pair of them.
constexpr std::size_t most_entries = 1000;

void check_length(std::size_t length, const SourceText& place, const std::string& path) {
  if (length > most_entries)
    fail_at(place, "'" + path + "' has " + std::to_string(length) + " entries; at most " + std::to_string(most_entries) +
                       " are possible");
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The table beside this one that has such a key: "problem.equations" for causal in a condition; empty: there is none.
std::string sibling_with(const Schema& schema, const std::string& key, const std::string& pattern) {
  const std::string list = ".*", parent = pattern.substr(0, pattern.find('.') + 1);
  if (pattern.size() < list.size() || pattern.substr(pattern.size() - list.size()) != list) return "";
  for (const Key& known : schema.keys()) {
    const std::string& path = known.path;
    const std::size_t end = path.find(list + "." + key);
    if (path.rfind(parent, 0) == 0 && end != std::string::npos && end == path.find(list)) return path.substr(0, end);
  }
  return "";
}

// "problem.equations", as a config shows the table of a pattern.
std::string without_items(std::string pattern) {
  for (std::size_t at; (at = pattern.find(".*")) != std::string::npos;) pattern.erase(at, 2);
  return pattern;
}

// Tables that have such a key: those within this one, else those anywhere; empty: none, or so many that they tell nothing.
std::vector<std::string> homes_of(const Schema& schema, const std::string& key, const std::string& pattern) {
  constexpr std::size_t most_homes = 3;
  std::vector<std::string> within, all;
  for (const Key& known : schema.keys())
    for (std::size_t begin = 0; begin != std::string::npos;) {
      const std::size_t end = known.path.find('.', begin);
      if (known.path.substr(begin, end - begin) == key && known.available) {
        const std::string home = begin == 0 ? "" : known.path.substr(0, begin - 1), shown = without_items(home);
        const bool inner = pattern.empty() || home.rfind(pattern + ".", 0) == 0;
        for (std::vector<std::string>* homes : {&all, inner ? &within : &all})
          if (std::find(homes->begin(), homes->end(), shown) == homes->end()) homes->push_back(shown);
      }
      begin = end == std::string::npos ? end : end + 1;
    }
  std::vector<std::string> homes = within.empty() ? all : within;
  if (homes.size() > most_homes) homes.clear();
  return homes;
}

// "it is a key of training.stages", or nothing.
std::string home_text(const Schema& schema, const std::string& key, const std::string& pattern) {
  const std::string sibling = sibling_with(schema, key, pattern);
  std::string text;
  for (const std::string& home : !sibling.empty() ? std::vector<std::string>{sibling} : homes_of(schema, key, pattern)) {
    text += text.empty() ? "it is a key of " : " and of ";
    text += home.empty() ? "the whole config, above all tables" : home;
  }
  return text;
}

[[noreturn]] void fail_unknown(const Schema& schema, const Value::Entry& entry, const std::string& pattern,
                               const std::string& path) {
  const std::vector<std::string> names = schema.names_under(pattern);
  const std::string nearest = nearest_name(entry.key, names),
                    home = nearest.empty() ? home_text(schema, entry.key, pattern) : "";
  std::string hint = "did you mean '" + nearest + "'?";
  if (!home.empty())
    hint = home;
  else if (nearest.empty())
    hint = (names.size() == 1 ? "the only key here is " : "keys here are ") + join(names);
  fail_at(entry.place, "unknown key '" + entry.key + "'" + (path.empty() ? "" : " in " + path) + "; " + hint);
}

// "{ <term> = ... }": the first key that such a table may have.
std::string table_example(const Schema& schema, const std::string& pattern) {
  const std::vector<std::string> names = schema.names_under(pattern);
  const std::string free = schema.pattern_of(pattern, "");
  return "{ " + (names.empty() ? free.substr(free.rfind('.') + 1) : names[0]) + " = ... }";
}

[[noreturn]] void fail_type(const Value& value, const Key& key, const std::string& path, std::string hint = "") {
  if (value.place.file == "--set" && value.is_number() &&
      (key.type == KeyType::text || key.type == KeyType::word || key.type == KeyType::file))
    hint = "; text that reads as a number needs quotes of its own";
  fail_at(value.place, "'" + path + "' must be " + describe_type(key) + ", not " + describe_kind(value) + hint);
}

// One where a list of them is wanted.
[[noreturn]] void fail_no_list(const Value& value, const Key& key, const std::string& path) {
  const bool one =
      key.type == KeyType::names ? value.kind == Value::Kind::text && !value.place.text.empty() : value.is_number();
  fail_type(value, key, path, one ? "; write [" + write_value(value) + "]" : "");
}

bool is_expression(const Value& value) { return value.kind == Value::Kind::text || value.is_number(); }

// The kind may be right and the text wrong.
[[noreturn]] void fail_content(const Value& value, const Key& key, const std::string& path) {
  if (!is_expression(value)) fail_type(value, key, path);
  fail_at(value.place, "'" + path + "' must be " + describe_type(key));
}

void check_number(const Value& value, double number, const Key& key, const std::string& path) {
  if (!std::isfinite(number)) fail_at(value.place, "'" + path + "' must be a finite number");
  if (!key.range.contains(number))
    fail_at(value.place,
            "'" + path + "' is out of range: it must be " + key.range.text() + (key.unit.empty() ? "" : " " + key.unit));
}

void check_word(const Value& value, const Key& key, const std::string& path) {
  const std::string& word = value.place.text;
  for (const std::string& known : key.words)
    if (word == known) return;
  for (const std::string& later : key.later_words)
    if (word == later)
      fail_at(value.place,
              "'" + path + "' = \"" + word + "\" is not available yet; available are " + join(key.words) + key.why_later);
  const std::string nearest = nearest_name(word, key.words);
  fail_at(value.place,
          "'" + path + "' must be " + describe_type(key) + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
}

// A float that is a whole number is one: 1e4.
void make_whole(Value& value) {
  constexpr double exact = 9007199254740992;   // 2^53: beyond, a float may be a neighbour of the number that was meant
  if (value.kind != Value::Kind::number || std::nearbyint(value.number) != value.number || std::abs(value.number) > exact)
    return;
  value.kind = Value::Kind::integer;
  value.integer = static_cast<std::int64_t>(value.number);
  value.place.text = std::to_string(value.integer);
}

// Each name of a list, runs such as x1..x10 written out.
void expand_list(Value& list, const std::string& path) {
  std::vector<Value> items;
  for (Value& item : list.items) {
    const std::vector<std::string> names = expand_names(item.place.text);
    if (names.empty())
      fail_at(item.place, "'" + path + "': a run of names is written x1..x10, with the same letters and rising numbers");
    if (names.size() == 1) {
      items.push_back(std::move(item));
      continue;
    }
    check_length(items.size() + names.size(), item.place, path);
    for (const std::string& name : names) {
      items.push_back(item);
      items.back().place.text = name;
    }
  }
  list.items = std::move(items);
}

void check_scalar(Value& value, const Key& key, const std::string& path) {
  const bool list = value.kind == Value::Kind::list;
  check_length(value.items.size(), value.place, path);
  switch (key.type) {
    case KeyType::flag:
      if (value.kind != Value::Kind::flag) fail_type(value, key, path);
      return;
    case KeyType::integer:
      make_whole(value);
      if (value.kind != Value::Kind::integer) fail_type(value, key, path);
      return check_number(value, value.number, key, path);
    case KeyType::number:
      if (!value.is_number()) fail_type(value, key, path);
      return check_number(value, value.number, key, path);
    case KeyType::text:
    case KeyType::file:
      if (value.kind != Value::Kind::text) fail_type(value, key, path);
      return;
    case KeyType::word:
      if (value.kind != Value::Kind::text) fail_type(value, key, path);
      return check_word(value, key, path);
    case KeyType::word_or_integer:
      if (value.kind == Value::Kind::text) return check_word(value, key, path);
      make_whole(value);
      if (value.kind != Value::Kind::integer) fail_type(value, key, path);
      return check_number(value, value.number, key, path);
    case KeyType::duration: {
      const auto seconds = is_expression(value) ? parse_duration(value.place.text) : std::nullopt;
      if (!seconds) fail_content(value, key, path);
      return check_number(value, *seconds, key, path);
    }
    case KeyType::bytes: {
      if (value.kind == Value::Kind::text && value.place.text.empty()) return;
      const auto bytes = is_expression(value) ? parse_bytes(value.place.text) : std::nullopt;
      if (!bytes || *bytes < 1) fail_content(value, key, path);
      return;
    }
    case KeyType::expression:
    case KeyType::expressions:
      if (list && key.type == KeyType::expressions) {
        if (value.items.empty()) fail_at(value.place, "'" + path + "' is empty");
        for (std::size_t i = 0; i < value.items.size(); ++i) {
          if (!is_expression(value.items[i])) fail_type(value.items[i], key, path + "." + std::to_string(i));
          if (value.items[i].is_number()) check_number(value.items[i], value.items[i].number, key, path);
        }
        return;
      }
      if (!is_expression(value)) fail_type(value, key, path);
      if (value.is_number()) check_number(value, value.number, key, path);
      return;
    case KeyType::bounds:
      if (!list || value.items.size() != 2 || !is_expression(value.items[0]) || !is_expression(value.items[1]))
        fail_type(value, key, path);
      for (const Value& item : value.items)
        if (item.is_number()) check_number(item, item.number, key, path);
      return;
    case KeyType::corners:
      if (!list || value.items.empty()) fail_type(value, key, path);
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        const Value& corner = value.items[i];
        const std::string place = path + "." + std::to_string(i);
        if (corner.kind != Value::Kind::list || corner.items.empty()) fail_type(corner, key, place);
        for (const Value& item : corner.items) {
          if (!is_expression(item)) fail_type(item, key, place);
          if (item.is_number()) check_number(item, item.number, key, place);
        }
      }
      return;
    case KeyType::names:
      if (!list) fail_no_list(value, key, path);
      for (std::size_t i = 0; i < value.items.size(); ++i)
        if (value.items[i].kind != Value::Kind::text) fail_type(value.items[i], key, path + "." + std::to_string(i));
      if (value.items.empty() && (key.required() || key.path == "problem.fields"))
        fail_at(value.place, "'" + path + "' is empty");
      return expand_list(value, path);
    case KeyType::integer_or_integers:
    case KeyType::integers:
      if (!list && key.type == KeyType::integer_or_integers) {
        make_whole(value);
        if (value.kind != Value::Kind::integer) fail_type(value, key, path);
        return check_number(value, value.number, key, path);
      }
      if (!list) fail_no_list(value, key, path);
      if (value.items.empty() && key.standard != "[]") fail_at(value.place, "'" + path + "' is empty");
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        make_whole(value.items[i]);
        if (value.items[i].kind != Value::Kind::integer) fail_type(value.items[i], key, path + "." + std::to_string(i));
        check_number(value.items[i], value.items[i].number, key, path + "." + std::to_string(i));
      }
      return;
    case KeyType::numbers:
      if (!list) fail_no_list(value, key, path);
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        const std::string item = path + "." + std::to_string(i);
        if (!value.items[i].is_number()) fail_type(value.items[i], key, item);
        check_number(value.items[i], value.items[i].number, key, item);
      }
      return;
    case KeyType::scales:
      if (value.kind == Value::Kind::text) return check_word(value, key, path);
      if (value.kind != Value::Kind::table) fail_type(value, key, path);
      check_length(value.entries.size(), value.place, path);
      for (const Value::Entry& entry : value.entries) {
        if (!is_expression(entry.value))
          fail_at(entry.value.place,
                  "'" + path + "." + entry.key +
                      "' must be a number, a number with a unit as in \"1 mm\", or a constant expression, not " +
                      describe_kind(entry.value));
        if (entry.value.is_number()) check_number(entry.value, entry.value.number, key, path + "." + entry.key);
      }
      return;
    case KeyType::table:
    case KeyType::tables:
      return;
  }
}

// An empty value, or the default itself, says nothing that this version does not do anyway.
bool says_nothing(const Value& value, const Key& key) {
  switch (value.kind) {
    case Value::Kind::text:
      return value.place.text.empty();
    case Value::Kind::list:
      return value.items.empty();
    case Value::Kind::table:
      return value.entries.empty();
    default:
      return (value.is_number() || value.kind == Value::Kind::flag) && write_value(value) == key.standard;
  }
}

void check_table(const Schema& schema, Value& table, const std::string& pattern, const std::string& path);

void check_value(const Schema& schema, Value& value, const std::string& pattern, const std::string& path) {
  const Key* key = schema.find(pattern);
  if (key && key->type == KeyType::tables) {
    if (value.kind == Value::Kind::table) fail_at(value.place, "'" + path + "' is a list of tables; write [[" + path + "]]");
    if (value.kind != Value::Kind::list) fail_type(value, *key, path);
    if (value.items.empty() && key->never_empty())
      fail_at(value.place, "'" + path + "' is empty; write [[" + path + "]] once at least" +
                               (key->required() ? "" : ", or leave the key away"));
    check_length(value.items.size(), value.place, path);
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const std::string item = path + "." + std::to_string(i);
      if (value.items[i].kind != Value::Kind::table)
        fail_at(value.items[i].place, "'" + item + "' must be a table, not " + describe_kind(value.items[i]));
      check_table(schema, value.items[i], pattern + ".*", item);
    }
  } else if (schema.is_table(pattern)) {
    if (value.kind != Value::Kind::table && key && !key->shorthand.empty()) {
      Value table;
      table.place = value.place;
      table.insert(key->shorthand, std::move(value));
      value = std::move(table);
    }
    if (value.kind != Value::Kind::table)
      fail_at(value.place,
              "'" + path + "' must be a table, as in " + table_example(schema, pattern) + ", not " + describe_kind(value));
    check_table(schema, value, pattern, path);
  } else {
    check_scalar(value, *key, path);
  }
}

// Keys of a free table that are runs of names ("x1..x10" = [0, 1]) written out.
void expand_entries(Value& table, const std::string& path) {
  std::vector<Value::Entry> entries;
  for (Value::Entry& entry : table.entries) {
    const std::vector<std::string> names = expand_names(entry.key);
    if (names.empty())
      fail_at(entry.place,
              "'" + path + "': a run of names is written \"x1..x10\", with the same letters and rising numbers");
    check_length(entries.size() + names.size(), entry.place, path);
    for (const std::string& name : names) {
      entries.push_back(entry);
      entries.back().key = name;
    }
  }
  table.entries = std::move(entries);
}

void check_table(const Schema& schema, Value& table, const std::string& pattern, const std::string& path) {
  check_length(table.entries.size(), table.place, path.empty() ? "the config" : path);
  if (pattern == "problem.domain") expand_entries(table, path);
  for (std::size_t i = 0; i < table.entries.size();) {
    Value::Entry& entry = table.entries[i];
    const std::string child = schema.pattern_of(pattern, entry.key),
                      child_path = (path.empty() ? "" : path + ".") + entry.key;
    if (child.empty()) fail_unknown(schema, entry, pattern, path);
    const Key* key = schema.find(child);
    if (key && !key->available) {
      if (!says_nothing(entry.value, *key))
        fail_at(entry.place, "'" + child_path + "' is not available yet in this version of jetpinn");
      table.entries.erase(table.entries.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    check_value(schema, entry.value, child, child_path);
    ++i;
  }
}

}  // namespace

std::string describe_type(const Key& key) {
  const std::string range = key.range.text().empty() ? "" : " " + key.range.text();
  switch (key.type) {
    case KeyType::flag:
      return "true or false";
    case KeyType::integer:
      return "a whole number" + range;
    case KeyType::number:
      return "a number" + range;
    case KeyType::text:
      return "text";
    case KeyType::file:
      return "the path of a file";
    case KeyType::word:
      return (key.words.size() == 1 ? "" : "one of ") + join(key.words);
    case KeyType::word_or_integer:
      return "one of " + join(key.words) + ", or a whole number" + range;
    case KeyType::duration:
      return "a duration, as in \"10 min\" or seconds";
    case KeyType::bytes:
      return "an amount of memory, as in \"1 GiB\"";
    case KeyType::expression:
      return "an expression or a number";
    case KeyType::expressions:
      return "an expression, or a list of them";
    case KeyType::bounds:
      return "two bounds [lower, upper]";
    case KeyType::corners:
      return "a list of points, as in [[0, 0], [1, 2]]";
    case KeyType::names:
      return "a list of text";
    case KeyType::integers:
      return "a list of whole numbers" + range;
    case KeyType::integer_or_integers:
      return "a whole number" + range + ", or a list of them";
    case KeyType::numbers:
      return "a list of numbers" + range;
    case KeyType::scales:
      return join(key.words) + ", or a table of sizes as in { x = \"1 mm\" }";
    case KeyType::table:
      return "a table";
    case KeyType::tables:
      return "a list of tables";
  }
  return "?";
}

void validate(Value& root, const Schema& schema) { check_table(schema, root, "", ""); }

}  // namespace jetpinn
