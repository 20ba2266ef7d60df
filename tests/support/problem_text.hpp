// Problems of t in [0, 1] and x in [-1, 1], from a line per term.
#pragma once

#include "jetpinn/problem/problem.hpp"

#include <string>
#include <vector>

namespace jetpinn::testing {

inline SourceText source(const std::string& expression) {
  SourceText result;
  result.text = expression;
  return result;
}

// An equation, or a condition where `on` says so.
inline TermText term(const std::string& name, const std::string& residual, const std::string& on = "") {
  TermText result;
  result.name = name;
  result.residuals = {source(residual)};
  result.equation = on.empty();
  if (!on.empty()) result.on = source(on);
  return result;
}

// on: empty: the whole domain
inline MonitorText monitor(MonitorKind kind, const std::string& expression, const std::string& on,
                           std::int64_t points = 4096) {
  MonitorText result;
  result.options = {"watched", kind, 0, points};
  result.expression = source(expression);
  if (!on.empty()) result.on = source(on);
  return result;
}

// exact: of the field u; empty: nothing to compare with. output: the transform of u; empty: none.
inline ProblemText text_of(const std::vector<TermText>& terms, const std::string& exact = "",
                           const std::string& output = "") {
  ProblemText problem;
  problem.coordinates = {"t", "x"};
  problem.time = "t";
  problem.fields = {"u"};
  problem.domain["t"] = {source("0"), source("1")};
  problem.domain["x"] = {source("-1"), source("1")};
  problem.terms = terms;
  if (!exact.empty()) problem.reference.exact["u"] = source(exact);
  if (!output.empty()) problem.output["u"] = source(output);
  return problem;
}

inline Problem problem_of(const std::vector<TermText>& terms, const std::string& exact = "",
                          const std::string& output = "") {
  return build_problem(text_of(terms, exact, output));
}

inline Problem heat_problem() {
  return problem_of({term("heat", "u_t - 0.1*u_xx"), term("initial", "u - sin(pi*x)", "t == 0")},
                    "exp(-0.1*pi^2*t)*sin(pi*x)");
}

}  // namespace jetpinn::testing
