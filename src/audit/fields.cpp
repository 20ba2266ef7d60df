// Fields that no residual reads: nothing says what they are.
#include "jetpinn/audit/audit.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <set>

namespace jetpinn {

Warnings audit_fields(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  const std::set<int> read = read_in_residuals(problem, Op::field);
  Warnings warnings;
  for (int f = 0; f < problem.fields(); ++f)
    if (!read.count(f))
      warnings.push_back({"field", fmt::format("the field '{}' (problem.fields) stands in no residual, so that nothing says "
                                               "what it is: use it in one, or take it out",
                                               problem.symbols.fields[static_cast<std::size_t>(f)])});
  return warnings;
}

}  // namespace jetpinn
