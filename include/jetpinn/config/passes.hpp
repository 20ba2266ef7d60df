// From the tree of a config file to option structs, in passes over the schema.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/config/document.hpp"
#include "jetpinn/config/schema.hpp"

#include <string>

namespace jetpinn {

// What the type of a key asks for: "a whole number >= 0", "one of adam, lbfgs".
std::string describe_type(const Key& key);

// Every key known, every value of its type and in its range, nothing that is not available yet. Short forms are written out:
// runs of names, a number for a table. Throws Error (usage) pointing at the first offender.
void validate(Value& root, const Schema& schema);

// Throws Error (usage) where a required key is missing.
void require_keys(const Value& root, const std::string& path, const Schema& schema);

// Defaults that depend on other keys: names, time, points per term, absolute paths.
void derive_defaults(Value& root, const std::string& path);

// The path of a file that a config names: beside the config, unless it is absolute.
std::string path_beside(const std::string& config, const std::string& file);

// Names that refer to each other: terms, coordinates, fields. Throws Error (usage) with the nearest valid name.
void check_relations(const Value& root);

// The same two of a classification.
void derive_image_defaults(Value& root, const std::string& path);
void check_image_relations(const Value& root);
// Throws Error (usage) where the name cannot be that of a run folder.
void check_run_name(const Value& name);
// "heat" for configs/heat.toml: the name of a run whose config has none.
Value name_of_file(const std::string& path);

// Adds the schema's defaults and brings all keys into its order.
void complete(Value& root, const Schema& schema);

// Runs the setters over a complete tree.
void fill(const Value& root, Config& config, const Schema& schema);

}  // namespace jetpinn
