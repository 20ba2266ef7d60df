#include "jetpinn/geometry/level_text.hpp"

#include <cstdio>

namespace jetpinn {

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, value < 0 ? "(%.17g)" : "%.17g", value);
  return text;
}

std::string call_text(const std::string& function, const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text += (text.empty() ? "" : ", ") + argument;
  return arguments.size() == 1 ? "(" + text + ")" : function + "(" + text + ")";
}

}  // namespace jetpinn
