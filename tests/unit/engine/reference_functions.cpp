// Every function through both engines: the LibTorch spelling of a row against the tape's.
#include "jetpinn/engine/engine.hpp"
#include "support/engine_case.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;

// name(a, ...) of operands between 0.2 and 0.8, inside the domain of every row.
std::string call(const FunctionInfo& row) {
  std::string text = std::string(row.name) + "(0.5 + 0.3*tanh(u)";
  if (row.operands > 1) text += ", 0.5 + 0.3*sin(2*u)";
  if (row.operands > 2) text += ", u*v";
  return text + ")";
}

TEST(ReferenceFunctions, AgreeWithTheTape) {
  for (const FunctionInfo& row : function_table) {
    CaseText text;
    text.fields = {"u", "v"};
    text.terms = {{call(row), "d(" + call(row) + ", x)", "d(" + call(row) + ", x, t)"}};
    text.network.hidden = {7};
    const EngineCase problem = test::make_case(text);
    const auto parameters = test::perturbed(problem);
    const TermPoints& points = problem.points.terms[0];
    std::vector<double> residuals[2], gradients[2];
    for (EngineKind kind : {EngineKind::jets, EngineKind::reference}) {
      EngineOptions options;
      options.kind = kind;
      const auto engine = make_engine(options, problem.network, problem.terms);
      const auto which = static_cast<std::size_t>(kind == EngineKind::reference);
      residuals[which].resize(problem.terms[0].residuals.size() * static_cast<std::size_t>(points.local_count));
      engine->residuals(Stream{}, parameters.data(), 0, points, residuals[which].data());
      gradients[which] = test::evaluate(*engine, problem, parameters).gradient;
    }
    // The contract of the engines for second order (jets_against_reference.cpp), which is stricter by its scale.
    EXPECT_LE(test::distance(residuals[0], residuals[1]), 1e-12 * test::norm(residuals[1])) << row.name;
    EXPECT_LE(test::distance(gradients[0], gradients[1]), 1e-11 * test::norm(gradients[1])) << row.name;
  }
}

}  // namespace
}  // namespace jetpinn
