// Columns of tables with one value in all rows, where nothing else says what another value would do.
#include "jetpinn/audit/audit.hpp"

#include "jetpinn/train/held_out_fit.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

// Coordinates of which some residual says something: it is differentiated by them, or has them in it.
std::set<int> stated_coordinates(const Problem& problem) {
  std::set<int> stated;
  for (const Variant& variant : problem.variants)
    for (const std::vector<NodeId>& residuals : variant.residuals)
      for (const NodeId id : reachable(problem.graph, residuals)) {
        const Node& node = problem.graph[id];
        if (node.op == Op::coordinate) stated.insert(node.index);
        if (node.op == Op::field)
          stated.insert(node.derivative.by.begin(), node.derivative.by.begin() + node.derivative.order);
      }
  return stated;
}

bool is_held(const Term& term) { return term.table && !term.table->streamed; }

}  // namespace

Warnings audit_columns(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  const auto constant = [&](std::size_t term, const std::string& column) -> const double* {
    const std::map<std::string, double>& constants = input.assembly.tables[term].constants;
    const auto found = constants.find(column);
    return found == constants.end() ? nullptr : &found->second;
  };
  // Where all that is asked of fields stands in tables, these alone say how fields go with a coordinate.
  bool alone = false;
  for (const Term& term : problem.terms) alone = alone || is_held(term);
  for (const Term& term : problem.terms) alone = alone && (term.equation || is_held(term));

  Warnings warnings;
  const std::set<int> stated = stated_coordinates(problem);
  for (int d = 0; alone && d < problem.dimensions(); ++d) {
    const auto k = static_cast<std::size_t>(d);
    const std::string& name = problem.symbols.coordinates[k];
    if (stated.count(d) || !(problem.lower[k] < problem.upper[k])) continue;
    std::set<double> values;
    bool everywhere = true;
    std::string files;
    for (std::size_t t = 0; t < problem.terms.size(); ++t) {
      if (!is_held(problem.terms[t])) continue;
      const double* value = constant(t, name);
      everywhere = everywhere && value;
      if (value) values.insert(*value);
      files +=
          (files.empty() ? "" : ", ") + fmt::format("{} ({}.points)", problem.terms[t].table->file, term_key(problem, t));
    }
    if (everywhere && values.size() == 1)
      warnings.push_back(
          {"columns", fmt::format("'{0}' is {1:.6g} in all rows of {2} and stands in no residual, so that nothing "
                                  "says what the fields are where it is another: add rows with other values, or "
                                  "take '{0}' out of problem.coordinates",
                                  name, *values.begin(), files)});
  }
  for (const MeasuredField& measured : measured_fields(input.assembly)) {
    if (!is_held(problem.terms[measured.term])) continue;
    const TermTable& table = *problem.terms[measured.term].table;
    const std::string& name = table.columns[static_cast<std::size_t>(measured.column)].name;
    if (const double* value = constant(measured.term, name))
      warnings.push_back(
          {"columns", fmt::format("'{}' is {:.6g} in all rows of {} ({}.points), so that rows that are held out "
                                  "tell nothing that one number does not: write what was measured, or set "
                                  "holdout to 0",
                                  name, *value, table.file, term_key(problem, measured.term))});
  }
  return warnings;
}

}  // namespace jetpinn
