// A list or a table of --set whose expressions lack the quotes that TOML wants.
#pragma once

#include <string>

namespace jetpinn {

// [10/a^2, 1] as ["10/a^2", "1"], { k = 2*pi } as { k = "2*pi" }: every item of a list that holds an expression in
// quotes, strings, numbers of tables, lists and tables in it as they are. Empty where the brackets do not close, or
// nothing stands between two commas.
std::string quote_items(const std::string& value);

}  // namespace jetpinn
