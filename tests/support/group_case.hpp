// Small problems whose residuals read every group of inputs: data, attributes, trainables, constants of a stage, a second
// site. The expressions are made in the graph.
#pragma once

#include "jetpinn/expr/trained_number.hpp"
#include "support/engine_case.hpp"

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn::test {

// What residuals are made of.
struct Leaves {
  ExpressionGraph& g;
  SymbolTable symbols;

  NodeId operator()(const std::string& text) const { return parse_expression(g, symbols, text); }
  NodeId second(const std::string& text) const { return at_other_site(g, (*this)(text)); }
  NodeId k(int index) const { return g.trainable(index); }
  NodeId c(int index) const { return g.stage_constant(index); }
  NodeId data(int index) const { return g.data(index); }
  NodeId attribute(int index, int site = 0) const { return g.attribute(index, site); }
  NodeId sum(const std::vector<NodeId>& parts) const {
    NodeId result = g.constant(0);
    for (NodeId part : parts) result = g.add(result, part);
    return result;
  }
  NodeId times(NodeId a, NodeId b) const { return g.multiply(a, b); }
  NodeId times(NodeId a, const std::string& b) const { return g.multiply(a, (*this)(b)); }
  NodeId minus(NodeId a, NodeId b) const { return g.subtract(a, b); }
};

using Residuals = std::function<std::vector<NodeId>(const Leaves&)>;

struct GroupText {
  std::string name;
  int order = 0;  // highest derivative of the fields
  TermGroups groups{};
  std::vector<Residuals> terms{};
  std::vector<std::string> coordinates{"t", "x"};
  std::vector<std::string> fields{"u"};
  NetworkOptions network{};
  std::int64_t points = 40;
  bool trained_coefficients = false;  // some plan folds a trainable into a channel
};

inline std::vector<double> stage_constants(int count) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) values.push_back(0.4 + 0.3 * k);
  return values;
}

inline EngineCase make_group_case(const GroupText& text) {
  CaseText plain;
  plain.coordinates = text.coordinates;
  plain.fields = text.fields;
  plain.network = text.network;
  EngineCase result = make_case(plain);
  std::vector<double> start;
  for (int k = 0; k < text.groups.trainables; ++k) start.push_back(0.3 + 0.2 * k);
  result.network.append_trainables(start);
  const auto dimensions = static_cast<int>(text.coordinates.size()), fields = static_cast<int>(text.fields.size());
  Leaves leaves{*result.graph, {}};
  leaves.symbols.coordinates = text.coordinates;
  leaves.symbols.fields = text.fields;
  leaves.symbols.time = text.coordinates[0] == "t" ? 0 : -1;
  leaves.symbols.no_distance = leaves.symbols.no_normal = "";
  unsigned seed = 1;
  std::mt19937 random(17);
  std::uniform_real_distribution<double> uniform(0.2, 1.2);
  for (const Residuals& residuals : text.terms) {
    EngineTerm term;
    term.name = "term" + std::to_string(seed);
    term.residuals = residuals(leaves);
    term.graph = result.graph.get();
    term.program = compile_term(*result.graph, term.residuals, dimensions, fields, text.groups);
    result.terms.push_back(std::move(term));
    TermPoints points = spread_points(dimensions, text.points, 1, seed++);
    points.data_columns = text.groups.data;
    points.attribute_columns = text.groups.sites * text.groups.attributes;
    for (std::int64_t i = 0; i < points.data_columns * text.points; ++i) points.data.push_back(uniform(random));
    for (std::int64_t i = 0; i < points.attribute_columns * text.points; ++i) points.attributes.push_back(uniform(random));
    if (text.groups.sites > 1) points.second = spread_points(dimensions, text.points, 0, 100 + seed).coordinates;
    result.points.terms.push_back(std::move(points));
  }
  result.parameters.resize(static_cast<std::size_t>(result.network.parameters));
  initialize(result.network, 7, result.parameters.data());
  return result;
}

inline std::unique_ptr<Engine> group_engine(EngineKind kind, const EngineCase& problem, const GroupText& text,
                                            EngineOptions options = {}) {
  options.kind = kind;
  if (options.product_backend == "auto") options.product_backend = "libxsmm";
  auto engine = make_engine(options, problem.network, problem.terms);
  engine->set_constants(stage_constants(text.groups.constants));
  return engine;
}

// Every group, in the tape and inside operators of order one to six, at one site and at two.
inline std::vector<GroupText> group_texts() {
  std::vector<GroupText> list;
  const auto add = [&](std::string name, int order, TermGroups groups, std::vector<Residuals> terms, bool trained = false) {
    GroupText text;
    text.name = std::move(name);
    text.order = order;
    text.groups = groups;
    text.terms = std::move(terms);
    text.trained_coefficients = trained;
    text.network.hidden = {13, 16, 9};
    if (order > 4) text.points = 10;  // each is an evaluation of nested autograd
    list.push_back(std::move(text));
    return list.size() - 1;
  };
  const auto groups = [](int data, int attributes, int trainables, int constants, int sites = 1) {
    return TermGroups{data, attributes, trainables, constants, sites};
  };

  add("data", 2, groups(3, 0, 0, 0),
      {[](const Leaves& l) {
         return std::vector<NodeId>{l.minus(l("u"), l.data(0)), l.minus(l("u_t"), l.times(l.data(2), "u_xx"))};
       },
       [](const Leaves& l) { return std::vector<NodeId>{l.minus(l("u_x^2"), l.g.call("exp", l.data(1)))}; }});
  add("attributes", 1, groups(0, 3, 0, 0), {[](const Leaves& l) {
        return std::vector<NodeId>{
            l.minus(l.sum({l.times(l.attribute(0), "u_t"), l.times(l.attribute(1), "u_x")}), l.attribute(2))};
      }});
  list[add("normal_derivative", 2, groups(0, 3, 0, 0), {[](const Leaves& l) {
             return std::vector<NodeId>{l("dn(u) + 0.7*u - n_x*sin(y)"), l("u_x*dn(u*u) - exp(sdf)*laplacian(u)")};
           }})]
      .coordinates = {"x", "y"};
  list[add("linked_normals", 1, groups(0, 3, 0, 0, 2), {[](const Leaves& l) {
             return std::vector<NodeId>{l.sum({l("dn(u) + sdf*u"), l.second("dn(u)")})};
           }})]
      .coordinates = {"x", "y"};
  add("constants", 2, groups(0, 0, 0, 3), {[](const Leaves& l) {
        return std::vector<NodeId>{l.minus(l.sum({l("u_t"), l.times(l.c(0), "u*u_x")}), l.times(l.c(1), "u_xx")),
                                   l.minus(l("u"), l.g.call("sin", l.times(l.c(2), "x")))};
      }});
  add("trainables", 1, groups(0, 0, 3, 0),
      {[](const Leaves& l) {
         return std::vector<NodeId>{
             l.sum({l("u_x"), l.times(l.g.call("exp", l.k(0)), "u^2"), l.g.negate(l.g.call("sin", l.times(l.k(1), "x")))})};
       },
       [](const Leaves& l) { return std::vector<NodeId>{l.minus(l.times(l.k(2), "u"), l.k(1))}; }});
  add("bounded", 2, groups(0, 0, 3, 0), {[](const Leaves& l) {
        const NodeId k = TrainedNumber{"k", 0, -0.5, 2}.node(l.g, 0), q = TrainedNumber{"q", 0, 0.1, {}}.node(l.g, 1),
                     c = TrainedNumber{"c", 0, {}, 3}.node(l.g, 2);
        return std::vector<NodeId>{l.minus(l.sum({l("u_t"), l.times(q, "u^2")}), l.times(k, "u_xx")),
                                   l.minus(l.times(c, "u"), l.times(k, "x"))};
      }},
      true);
  add("heat", 2, groups(0, 0, 1, 0),
      {[](const Leaves& l) { return std::vector<NodeId>{l.minus(l("u_t"), l.times(l.k(0), "u_xx"))}; }}, true);
  add("relaxation", 2, groups(0, 0, 1, 0),
      {[](const Leaves& l) { return std::vector<NodeId>{l.minus(l.times(l.k(0), "u_t"), l("u_xx"))}; }}, true);
  add("burgers", 2, groups(1, 0, 2, 1),
      {[](const Leaves& l) {
         return std::vector<NodeId>{
             l.sum({l("u_t"), l.times(l.k(1), "u*u_x"), l.times(l.g.negate(l.g.call("exp", l.times(l.k(0), "x"))), "u_xx"),
                    l.times(l.times(l.c(0), l.data(0)), "u")})};
       },
       [](const Leaves& l) { return std::vector<NodeId>{l.minus(l("u"), l.times(l.k(1), "sin(x)"))}; }},
      true);
  list[add("anisotropic", 2, groups(0, 0, 3, 0), {[](const Leaves& l) {
             return std::vector<NodeId>{l.sum({l.times(l.k(0), "u_xx"), l.times(l.k(1), "x*d(u, x, y)"),
                                               l.times(l.g.power(l.k(2), 2), "u_yy"), l("u_y")})};
           }},
           true)]
      .coordinates = {"x", "y"};
  add("third", 3, groups(0, 0, 2, 0), {[](const Leaves& l) {
        return std::vector<NodeId>{l.sum({l("u_t + u*u_x"), l.times(l.k(0), "d(u, x, x, x)"), l.times(l.k(1), "x*u_x")})};
      }},
      true);
  add("fourth", 4, groups(0, 0, 2, 0), {[](const Leaves& l) {
        return std::vector<NodeId>{
            l.sum({l("u_t + u*u_x"), l.times(l.k(0), "u_xx"), l.times(l.times(l.k(1), l.k(0)), "d(u, x, x, x, x)")})};
      }},
      true);
  add("sixth", 6, groups(0, 0, 2, 0), {[](const Leaves& l) {
        return std::vector<NodeId>{
            l.sum({l("u_t + u*u_x"), l.times(l.k(0), "u_xx"), l.times(l.times(l.k(1), l.k(0)), "1e-4*u_xxxxxx")})};
      }},
      true);
  list[add("plate", 4, groups(0, 0, 2, 0), {[](const Leaves& l) {
             return std::vector<NodeId>{
                 l.sum({l.times(l.k(0), "d(u, x, x, x, x)"), l.times(l.k(1), "d(u, x, x, y, y)"), l("y*d(u, y, y, y, y)")})};
           }},
           true)]
      .coordinates = {"x", "y"};
  list[add("system", 2, groups(0, 0, 2, 0), {[](const Leaves& l) {
             return std::vector<NodeId>{l.sum({l("u_t - v"), l.times(l.k(0), "u_xx")}),
                                        l.sum({l("v_t"), l.times(l.k(1), "u*v_x"), l.times(l.k(0), "v_xx")})};
           }},
           true)]
      .fields = {"u", "v"};
  list[add("parameter", 2, groups(0, 0, 0, 0), {[](const Leaves& l) {
             return std::vector<NodeId>{l("u_t + u*u_x - nu*u_xx"), l("u - sin(x)*nu")};
           }})]
      .coordinates = {"t", "x", "nu"};
  add("periodic", 1, groups(0, 0, 0, 0, 2),
      {[](const Leaves& l) {
         return std::vector<NodeId>{l.minus(l("u"), l.second("u")), l.minus(l("u_x"), l.second("u_x"))};
       },
       [](const Leaves& l) { return std::vector<NodeId>{l("u_x - x")}; }});
  add("flux_jump", 2, groups(1, 2, 2, 1, 2), {[](const Leaves& l) {
        const NodeId here = l.times(l.times(l.k(0), l.attribute(0)), "exp(t)*u_x"),
                     there = l.times(l.times(l.k(1), l.attribute(0, 1)), l.second("exp(x)*u_x"));
        return std::vector<NodeId>{l.minus(l.minus(here, there), l.times(l.data(0), l.c(0))),
                                   l.minus(l("u*u_t"), l.times(l.attribute(1, 1), l.second("u^2*x")))};
      }});
  add("operator_jump", 2, groups(1, 1, 1, 1, 2), {[](const Leaves& l) {
        const auto heat = [&](const std::string& first, const std::string& second, int site) {
          const NodeId k = l.times(l.times(l.k(0), l.attribute(0, site)), l.times(l.data(0), l.c(0)));
          return site == 0 ? l.minus(l(first), l.times(k, second)) : l.minus(l.second(first), l.times(k, l.second(second)));
        };
        return std::vector<NodeId>{l.minus(heat("u_t", "x*u_xx", 0), l.times(l.g.constant(2), heat("u_t", "x*u_xx", 1)))};
      }},
      true);
  return list;
}

}  // namespace jetpinn::test
