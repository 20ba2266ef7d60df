// The only file that knows toml++.
#include "jetpinn/config/document.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/utf8.hpp"
#include "jetpinn/config/quote_items.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace jetpinn {
namespace {

// Turns toml++'s nodes into values; every place points into one shared copy of the text.
class Reader {
 public:
  Reader(std::shared_ptr<const std::string> source, std::string file, bool has_lines)
      : source_(std::move(source)), file_(std::move(file)), has_lines_(has_lines) {
    line_begins_.push_back(0);
    std::size_t characters = 0;
    for (std::size_t i = 0; i < source_->size(); ++i) {
      if (i % mark_every == 0) characters_before_.push_back(characters);
      characters += begins_character(i);
      if ((*source_)[i] == '\n') line_begins_.push_back(i + 1);
    }
  }

  // A place from a line and a column in characters; its text is filled in by the caller.
  SourceText place_at(const toml::source_position& position, const std::string& key) const {
    SourceText place;
    place.file = file_;
    place.key = key;
    place.source = source_;
    place.line = has_lines_ ? static_cast<int>(position.line) : 0;
    place.column = static_cast<int>(position.column);
    place.begin = byte(position);
    return place;
  }

  SourceText place_of_byte(std::size_t at) const {
    const auto line = std::upper_bound(line_begins_.begin(), line_begins_.end(), at) - line_begins_.begin();
    const std::size_t before = characters_before(line_begins_[static_cast<std::size_t>(line) - 1]);
    const auto column = static_cast<toml::source_index>(characters_before(at) - before + 1);
    return place_at({static_cast<toml::source_index>(line), column}, "");
  }

  Value read(const toml::node& node, const std::string& key) const {
    Value value;
    value.place = place_at(node.source().begin, key);
    const std::size_t end = byte(node.source().end);
    if (const auto* table = node.as_table()) {
      read_table(*table, key, value);
    } else if (const auto* array = node.as_array()) {
      value.kind = Value::Kind::list;
      for (std::size_t i = 0; i < array->size(); ++i)
        value.items.push_back(read((*array)[i], key + "." + std::to_string(i)));
    } else if (const auto* text = node.as_string()) {
      value.kind = Value::Kind::text;
      enter_quotes(value.place);
      value.place.text = text->get();
      return value;
    } else if (const auto* flag = node.as_boolean()) {
      value.kind = Value::Kind::flag;
      value.flag = flag->get();
    } else if (const auto* integer = node.as_integer()) {
      value.kind = Value::Kind::integer;
      value.integer = integer->get();
      value.number = static_cast<double>(value.integer);
      value.place.text = std::to_string(value.integer);
      return value;
    } else if (const auto* number = node.as_floating_point()) {
      value.kind = Value::Kind::number;
      value.number = number->get();
      value.place.text = write_value(value);
      return value;
    } else {
      value.kind = Value::Kind::date;
    }
    if (end > value.place.begin) value.place.text = source_->substr(value.place.begin, end - value.place.begin);
    return value;
  }

 private:
  void read_table(const toml::table& table, const std::string& prefix, Value& value) const {
    value.kind = Value::Kind::table;
    for (const auto& [key, node] : table) {
      Value::Entry entry;
      entry.key = std::string(key.str());
      const std::string path = prefix.empty() ? entry.key : prefix + "." + entry.key;
      entry.place = place_at(key.source().begin, path);
      if (const char c = entry.place.begin < source_->size() ? (*source_)[entry.place.begin] : ' '; c == '"' || c == '\'')
        enter_quotes(entry.place);
      entry.place.text = entry.key;
      entry.value = read(node, path);
      value.entries.push_back(std::move(entry));
    }
    std::stable_sort(value.entries.begin(), value.entries.end(),  // toml++ sorts by name
                     [](const Value::Entry& a, const Value::Entry& b) { return a.place.begin < b.place.begin; });
  }

  // From a string's opening quote to its first character.
  void enter_quotes(SourceText& place) const {
    const std::string& source = *source_;
    if (place.begin >= source.size()) return;
    place.quote = source[place.begin];
    const bool triple = source.compare(place.begin, 3, std::string(3, place.quote)) == 0;
    place.begin += triple ? 3 : 1;
    place.column += triple ? 3 : 1;
    if (!triple) return;
    if (source.compare(place.begin, 1, "\r") == 0) ++place.begin;
    if (source.compare(place.begin, 1, "\n") == 0) {  // a line end right behind the quotes is not part of the string
      ++place.begin;
      if (has_lines_) ++place.line;
      place.column = 1;
    }
  }

  bool begins_character(std::size_t at) const { return (static_cast<unsigned char>((*source_)[at]) & 0xC0) != 0x80; }

  // Characters in front of a byte.
  std::size_t characters_before(std::size_t at) const {
    if (characters_before_.empty()) return 0;
    const std::size_t mark = std::min(at / mark_every, characters_before_.size() - 1);
    std::size_t characters = characters_before_[mark];
    for (std::size_t i = mark * mark_every; i < at; ++i) characters += begins_character(i);
    return characters;
  }

  // By marks, not by walking along the line: every value asks for its place, and a line may hold all of them.
  std::size_t byte(const toml::source_position& position) const {
    if (position.line == 0 || position.line > line_begins_.size()) return source_->size();
    if (position.column <= 1) return line_begins_[position.line - 1];
    const std::size_t wanted = characters_before(line_begins_[position.line - 1]) + position.column - 1;
    const auto above = std::upper_bound(characters_before_.begin(), characters_before_.end(), wanted);
    if (above == characters_before_.begin()) return source_->size();
    const auto mark = static_cast<std::size_t>(above - characters_before_.begin()) - 1;
    std::size_t at = mark * mark_every, characters = characters_before_[mark];
    for (; at < source_->size(); ++at) {
      if (begins_character(at) && characters++ == wanted) break;
    }
    return at;
  }

  static constexpr std::size_t mark_every = 64;   // bytes
  std::shared_ptr<const std::string> source_;
  std::string file_;
  bool has_lines_;
  std::vector<std::size_t> line_begins_;
  std::vector<std::size_t> characters_before_;   // byte 0, mark_every, ...
};

constexpr int most_parts = 256;   // of a dotted key

// Past the string that begins at `at`; past its line where a string of one line is not closed (no valid TOML).
std::size_t past_string(const std::string& text, std::size_t at) {
  const char quote = text[at];
  const bool triple = text.compare(at, 3, std::string(3, quote)) == 0;
  at += triple ? 3 : 1;
  while (at < text.size()) {
    if (!triple && text[at] == '\n') return at;
    if (quote == '"' && text[at] == '\\') {
      at += 2;
    } else if (text[at] != quote) {
      ++at;
    } else if (!triple) {
      return at + 1;
    } else if (text.compare(at, 3, std::string(3, quote)) == 0) {
      for (at += 3; at < text.size() && text[at] == quote;) ++at;   // quotes in front of the closing ones
      return at;
    } else {
      ++at;
    }
  }
  return text.size();
}

// toml++ limits how deep values nest, but not how many parts a dotted key has, and nests a table for each.
void refuse_endless_keys(const std::string& text, const Reader& reader) {
  int parts = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = past_string(text, i);
      continue;
    }
    if (c == '#') i = std::min(text.find('\n', i), text.size()) - 1;
    if (c == '.') ++parts;
    else if (std::strchr("\n=,{}[]#", c)) parts = 0;
    if (parts > most_parts)
      throw Error(Status::usage, point_at(reader.place_of_byte(i), 0, 1,
                                          "not valid TOML: a key of more than " + std::to_string(most_parts) + " parts"));
    ++i;
  }
}

// Editors save other encodings too: what toml++ says of them names neither the byte nor the mend.
void refuse_other_encodings(const std::string& text, const std::string& path, const Reader& reader) {
  if (text.rfind("\xFF\xFE", 0) == 0 || text.rfind("\xFE\xFF", 0) == 0)
    throw Error(Status::usage, path + ": this file is UTF-16 text; save it as UTF-8");
  const std::size_t at = first_invalid_byte(text);
  if (at == std::string::npos) return;
  char byte[8];
  std::snprintf(byte, sizeof byte, "0x%02X", static_cast<unsigned>(static_cast<unsigned char>(text[at])));
  throw Error(Status::usage, point_at(reader.place_of_byte(at), 0, 1,
                                      std::string("the byte ") + byte + " is not UTF-8 text; save the file as UTF-8"));
}

// "[u, v] - [x, 1]" begins with a vector, which ends before the text does.
bool begins_with_a_vector(const std::string& text, std::size_t first) {
  int depth = 0;
  for (std::size_t i = first; i < text.size(); ++i) {
    depth += (text[i] == '[') - (text[i] == ']');
    if (depth == 0) return text.find_first_not_of(" \t", i + 1) != std::string::npos;
  }
  return false;
}

// What begins as a list or a table and is no TOML is no string either.
void refuse_unquoted_items(const SourceText& value) {
  const std::size_t first = value.text.find_first_not_of(" \t");
  const char bracket = first == std::string::npos ? ' ' : value.text[first];
  if (bracket != '[' && bracket != '{') return;
  if (bracket == '[' && begins_with_a_vector(value.text, first)) return;
  const std::string offer = quote_items(value.text);
  fail_at(value, std::string(bracket == '[' ? "this list" : "this table") + " is not TOML" +
                     (offer.empty() ? ": its brackets or quotes do not close, or something lacks between two commas"
                                    : "; expressions in it need quotes: " + offer));
}

// The value of an override, placed inside the whole assignment "path.to.key=value".
Value read_override(const std::string& assignment, std::size_t value_begin, const std::string& key) {
  const auto source = std::make_shared<std::string>(assignment);
  const Reader reader(source, "--set", false);
  refuse_endless_keys(assignment, reader);
  try {
    // Blanks in front keep toml++'s columns those of the assignment; "v=" must fit into them.
    const std::size_t blanks = value_begin - 2;
    toml::table table = toml::parse(std::string(blanks, ' ') + "v=" + assignment.substr(value_begin), std::string("--set"));
    if (table.size() == 1 && table.contains("v")) return reader.read(*table.get("v"), key);
  } catch (const toml::parse_error&) {
    // Not TOML: a string, so that expressions and words need no second pair of quotes.
  }
  Value value;
  value.kind = Value::Kind::text;
  value.place.text = assignment.substr(value_begin);
  value.place.file = "--set";
  value.place.key = key;
  value.place.source = source;
  value.place.begin = value_begin;
  refuse_unquoted_items(value.place);
  return value;
}

std::string override_place(const std::string& assignment) { return "--set " + assignment + ": "; }

// The entry or item of `parent` that a part of the path names, made where it may be.
Value& descend(Value& parent, const std::string& part, const std::string& path, const std::string& assignment) {
  if (parent.kind == Value::Kind::list) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error != std::errc() || end != part.data() + part.size())
      throw Error(Status::usage,
                  override_place(assignment) + "'" + path + "' is a list; name an item by its number, as in " + path + ".0");
    if (index > parent.items.size())
      throw Error(Status::usage, override_place(assignment) + "'" + path + "' has " + std::to_string(parent.items.size()) +
                                     " items, so the largest number here is " + std::to_string(parent.items.size()) +
                                     ", which appends one");
    if (index == parent.items.size()) parent.items.emplace_back();
    return parent.items[index];
  }
  if (parent.kind != Value::Kind::table)
    throw Error(Status::usage, override_place(assignment) + "'" + path + "' is " + describe_kind(parent) + " and has no '" +
                                   part + "' in it");
  if (Value* found = parent.find(part)) return *found;
  return parent.insert(part, Value{});
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

Value& Value::insert(const std::string& key, Value value) {
  Entry entry;
  entry.key = key;
  entry.place = value.place;
  entry.value = std::move(value);
  entries.push_back(std::move(entry));
  return entries.back().value;
}

void Value::erase(std::string_view key) {
  entries.erase(std::remove_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; }),
                entries.end());
}

std::string describe_kind(const Value& value) {
  switch (value.kind) {
    case Value::Kind::flag:
      return value.flag ? "true" : "false";
    case Value::Kind::integer:
      return "a whole number";
    case Value::Kind::number:
      return "a number";
    case Value::Kind::text:
      return "text";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::table:
      return "a table";
    case Value::Kind::date:
      return "a date or time";
  }
  return "?";
}

Value parse_document(const std::string& text, const std::string& path) {
  const auto source = std::make_shared<std::string>(text);
  const Reader reader(source, path, true);
  refuse_other_encodings(text, path, reader);
  refuse_endless_keys(text, reader);
  try {
    return reader.read(toml::parse(text, path), "");
  } catch (const toml::parse_error& error) {
    std::string message(error.description());
    if (const std::string prefix = "Error while parsing "; message.rfind(prefix, 0) == 0)
      message = "in " + message.substr(prefix.size());
    SourceText place = reader.place_at(error.source().begin, "");
    throw Error(Status::usage, point_at(place, 0, 1, "not valid TOML: " + message));
  }
}

Value parse_value(const std::string& toml, const std::string& key) { return read_override("default=" + toml, 8, key); }

void apply_override(Value& root, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(Status::usage,
                "--set " + assignment + ": expected path.to.key=value, for example training.stages.0.steps=100");
  const std::string path = assignment.substr(0, equals);
  if (std::count(path.begin(), path.end(), '.') >= most_parts)
    throw Error(Status::usage,
                "--set " + path.substr(0, 80) + "...: the path has more than " + std::to_string(most_parts) + " parts");
  Value value = read_override(assignment, equals + 1, path);

  Value* at = &root;
  std::string walked;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.empty()) throw Error(Status::usage, override_place(assignment) + "the path has an empty part");
    Value* parent = at;
    at = &descend(*parent, part, walked, assignment);
    // Keys that the override makes point to it; so does the value that an existing key gets.
    const auto mark = [&](SourceText& place, std::size_t from, const std::string& text) {
      place = SourceText{};
      place.text = text;
      place.file = "--set";
      place.key = path;
      place.source = std::make_shared<std::string>(assignment);
      place.begin = from;
    };
    if (!at->place.source) {
      mark(at->place, begin, part);
      if (parent->kind == Value::Kind::table) parent->entries.back().place = at->place;
      // A number says that what is made here is a list: stages.0 of a config without stages.
      const char next = end + 1 < path.size() ? path[end + 1] : ' ';
      if (next >= '0' && next <= '9') at->kind = Value::Kind::list;
    }
    walked += (walked.empty() ? "" : ".") + part;
    begin = end + 1;
  }
  *at = std::move(value);
}

}  // namespace jetpinn
