// The audit of a problem before it is trained: what is allowed and yet seldom meant, found while it costs nothing to mend.
//
// Each kind of warning is one function of the table in audit.cpp, in a file of its own. docs/warnings.md has them all.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <cstddef>
#include <string>

namespace jetpinn {

// What an audit looks at. Nothing in it depends on the number of ranks.
struct AuditInput {
  const Assembly& assembly;
  const NetworkOptions& network;
  const TrainingOptions& training;
};

// Collective: rank 0 looks, every rank returns the same. The same sentences on any number of ranks.
Warnings audit(Communicator& communicator, const AuditInput& input);

// The same without communication, by the calling process alone.
Warnings audit_alone(const AuditInput& input);

// The kinds, each in its own file. All are pure.
Warnings audit_conditions(const AuditInput& input);
Warnings audit_weights(const AuditInput& input);

// "problem.conditions.1": where a term of the problem stands in its config.
std::string term_key(const Problem& problem, std::size_t term);

}  // namespace jetpinn
