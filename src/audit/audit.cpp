#include "jetpinn/audit/audit.hpp"

#include "jetpinn/geometry/place_text.hpp"

#include <algorithm>
#include <cstdint>

namespace jetpinn {
namespace {

using Audit = Warnings (*)(const AuditInput&);

constexpr Audit audits[] = {audit_coefficients, audit_conditions, audit_weights,  audit_faces,     audit_reference_rows,
                            audit_table_rows,   audit_resampling, audit_adaptive, audit_meetings,  audit_periodic,
                            audit_jumps,        audit_interfaces, audit_trained,  audit_precision, audit_gate,
                            audit_columns,      audit_fields,     audit_stopping};

}  // namespace

Warnings audit_alone(const AuditInput& input) {
  Warnings all;
  const auto add = [&](Warnings found) { all.insert(all.end(), found.begin(), found.end()); };
  for (const Audit& look : audits) add(look(input));
  // Where one point outweighs all others, every mean square is that of this point.
  const bool outlier =
      std::any_of(all.begin(), all.end(), [](const Warning& warning) { return warning.kind == "coefficient"; });
  if (!outlier) add(audit_scales(input));
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
  std::size_t place = 0;  // among the terms of its kind
  for (std::size_t t = 0; t < term; ++t) place += problem.terms[t].equation == problem.terms[term].equation;
  return (problem.terms[term].equation ? "problem.equations." : "problem.conditions.") + std::to_string(place);
}

const std::vector<NodeId>& stage_weights(const AuditInput& input, std::size_t stage, std::size_t term) {
  const std::size_t variant = input.assembly.variant_of(static_cast<std::int64_t>(stage));
  return input.assembly.problem->variants[variant].weights[term];
}

std::string weight_key(const AuditInput& input, std::size_t stage, std::size_t term) {
  const Problem& problem = *input.assembly.problem;
  const std::string& name = problem.terms[term].name;
  const bool own = stage < input.training.stages.size() && input.training.stages[stage].weights.count(name) > 0;
  return own ? fmt::format("training.stages.{}.weights.{}", stage, name) : term_key(problem, term) + ".weight";
}

std::string place_text(const Problem& problem, const std::vector<double>& place) {
  return place_text(problem.symbols.coordinates, place.data(), 4, 4);
}

std::string short_text(const ExpressionGraph& graph, const Problem& problem, NodeId node) {
  constexpr std::size_t longest = 60;
  const std::string text = to_text(graph, node, problem.symbols.coordinates, problem.symbols.fields);
  return text.size() > longest ? text.substr(0, longest - 3) + "..." : text;
}

std::string short_text(const Problem& problem, NodeId node) { return short_text(problem.graph, problem, node); }

}  // namespace jetpinn
