// Sizes with a unit in text, as a scale is written: "1 mm", "2 GPa", "5 W/m^2", or a constant expression without one.
#pragma once

#include "jetpinn/expr/parser.hpp"

#include <string_view>

namespace jetpinn {

// In SI base units: "1 mm" is 1e-3. Units are joined by *, / and spaces, with whole powers. A text that does not begin with
// a number and a letter behind it is a constant expression over `constants`. Throws ExpressionError at the culprit, which
// names the nearest units.
double parse_size(std::string_view text, const SymbolTable& constants);

}  // namespace jetpinn
