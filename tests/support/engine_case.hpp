// Small problems for tests of engines: residuals as text to terms, points and parameters, and how
// far two engines may differ.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/network/network.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace jetpinn::test {

struct CaseText {
  std::vector<std::string> coordinates{"t", "x"};
  std::vector<std::string> fields{"u"};
  std::vector<std::vector<std::string>> terms;   // residuals of each term
  std::map<std::string, std::string> output{};   // transform per field
  NetworkOptions network{};
  std::vector<MemberOptions> members{};          // several networks instead of one
  std::int64_t points = 40;                      // per term
  int weight_columns = 0;
};

struct EngineCase {
  std::unique_ptr<ExpressionGraph> graph = std::make_unique<ExpressionGraph>();
  Network network;
  std::vector<EngineTerm> terms;
  PointSet points;
  std::vector<double> parameters;   // initial; see perturbed()
};

// Domain bounds that scale the coordinates differently, so that a forgotten factor shows.
inline double lower_bound(std::size_t d) { return d % 2 ? -0.5 : 0; }
inline double upper_bound(std::size_t d) { return d % 2 ? 1.25 : 1; }

// Points spread over the domain, the same on every call.
inline TermPoints spread_points(int dimensions, std::int64_t count, int weight_columns, unsigned seed) {
  TermPoints points;
  points.dimensions = dimensions;
  points.global_count = points.local_count = count;
  for (std::int64_t first = 0; first < count; first += block_points)
    points.blocks.push_back({first, std::min(block_points, count - first)});
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  for (int d = 0; d < dimensions; ++d)
    for (std::int64_t i = 0; i < count; ++i)
      points.coordinates.push_back(lower_bound(static_cast<std::size_t>(d)) +
                                   (upper_bound(static_cast<std::size_t>(d)) - lower_bound(static_cast<std::size_t>(d))) *
                                       uniform(random));
  points.weight_columns = weight_columns;
  for (std::int64_t i = 0; i < weight_columns * count; ++i) points.weight.push_back(0.25 + uniform(random));
  return points;
}

// compiled: with plan and tape, which only the jets engine needs.
inline EngineCase make_case(const CaseText& text, bool compiled = true) {
  EngineCase result;
  SymbolTable symbols;
  symbols.coordinates = text.coordinates;
  symbols.fields = text.fields;
  const auto dimensions = static_cast<int>(text.coordinates.size()), fields = static_cast<int>(text.fields.size());
  for (int d = 0; d < dimensions; ++d)
    if (text.coordinates[static_cast<std::size_t>(d)] == "t") symbols.time = d;

  std::vector<double> lower, upper;
  for (std::size_t d = 0; d < text.coordinates.size(); ++d) {
    lower.push_back(lower_bound(d));
    upper.push_back(upper_bound(d));
  }
  result.network = text.members.empty() ? make_network(text.network, text.coordinates, fields, lower, upper)
                                        : make_networks(text.members, text.coordinates, lower, upper);

  ExpressionGraph& graph = *result.graph;
  std::vector<NodeId> outputs;
  for (int f = 0; f < fields; ++f) {
    const auto transform = text.output.find(text.fields[static_cast<std::size_t>(f)]);
    outputs.push_back(transform == text.output.end() ? graph.field(f) : parse_expression(graph, symbols, transform->second));
  }
  unsigned seed = 1;
  for (const std::vector<std::string>& residuals : text.terms) {
    EngineTerm term;
    term.name = "term" + std::to_string(seed);
    for (const std::string& residual : residuals)
      term.residuals.push_back(substitute_fields(graph, parse_expression(graph, symbols, residual), outputs));
    term.graph = &graph;
    if (compiled) term.program = compile_term(graph, term.residuals, dimensions, fields);
    result.terms.push_back(std::move(term));
    result.points.terms.push_back(spread_points(dimensions, text.points, text.weight_columns, seed++));
  }
  result.parameters.resize(static_cast<std::size_t>(result.network.parameters));
  initialize(result.network, 7, result.parameters.data());
  return result;
}

// Parameters as training leaves them: larger weights, biases that are not zero.
inline std::vector<double> perturbed(const EngineCase& problem, double scale = 1.5, double noise = 0.3) {
  std::vector<double> parameters = problem.parameters;
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  for (double& p : parameters) p = scale * p + noise * normal(random);
  return parameters;
}

inline double norm(const std::vector<double>& v) {
  double square = 0;
  for (double x : v) square += x * x;
  return std::sqrt(square);
}

struct LossAndGradient {
  double loss = 0;
  std::vector<double> gradient;
  TermSums sums;
};

inline LossAndGradient evaluate(Engine& engine, const EngineCase& problem, const std::vector<double>& parameters) {
  LossAndGradient result;
  result.gradient.resize(parameters.size());
  engine.loss_and_gradient(Stream{}, parameters.data(), problem.points, result.gradient.data(), result.sums);
  for (double weighted : result.sums.weighted) result.loss += weighted;
  return result;
}

// One point of one term; it counts as one of all.
inline PointSet single_point(const PointSet& points, std::size_t term, std::int64_t i) {
  PointSet one;
  for (std::size_t t = 0; t < points.terms.size(); ++t) {
    const TermPoints& all = points.terms[t];
    TermPoints part;
    part.dimensions = all.dimensions;
    part.global_count = all.global_count;
    part.weight_columns = all.weight_columns;
    if (t == term) {
      part.local_count = 1;
      part.blocks = {{i, 1}};
      part.data_columns = all.data_columns;
      part.attribute_columns = all.attribute_columns;
      for (std::vector<double> TermPoints::* columns :
           {&TermPoints::coordinates, &TermPoints::weight, &TermPoints::data, &TermPoints::attributes, &TermPoints::second})
        for (std::size_t at = static_cast<std::size_t>(i); at < (all.*columns).size();
             at += static_cast<std::size_t>(all.local_count))
          (part.*columns).push_back((all.*columns)[at]);
    }
    one.terms.push_back(std::move(part));
  }
  return one;
}

// sum over points of the norm of that point's share of the gradient: what rounding errors of a gradient are measured by.
// An engine that is tested may give this scale: to hide by it, it would have to be wrong by the inverse of a tolerance.
// Nested autograd, point by point, would take longer than all that is compared.
inline double sum_of_point_norms(Engine& engine, const PointSet& points, const std::vector<double>& parameters) {
  double sum = 0;
  std::vector<double> gradient(parameters.size());
  TermSums sums;
  for (std::size_t t = 0; t < points.terms.size(); ++t)
    for (std::int64_t i = 0; i < points.terms[t].local_count; ++i) {
      engine.loss_and_gradient(Stream{}, parameters.data(), single_point(points, t, i), gradient.data(), sums);
      sum += norm(gradient);
    }
  return sum;
}

inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return norm(difference);
}

}  // namespace jetpinn::test
