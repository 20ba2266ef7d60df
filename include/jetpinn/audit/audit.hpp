// The audit of a problem before it is trained: what is allowed and yet seldom meant, found while it costs nothing to mend.
//
// Each kind of warning is one function of the table in audit.cpp, in a file of its own. docs/warnings.md has them all.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/expr/graph.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {

// What an audit looks at. Nothing in it depends on the number of ranks.
struct AuditInput {
  const Assembly& assembly;
  const NetworkOptions& network;
  const TrainingOptions& training;
  ReferenceFacts reference;
  std::vector<double> start = {};   // [network.parameters] of training.start_from; empty: drawn, or not to be read any more
};

// Collective: rank 0 looks, every rank returns the same. The same sentences on any number of ranks.
Warnings audit(Communicator& communicator, const AuditInput& input);

// The same without communication, by the calling process alone.
Warnings audit_alone(const AuditInput& input);

// The kinds, in files of their own. All are pure.
Warnings audit_coefficients(const AuditInput& input);   // throws Error (usage) for one that is not finite
Warnings audit_conditions(const AuditInput& input);
Warnings audit_weights(const AuditInput& input);
Warnings audit_faces(const AuditInput& input);
Warnings audit_reference_rows(const AuditInput& input);
Warnings audit_table_rows(const AuditInput& input);
Warnings audit_columns(const AuditInput& input);
Warnings audit_resampling(const AuditInput& input);
Warnings audit_adaptive(const AuditInput& input);
Warnings audit_jumps(const AuditInput& input);
Warnings audit_interfaces(const AuditInput& input);
Warnings audit_trained(const AuditInput& input);
Warnings audit_meetings(const AuditInput& input);
Warnings audit_periodic(const AuditInput& input);
Warnings audit_scales(const AuditInput& input);
Warnings audit_precision(const AuditInput& input);
Warnings audit_gate(const AuditInput& input);
Warnings audit_fields(const AuditInput& input);
Warnings audit_stopping(const AuditInput& input);

// Indices of the fields (Op::field) or trained numbers (Op::trainable) that residuals of any stage read, through the output
// transforms.
std::set<int> read_in_residuals(const Problem& problem, Op op);

// Whether the output transforms leave fields with the period that the network has in a coordinate.
bool periodic_outputs(const Problem& problem, int coordinate);

// "problem.conditions.1": where a term of the problem stands in its config.
std::string term_key(const Problem& problem, std::size_t term);
// A term's weights in a stage, and the key that gives them: "training.stages.1.weights.initial".
const std::vector<NodeId>& stage_weights(const AuditInput& input, std::size_t stage, std::size_t term);
std::string weight_key(const AuditInput& input, std::size_t stage, std::size_t term);
// "x = 0, y = 1"
std::string place_text(const Problem& problem, const std::vector<double>& place);
// An expression of the problem, cut where it is long.
std::string short_text(const Problem& problem, NodeId node);
std::string short_text(const ExpressionGraph& graph, const Problem& problem, NodeId node);

}  // namespace jetpinn
