// Names that the expression language itself uses, and how a text splits into a name and its derivative suffix.
#pragma once

#include "jetpinn/expr/parser.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace jetpinn {

struct FunctionName {
  const char* name;
  Op op;
  int operands;
  bool more = false;   // min and max take any number from `operands` on
};

const std::vector<FunctionName>& function_names();
const FunctionName* find_function(std::string_view name);    // null: no such function
const std::vector<std::string>& operator_names();            // d, laplacian, sum and so on: calls that are no functions
bool contains(const std::vector<std::string>& names, std::string_view name);
bool is_reserved(std::string_view name);
std::vector<std::string> declared_names(const SymbolTable& symbols);

// Splits u_xt into "u" and {x, t}; false when the suffix is not made of one-letter coordinates. Whether `base` exists is not
// asked.
bool split_derivative(const SymbolTable& symbols, std::string_view name, std::string& base, std::vector<int>& by);

}  // namespace jetpinn
