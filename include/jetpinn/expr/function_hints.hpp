// Functions that other languages have, and how they are written here.
#pragma once

#include <string>
#include <string_view>

namespace jetpinn {

// "did you mean 'log'? (natural logarithm)"; empty: nothing is known of the name.
std::string function_hint(std::string_view name);

}  // namespace jetpinn
