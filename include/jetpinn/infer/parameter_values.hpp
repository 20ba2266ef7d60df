// Values at which parameters of a problem are held for a prediction or an evaluation: "Re=20,k=2".
#pragma once

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/infer/grid.hpp"
#include "jetpinn/io/row_table.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// One axis of one value for each parameter that the text names; values may be constant expressions. Empty text: none. Throws
// Error (usage) for a name that is no parameter, or that stands there twice, and for a value that is not a finite number.
std::vector<GridAxis> parse_parameter_values(const std::string& text, const SymbolTable& symbols);

// The value at which an input is held; null: it is not.
const double* held_value(const std::vector<GridAxis>& held, int coordinate);

// Checks the columns of a table for all inputs but those that are held, which may be missing. Throws Error (usage).
void check_inputs(RowTable& table, const SymbolTable& symbols, const std::vector<GridAxis>& held);

}  // namespace jetpinn
