#include "jetpinn/app/command_words.hpp"

#include "jetpinn/config/schema.hpp"

#include <algorithm>
#include <set>
#include <cstddef>
#include <sstream>

namespace jetpinn {
namespace {

std::vector<std::string> divided(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, at);) parts.push_back(part);
  return parts;
}

// `name`: of the option, which is the type of what stands alone.
WordKind kind_of(const std::string& type, const std::string& name) {
  if (type.find('|') != std::string::npos) return {WordKind::choices, divided(type, '|')};
  for (const std::string& word : {type, name}) {
    if (word == "FILE") return {WordKind::file, {}};
    if (word == "DIR") return {WordKind::folder, {}};
    if (word == "RUN") return {WordKind::run, {}};
    if (word == "CONFIG") return {WordKind::config, {}};
    if (word.rfind("KEY=", 0) == 0) return {WordKind::key, {}};
  }
  return {WordKind::free, {}};
}

OptionWords words_of(const CLI::Option& option) {
  OptionWords words;
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  for (const std::string& name : option.get_fnames())   // names that switch a flag off
    if (const std::string long_name = "--" + name;
        std::find(words.names.begin(), words.names.end(), long_name) == words.names.end())
      words.names.push_back(long_name);
  if (words.names.empty()) words.names.push_back(option.get_single_name());
  const std::string& doc = option.get_description();
  words.doc = doc;
  std::replace(words.doc.begin(), words.doc.end(), '\n', ' ');
  const std::string type = option.get_type_name();   // with the words of a check behind a colon
  if (option.get_items_expected_max() > 0) words.value = kind_of(type.substr(0, type.find(':')), words.names.front());
  words.repeats = option.get_items_expected_max() > 1;
  words.required = option.get_required();
  return words;
}

}  // namespace

std::vector<CommandWords> command_words(const CommandTable& table) {
  std::vector<CommandWords> list;
  for (const CLI::App* command : table.app.get_subcommands({})) {
    CommandWords words{command->get_name(), command->get_description(), {}, {}};
    for (const CLI::Option* option : command->get_options())
      (option->get_positional() ? words.subjects : words.options).push_back(words_of(*option));
    list.push_back(std::move(words));
  }
  return list;
}

std::vector<KeyWords> key_words() {
  std::vector<KeyWords> list;
  std::set<std::string> seen;
  for (const Key& key : schema()) {
    if (!key.available || key.type == KeyType::tables) continue;
    std::string path = key.path;
    for (std::size_t star = path.find(".*"); star != std::string::npos; star = path.find(".*")) path.replace(star, 2, ".0");
    const std::size_t free_name = path.find('<');
    const bool whole = free_name == std::string::npos && (key.type != KeyType::table || !key.shorthand.empty());
    if (key.type == KeyType::table && free_name == std::string::npos && key.shorthand.empty()) continue;   // its keys follow
    KeyWords words{whole ? path + "=" : path.substr(0, free_name), key.words};
    if (key.type == KeyType::flag) words.words = {"true", "false"};
    if (seen.insert(words.key).second) list.push_back(std::move(words));
  }
  return list;
}

}  // namespace jetpinn
