// Bytes as an expression, as the text of a config reaches the parser: build_problem, then its tapes and values. The first
// letter says where the text stands, the rest is the text.
#include "jetpinn/expr/compile.hpp"
#include "jetpinn/problem/problem.hpp"

#include "fuzz/expect.hpp"
#include "reference/tape.hpp"

#include <string>
#include <vector>

using namespace jetpinn;

namespace {

SourceText source(const std::string& text) {
  SourceText place;
  place.text = text;
  place.file = "fuzz.toml";
  return place;
}

ProblemText problem_with(char role, const std::string& text) {
  ProblemText problem;
  problem.coordinates = {"t", "x", "x1", "x2", "x3"};
  problem.time = "t";
  problem.fields = {"u", "v"};
  problem.constants = {{"nu", source("0.01/pi")}, {"k", source("3")}};
  problem.definitions = {{"flux", source("nu*u_x")},
                         {"wave", source("sin(pi*x)*exp(-t)")},
                         {"pair", source("[u, v]")},
                         {"space", source("grad(u*v)")}};
  for (const auto& name : problem.coordinates) problem.domain[name] = {source("-1"), source("1")};
  TermText equation, condition;
  equation.name = "equation", equation.residuals = {source("u_t + d(flux, x)")};
  condition.name = "condition", condition.equation = false, condition.residuals = {source("u - wave"), source("v")};
  condition.on = source("t == -1");
  switch (role) {
    case 'd': problem.definitions["flux"] = source(text); break;
    case 'c': problem.constants["nu"] = source(text); break;
    case 'b': problem.domain["x"][1] = source(text); break;
    case 'w': condition.weight = {source(text)}; break;
    case 'o': condition.on = source(text); break;
    case 'n':
      condition.on = source("x == 1"), condition.residuals = {source(text)};
      break;
    case 'e': problem.reference.exact["u"] = source(text); break;
    case 't': problem.output["u"] = source(text); break;
    default: equation.residuals = {source(text)};
  }
  problem.terms = {equation, condition};
  return problem;
}

// Each leaf of a tape gets a column and some value.
std::vector<double> tape_values(const ExpressionGraph& graph, const std::vector<NodeId>& outputs) {
  std::vector<Node> leaves;
  const auto column = [&leaves](const Node& node) {
    leaves.push_back(node);
    return static_cast<int>(leaves.size()) - 1;
  };
  const int inputs = static_cast<int>(reachable(graph, outputs).size());
  const TapeProgram program = compile_tape(graph, outputs, inputs, column);
  std::vector<double> values(static_cast<std::size_t>(inputs));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = 0.3 + 0.01 * static_cast<double>(k);
  return reference::tape_outputs(program, values);
}

void use(Problem& problem) {
  const std::vector<double> point(static_cast<std::size_t>(problem.dimensions()), 0.25);
  const std::vector<double> attributes(problem.graph.attribute_names().size(), 0.5);
  for (const Term& term : problem.terms) {
    fuzz::expect(tape_values(problem.graph, term.residuals).size() == term.residuals.size(), "a residual has no value");
    for (NodeId residual : term.residuals)
      to_text(problem.graph, residual, problem.symbols.coordinates, problem.symbols.fields);
    for (NodeId weight : term.weights) PointEvaluator(problem.graph, weight)(point.data(), nullptr, attributes.data());
    for (const Piece& piece : term.region.pieces) {
      fuzz::expect(piece.measure > 0, "a piece without points");
      if (piece.condition >= 0) evaluate(problem.graph, piece.condition, point.data());
    }
  }
  for (const auto& [field, expression] : problem.exact) evaluate(problem.graph, expression, point.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  fuzz::usage_errors_only([&] {
    Problem problem = build_problem(problem_with(static_cast<char>(data[0]), text));
    use(problem);
  });
  return 0;
}
