#include "jetpinn/base/error.hpp"

#include <cstddef>

namespace jetpinn {
namespace {

std::string with_visible_zeros(std::string text) {
  constexpr const char* visible = "\\x00";
  for (std::size_t at = 0; (at = text.find('\0', at)) != std::string::npos;) text.replace(at, 1, visible);
  return text;
}

}  // namespace

Error::Error(Status status, const std::string& message) : std::runtime_error(with_visible_zeros(message)), status_(status) {}

void fail_check(const char* condition, const char* file, int line, const std::string& context) {
  throw Error(Status::numerical, std::string(file) + ":" + std::to_string(line) + ": internal check failed: " + condition +
                                     (context.empty() ? "" : " (" + context + ")") +
                                     "; this is a defect of jetpinn, please report it");
}

}  // namespace jetpinn
