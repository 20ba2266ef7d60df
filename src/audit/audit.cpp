#include "jetpinn/audit/audit.hpp"

#include <utility>

namespace jetpinn {
namespace {

using Audit = Warnings (*)(const AuditInput&);

constexpr Audit audits[] = {audit_conditions, audit_weights};

}  // namespace

Warnings audit_alone(const AuditInput& input) {
  Warnings all;
  for (const Audit& look : audits)
    for (Warning& warning : look(input)) all.push_back(std::move(warning));
  return all;
}

Warnings audit(Communicator& communicator, const AuditInput& input) {
  std::string lines;
  communicator.agree("audit", [&] {
    if (communicator.root()) lines = to_lines(audit_alone(input));
  });
  return from_lines(communicator.broadcast("audit", lines));
}

std::string term_key(const Problem& problem, std::size_t term) {
  std::size_t place = 0;   // among the terms of its kind
  for (std::size_t t = 0; t < term; ++t) place += problem.terms[t].equation == problem.terms[term].equation;
  return (problem.terms[term].equation ? "problem.equations." : "problem.conditions.") + std::to_string(place);
}

}  // namespace jetpinn
