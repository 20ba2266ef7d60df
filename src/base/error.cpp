#include "jetpinn/base/error.hpp"

namespace jetpinn {

void fail_check(const char* condition, const char* file, int line, const std::string& context) {
  throw Error(Status::numerical, std::string(file) + ":" + std::to_string(line) + ": internal check failed: " + condition +
                                     (context.empty() ? "" : " (" + context + ")") +
                                     "; this is a defect of jetpinn, please report it");
}

}  // namespace jetpinn
