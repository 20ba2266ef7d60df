// The config as a JSON Schema, for editors and for programs that write configs.
#pragma once

#include <string>

namespace jetpinn {

// JSON Schema, draft 2020-12, of a config as TOML gives it: every key of schema() with its type, default, range, words and
// documentation. What keys say of one another (check_relations) and what stands in expressions, it does not know.
std::string json_schema();

}  // namespace jetpinn
