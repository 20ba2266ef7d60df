// How the rows of the schema are written down: one line a key, then what is special about it.
#pragma once

#include "jetpinn/config/schema.hpp"
#include "jetpinn/config/units.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

void add_problem_keys(std::vector<Key>& keys);
void add_geometry_keys(std::vector<Key>& keys);
void add_network_keys(std::vector<Key>& keys);
void add_sampling_keys(std::vector<Key>& keys);
void add_training_keys(std::vector<Key>& keys);
void add_stage_keys(std::vector<Key>& keys);  // training.stages.*
void add_monitor_keys(std::vector<Key>& keys);
// Of a classification. What it shares with a problem is taken over from there.
void add_image_keys(std::vector<Key>& keys, const Schema& problem);
void add_vit_keys(std::vector<Key>& keys);
void add_gate_keys(std::vector<Key>& keys);
void add_stage_gate_keys(std::vector<Key>& keys);  // training.stages.*.gate

// Of training.precision and of stages, one of fp64, fp32 and bf16.
Precision precision_word(const Value& word);
inline constexpr const char* no_other_precision =
    ": tf32 is a format of GPUs alone, and fp16 would need its losses scaled, while bf16 has the range of fp32";

using KeySetter = std::function<void(const KeySlot&, const Value&)>;

class KeyRow {
 public:
  KeyRow(std::vector<Key>& keys, std::string path, KeyType type, std::string standard, std::string doc) : keys_(keys) {
    keys_.emplace_back();
    key().path = std::move(path);
    key().type = type;
    key().standard = std::move(standard);
    key().doc = std::move(doc);
  }
  KeyRow& set(KeySetter setter) { return key().set = std::move(setter), *this; }
  KeyRow& required() { return key().standard_note = "required", *this; }
  KeyRow& standard(std::string note) { return key().standard_note = std::move(note), *this; }
  KeyRow& unit(std::string name) { return key().unit = std::move(name), *this; }
  KeyRow& at_least(double lower) { return key().range.lower = lower, *this; }
  KeyRow& above(double lower) { return key().range.open_below = true, at_least(lower); }
  KeyRow& at_most(double upper) { return key().range.upper = upper, *this; }
  KeyRow& below(double upper) { return key().range.open_above = true, at_most(upper); }
  // why_later: goes on behind the message about one of `later`.
  KeyRow& words(std::vector<std::string> now, std::vector<std::string> later = {}, std::string why_later = "") {
    key().why_later = std::move(why_later);
    key().words = std::move(now);
    key().later_words = std::move(later);
    return *this;
  }
  KeyRow& shorthand(std::string name) { return key().shorthand = std::move(name), *this; }
  KeyRow& harmless() { return key().material = false, *this; }
  KeyRow& rounds_only() { return key().rounds_only = true, *this; }
  KeyRow& later() { return key().available = false, *this; }

 private:
  Key& key() { return keys_.back(); }
  std::vector<Key>& keys_;
};

inline double seconds(const Value& value) { return parse_duration(value.place.text).value_or(0); }
std::vector<std::string> texts(const Value& list);
// Of a number of points, or of nodes along each axis: their product, which the check of the config has bounded; and the
// list, empty where it is one number.
std::int64_t product_of(const Value& counts);
std::vector<std::int64_t> numbers_in(const Value& counts);
std::vector<std::string> sampling_methods();
SamplingMethod sampling_method(const Value& word);   // one of them
std::vector<SourceText> places(const Value& value);  // of a list's items, or of the one value

}  // namespace jetpinn
