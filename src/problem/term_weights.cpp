#include "jetpinn/problem/term_weights.hpp"

#include "jetpinn/problem/at_place.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace jetpinn {
namespace {

// A list of a term has one entry, or one for each residual.
void check_count(const TermText& text, const std::vector<SourceText>& list, const SourceText& place, const std::string& what,
                 std::size_t residuals) {
  if (list.size() <= 1 || list.size() == residuals) return;
  fail_at(place, "term '" + text.name + "' has " + std::to_string(residuals) +
                     (residuals == 1 ? " residual" : " residuals") + " but " + std::to_string(list.size()) + " " + what +
                     "; give one, or one for each residual" +
                     (residuals == text.residuals.size() ? "" : " (a vector has one for each component)"));
}

const SourceText& entry_of(const std::vector<SourceText>& list, std::size_t residual) {
  return list[list.size() == 1 ? 0 : residual];
}

// A mean has one weight, and the points of a mean have equal ones. `list`: what may be none.
void require_numbers(const ExpressionGraph& graph, const std::vector<SourceText>& list, const Term& term) {
  for (std::size_t k = 0; k < term.weights.size(); ++k)
    if (!graph.is_constant(term.weights[k]))
      fail_at(entry_of(list, k),
              "the term '" + term.name +
                  "' squares the mean of its residual (reduction = \"square_of_mean\"), and the weight of "
                  "a mean is a number; multiply the residual instead");
}

// Nothing where one of them varies from point to point.
std::optional<double> sum_of_numbers(const ExpressionGraph& graph, const std::vector<NodeId>& values) {
  double sum = 0;
  for (NodeId value : values) {
    if (!graph.is_constant(value)) return {};
    sum += graph[value].value;
  }
  return sum;
}

}  // namespace

NodeId parse_without_fields(ExpressionGraph& graph, const SymbolTable& symbols, const ProblemText& problem,
                            const SourceText& text, Meaning meaning) {
  return at_place(text, problem.definitions, [&] {
    try {
      return parse_expression(graph, symbols, text.text, meaning);
    } catch (const ExpressionError& error) {
      const auto definition = problem.definitions.find(error.definition);
      const std::string& where = definition == problem.definitions.end() ? text.text : definition->second.text;
      const std::string culprit = where.substr(std::min(error.offset, where.size()), error.length);
      if (std::find(problem.fields.begin(), problem.fields.end(), culprit) == problem.fields.end()) throw;
      throw ExpressionError("'" + culprit + "' is a field; here only coordinates and constants can stand", error.offset,
                            error.length, error.definition);
    }
  });
}

void note_columns(const std::vector<DataColumn>& columns, const SourceText& text, Term& term) {
  for (std::size_t c = term.table ? term.table->columns.size() : 0; c < columns.size(); ++c)
    term.table->columns.push_back({columns[c].name, text, columns[c].offset, columns[c].length});
}

void WeightReader::read(const TermText& text, std::vector<DataColumn>& columns, Term& term) const {
  check_count(text, text.sigma, text.sigma_place, "values of sigma", term.residuals.size());
  state(text, {text.weight, text.weight_place}, columns, term);
  if (!text.sigma.empty() && text.reduction == Reduction::mean_of_squares)
    term.table->noise_loss = sum_of_numbers(graph, term.weights);
  read_sigmas(text, columns, term);
  divide_by_sigmas(term);
  if (text.reduction == Reduction::square_of_mean)
    require_numbers(graph, text.sigma.empty() ? text.weight : text.sigma, term);
}

void WeightReader::replace(const TermText& text, const WeightText& weights, std::vector<DataColumn>& columns,
                           Term& term) const {
  state(text, weights, columns, term);
  divide_by_sigmas(term);
  if (text.reduction == Reduction::square_of_mean) require_numbers(graph, weights.list, term);
}

// One for each residual; 1 where none is given.
void WeightReader::state(const TermText& text, const WeightText& weights, std::vector<DataColumn>& columns,
                         Term& term) const {
  check_count(text, weights.list, weights.place, "weights", term.residuals.size());
  term.weights.clear();
  term.weight_places.clear();
  if (weights.list.empty()) term.weights.assign(term.residuals.size(), graph.constant(1));
  for (std::size_t k = 0; k < term.residuals.size() && !weights.list.empty(); ++k) {
    const SourceText& place = entry_of(weights.list, k);
    const NodeId weight = parse_without_fields(graph, symbols, problem, place);
    if (graph.is_constant(weight) && !(graph[weight].value >= 0)) fail_at(place, "a weight cannot be negative");
    term.weights.push_back(weight);
    term.weight_places.push_back(place);
    note_columns(columns, place, term);
  }
}

void WeightReader::read_sigmas(const TermText& text, std::vector<DataColumn>& columns, Term& term) const {
  for (std::size_t k = 0; k < term.residuals.size() && !text.sigma.empty(); ++k) {
    const SourceText& place = entry_of(text.sigma, k);
    const NodeId sigma = parse_without_fields(graph, symbols, problem, place, Meaning::value);
    if (graph.is_constant(sigma) && !(graph[sigma].value > 0)) fail_at(place, "a standard deviation is a number above zero");
    term.table->sigmas.push_back(sigma);
    term.table->sigma_places.push_back(place);
    note_columns(columns, place, term);
  }
}

// A residual over its standard deviation: the weight of its square over the square.
void WeightReader::divide_by_sigmas(Term& term) const {
  for (std::size_t k = 0; term.table && k < term.table->sigmas.size(); ++k)
    term.weights[k] = graph.divide(term.weights[k], graph.power(term.table->sigmas[k], 2));
}

}  // namespace jetpinn
