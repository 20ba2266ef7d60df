#include "jetpinn/config/config.hpp"
#include "jetpinn/config/passes.hpp"
#include "jetpinn/config/schema.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

// [training], [[training.stages]]: where the key is written.
std::string section_of(const std::string& path) {
  const std::size_t item = path.rfind(".*.");
  if (item != std::string::npos) return "[[" + path.substr(0, item) + "]]";
  const std::size_t dot = path.find('.');
  return dot == std::string::npos ? "" : "[" + path.substr(0, dot) + "]";
}

std::string name_within(const std::string& path) {
  const std::size_t item = path.rfind(".*.");
  if (item != std::string::npos) return path.substr(item + 3);
  if (path.find('.') == std::string::npos) return path;
  return path.substr(path.find('.') + 1);
}

// A key is one line, its type and default the next.
std::string describe_key(const Key& key) {
  std::string facts = describe_type(key);
  if (facts.find('"') == std::string::npos && !key.unit.empty()) facts += " [" + key.unit + "]";
  if (key.required())
    facts += "; required";
  else if (!key.standard_note.empty())
    facts += "; default: " + key.standard_note;
  else if (!key.standard.empty())
    facts += "; default " + key.standard;
  for (std::size_t i = 0; i < key.later_words.size(); ++i)
    facts += (i == 0 ? "; not available yet: " : ", ") + key.later_words[i];
  if (!key.available) facts = "not available yet";
  return "  " + name_within(key.path) + "  (" + facts + ")\n      " + key.doc + "\n";
}

// Its keys stand under its own name.
bool describes_itself(const Key& key) { return key.type == KeyType::tables && key.available; }

// In the order of their first key; the reserved tables of the top level come last.
std::vector<std::string> sections(const std::vector<Key>& keys) {
  std::vector<std::string> names;
  for (const Key& key : keys) {
    const std::string name = section_of(key.path);
    if (key.available && !name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace

std::string describe_keys(ConfigTask task) {
  const std::vector<Key>& keys = schema_of(task).keys();
  std::string text, later;
  for (const Key& key : keys)
    if (section_of(key.path).empty() && !describes_itself(key)) (key.available ? text : later) += describe_key(key);
  for (const std::string& name : sections(keys)) {
    text += "\n" + name + "\n";
    for (const Key& key : keys)
      if (section_of(key.path) == name && !describes_itself(key)) text += describe_key(key);
  }
  return later.empty() ? text : text + "\nTables of their own\n" + later;
}

}  // namespace jetpinn
