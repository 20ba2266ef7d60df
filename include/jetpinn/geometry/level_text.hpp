// Pieces of texts in the expression language.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

std::string number_text(double value);  // reads back as itself, in brackets
std::string call_text(const std::string& function, const std::vector<std::string>& arguments);  // "max(a, b, c)"

}  // namespace jetpinn
