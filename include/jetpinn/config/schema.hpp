// The one table of config keys: type, default, range, unit, one line of documentation, and where the value goes.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/config/document.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

enum class KeyType {
  flag,
  integer,
  number,
  text,
  word,
  duration,
  bytes,
  file,
  expression,   // text, or a number
  expressions,  // an expression, or a list of them
  bounds,       // two expressions
  corners,      // list of points, each a list of expressions
  names,        // list of text
  integers,     // list of whole numbers
  numbers,      // list of numbers
  scales,       // a word, or a table of numbers with units by name
  word_or_integer,
  integer_or_integers,  // a whole number, or a list of them
  table,                // keys of its own
  tables                // [[...]], each with keys of its own
};

struct KeyRange {
  double lower = -std::numeric_limits<double>::infinity(), upper = std::numeric_limits<double>::infinity();
  bool open_below = false, open_above = false;  // the limit itself is not allowed
  bool contains(double x) const {
    return (open_below ? x > lower : x >= lower) && (open_above ? x < upper : x <= upper);
  }
  std::string text() const;  // ">= 0", "> 0", "0 .. 1", ">= 0 and < 1"; empty: any
};

// Where a setter writes: the item of the innermost list of tables and the free part of the path ("<field>") say which
// element.
struct KeySlot {
  Config& config;
  std::size_t index = 0;
  std::string name;
};

struct Key {
  std::string path;  // "training.stages.*.steps"; "*": any item, "<field>": any name
  KeyType type = KeyType::text;
  std::string standard;  // default as TOML; empty: none
  std::string
      standard_note;  // what the default is where it is no constant ("the file's name"); "required" where there is none
  std::string doc;
  std::string unit;
  KeyRange range;                        // of numbers, durations in seconds, and of each number in a list
  std::vector<std::string> words;        // of KeyType::word, and of those that may be a word
  std::vector<std::string> later_words;  // words of the contract that are not available yet
  std::string why_later;                 // behind the message about them
  std::string shorthand;                 // a value that is no table stands for this key of the table
  bool available = true;                 // false: accepted empty or at its default, refused otherwise
  bool material = true;                  // another value makes a run another run
  bool rounds_only = false;              // ... only because sums round otherwise, which level `ranks` excludes
  std::function<void(const KeySlot&, const Value&)> set;

  bool required() const { return standard_note == "required"; }
  // Of a list of tables: it has one entry at least, given or by default.
  bool never_empty() const { return required() || standard == "[{}]"; }
};

// Keys with what can be asked of them by their paths.
class Schema {
 public:
  explicit Schema(std::vector<Key> keys);
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  const std::vector<Key>& keys() const { return keys_; }  // in the order in which they are written and set
  // The key for a path with "*" for list indices; free names match "<...>". Null: unknown.
  const Key* find(const std::string& pattern) const;
  // Names that may stand under a path: keys and tables; empty where any name may.
  std::vector<std::string> names_under(const std::string& pattern) const;
  // Whether keys stand under this path, so that it is a table.
  bool is_table(const std::string& pattern) const { return children_.count(pattern) > 0; }
  // "problem.constants.nu" by "problem.constants.<name>": the pattern of an entry `name` below `pattern`; empty: unknown.
  std::string pattern_of(const std::string& pattern, const std::string& name) const;

 private:
  const std::vector<Key> keys_;
  std::map<std::string, const Key*> index_;
  std::map<std::string, std::vector<std::string>> children_;  // in the order of the keys
};

const Schema& schema_of(ConfigTask task);

// That of a problem.
inline const Schema& problem_schema() { return schema_of(ConfigTask::problem); }
inline const std::vector<Key>& schema() { return problem_schema().keys(); }
inline const Key* find_key(const std::string& pattern) { return problem_schema().find(pattern); }
inline bool is_free(const std::string& name) { return name[0] == '<'; }  // "<field>": any name

}  // namespace jetpinn
