#include "jetpinn/problem/problem.hpp"

#include "support/burgers_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

namespace jetpinn {
namespace {

using testing::burgers_text;
using testing::message_of;
using testing::text;

double value_at(const Problem& problem, NodeId node, double t, double x) {
  const double place[] = {t, x};
  return evaluate(problem.graph, node, place);
}

TEST(problem, is_built_from_text) {
  const Problem problem = build_problem(burgers_text());
  EXPECT_EQ(problem.dimensions(), 2);
  EXPECT_EQ(problem.symbols.time, 0);
  EXPECT_EQ(problem.lower, (std::vector<double>{0, -1}));
  EXPECT_EQ(problem.upper, (std::vector<double>{1, 1}));
  EXPECT_DOUBLE_EQ(problem.symbols.constants.at("nu"), 0.02 / std::numbers::pi);  // named before the constant it needs
  ASSERT_EQ(problem.terms.size(), 2u);
  EXPECT_EQ(problem.terms[0].region.pieces.size(), 1u);
  EXPECT_EQ(problem.terms[1].region.pieces.size(), 2u);
  EXPECT_EQ(problem.terms[1].residuals.size(), 2u);
  EXPECT_EQ(value_at(problem, problem.terms[0].weights[0], 0.5, 0), 1);
  EXPECT_EQ(value_at(problem, problem.terms[1].weights[0], 0.5, 0), 1.5);
  EXPECT_EQ(value_at(problem, problem.terms[1].weights[1], 0.5, 0), 3);
}

TEST(problem, output_transforms_are_differentiated_through) {
  ProblemText source = burgers_text();
  source.terms.resize(1);
  source.terms[0].residuals = {text("u_x", "equation")};
  source.output = {{"u", text("x^2*u + t", "output")}};
  Problem problem = build_problem(source);
  ExpressionGraph& graph = problem.graph;
  // d/dx (x^2 u + t) = 2 x u + x^2 u_x
  const NodeId x = graph.coordinate(1), u = graph.field(0), u_x = graph.field(0, Derivative{}.along(1));
  const NodeId expected = graph.make(Op::add, graph.make(Op::multiply, graph.make(Op::multiply, graph.constant(2), x), u),
                                     graph.make(Op::multiply, graph.make(Op::power, x, graph.constant(2)), u_x));
  // Compared by values with u = 0.3, u_x = 0.7 put in as constants: the two may be written differently.
  const auto number = [&](NodeId node) {
    const std::vector<NodeId> linear{
        graph.make(Op::add, graph.constant(0.3 - 0.7 * 0.4), graph.make(Op::multiply, graph.constant(0.7), x))};
    return value_at(problem, substitute_fields(graph, node, linear), 0.2, 0.4);
  };
  EXPECT_NEAR(number(problem.terms[0].residuals[0]), number(expected), 4e-16);
  const NodeId quantity = parse_quantity(problem, text("u", "--quantities")).at(0);
  EXPECT_EQ(quantity, problem.outputs[0]);
}

// u_t and d(flux, x) as one vector are two residuals of the term.
TEST(problem, a_vector_is_a_list_of_residuals) {
  ProblemText listed = burgers_text(), vector = burgers_text();
  listed.definitions["pair"] = vector.definitions["pair"] = text("[u, flux]", "pair");
  listed.terms[1].residuals = {text("u_t - x", "residual"), text("d(flux, t) - 2*x", "residual"), text("u", "residual")};
  vector.terms[1].residuals = {text("pair_t - x*[1, 2]", "residual"), text("u", "residual")};
  for (const std::size_t weights : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
    for (ProblemText* source : {&listed, &vector})
      source->terms[1].weight.assign(weights, text(weights == 1 ? "2 + t" : "3", "weight"));
    const Problem a = build_problem(listed), b = build_problem(vector);
    ASSERT_EQ(b.terms[1].residuals.size(), 3u);
    ASSERT_EQ(b.terms[1].weights.size(), 3u);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto written = [k](const Problem& problem) {
        const Term& term = problem.terms[1];
        return to_text(problem.graph, term.stated[k], {"t", "x"}, {"u"}) + " weighs " +
               to_text(problem.graph, term.weights[k], {"t", "x"}, {"u"});
      };
      EXPECT_EQ(written(b), written(a));
    }
  }
  vector.terms[1].weight.resize(2);
  EXPECT_NE(
      message_of(vector).find("term 'walls' has 3 residuals but 2 weights; give one, or one for each residual (a vector "
                              "has one for each component)"),
      std::string::npos);
}

TEST(problem, quantities_may_be_vectors) {
  Problem problem = build_problem(burgers_text());
  EXPECT_EQ(
      parse_quantity(problem, text("[u, 2*u_x]", "--quantities")),
      (std::vector<NodeId>{parse_quantity(problem, text("u", "q"))[0], parse_quantity(problem, text("2*u_x", "q"))[0]}));
}

TEST(problem, exact_solutions_see_definitions_and_constants) {
  ProblemText source = burgers_text();
  source.definitions["solution"] = text("exp(-nu*t)*sin(pi*x)", "solution");
  source.reference.exact = {{"u", text("solution", "exact")}};
  const Problem problem = build_problem(source);
  ASSERT_EQ(problem.exact.size(), 1u);
  EXPECT_NEAR(value_at(problem, problem.exact[0].second, 1, 0.5), std::exp(-0.02 / std::numbers::pi), 1e-15);
}

TEST(problem_errors, name_what_is_wrong_and_where) {
  ProblemText source = burgers_text();
  source.terms[0].residuals[0].text = "u_t + w*u_x";
  EXPECT_NE(message_of(source).find("equation: unknown name 'w'"), std::string::npos);
  EXPECT_NE(message_of(source).find("      | u_t + w*u_x\n      |       ^"), std::string::npos);

  source = burgers_text();
  source.terms[0].residuals[0].text = "t*x - nu";
  EXPECT_NE(message_of(source).find("contains no field"), std::string::npos);

  source = burgers_text();
  source.terms[0].residuals[0].text = "u_xxxxxxx";
  EXPECT_NE(message_of(source).find("equation: "), std::string::npos);
  EXPECT_NE(message_of(source).find("order 6"), std::string::npos) << message_of(source);

  source = burgers_text();  // a transform that multiplies does not raise the order
  source.terms[0].residuals[0].text = "u_xxxx";
  source.output = {{"u", text("x*u", "output")}};
  EXPECT_NO_THROW(build_problem(source));
}

TEST(problem_errors, residuals_that_are_flat) {
  ProblemText source = burgers_text();
  const auto message = [&](const std::string& residual) {
    source.terms[0].residuals[0].text = residual;
    return message_of(source);
  };
  EXPECT_EQ(message("u_t - u_xx == 0").find("equation: drop '== 0': a residual is what is to vanish"), 0u);
  for (const char* flat : {"2*(u == 0)", "-(u_t < 1)", "step(u) + sign(u_x)", "where(u > 0, 1, x)"})
    EXPECT_NE(message(flat).find("stand in comparisons, step or sign alone"), std::string::npos) << flat;
  source.terms[0].residuals[0].text = "where(u > 0, u, x) + step(u)";
  EXPECT_NO_THROW(build_problem(source));
}

TEST(problem_errors, every_component_of_a_residual_has_a_field) {
  ProblemText source = burgers_text();
  source.terms[0].residuals[0].text = "[u_t, x]";
  EXPECT_EQ(message_of(source).find("equation: component 2 of this residual contains no field"), 0u) << message_of(source);
  source.terms[0].residuals[0].text = "[u > x, u] + [0, 1]*0 + [step(u), 0]";
  EXPECT_NE(message_of(source).find("the fields of component 1 of this residual stand in comparisons"), std::string::npos)
      << message_of(source);
  source.terms[0].residuals[0].text = "u + [u, u]";
  EXPECT_NE(message_of(source).find("cannot be added"), std::string::npos);
}

TEST(problem_errors, numbers_are_no_vectors) {
  const char* const wanted = "this place takes a number, and this is a vector of 2 components";
  ProblemText source = burgers_text();
  source.reference.exact = {{"u", text("[x, t]", "exact")}};
  EXPECT_NE(message_of(source).find(wanted), std::string::npos);
  source = burgers_text();
  source.output = {{"u", text("[u, u]", "output")}};
  EXPECT_NE(message_of(source).find(wanted), std::string::npos);
  source = burgers_text();
  source.terms[1].weight[0].text = "[1, t]";
  EXPECT_NE(message_of(source).find(wanted), std::string::npos);
  source = burgers_text();
  source.terms[1].on->text = "[x, t]";
  EXPECT_NE(message_of(source).find(wanted), std::string::npos);
  source = burgers_text();
  source.constants["scale"].text = "[1, 2]";
  EXPECT_NE(message_of(source).find(wanted), std::string::npos);
}

TEST(problem_errors, a_set_is_no_number) {
  ProblemText source = burgers_text();
  source.terms[1].on->text = "x - 1";
  EXPECT_NE(
      message_of(source).find("a set is described by comparisons, such as t == 0, or by boundary, and this is a number"),
      std::string::npos);
  source.terms[1].on->text = "x = 1";
  EXPECT_NE(message_of(source).find("comparison is written '=='\n"), std::string::npos);
  for (const char* set : {"(t > 0.5)*(x < 0)", "step(x)", "0 < 1", "!(x < 0)", "min(t < 0.5, x < 0)"}) {
    source.terms[1].on->text = set;
    EXPECT_NO_THROW(build_problem(source)) << set;
  }
}

TEST(problem, boundary_means_all_faces) {
  ProblemText source = burgers_text();
  const auto names = [&](const std::string& on) {
    source.terms[1].on->text = on;
    const Problem problem = build_problem(source);
    std::vector<std::string> list;
    for (const Piece& piece : problem.terms[1].region.pieces)
      list.push_back(piece_name(problem.terms[1].region, piece, problem.graph, problem.symbols.coordinates));
    return list;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("boundary"), (Names{"t == 0", "t == 1", "x == -1", "x == 1"}));
  EXPECT_EQ(names("boundary && t < 1"), (Names{"t == 0", "t <= 1 && x == -1", "t <= 1 && x == 1"}));
  source.definitions["boundary"] = text("x == 1", "boundary");   // a name that the config declares keeps its meaning
  EXPECT_EQ(names("boundary"), (Names{"x == 1"}));
}

TEST(problem, boundary_of_many_coordinates) {
  ProblemText source = burgers_text();
  source.terms[1].on->text = "boundary";
  for (int k = 1; k <= 900; ++k) {
    const std::string name = "y" + std::to_string(k);
    source.coordinates.push_back(name);
    source.domain[name] = {text("0", name), text("1", name)};
  }
  EXPECT_EQ(build_problem(source).terms[1].region.pieces.size(), 1804u);
}

TEST(problem_errors, values_are_no_equations) {
  ProblemText source = burgers_text();
  source.reference.exact = {{"u", text("x == 0", "exact")}};
  EXPECT_NE(message_of(source).find("a value is wanted here"), std::string::npos);
  source = burgers_text();
  source.output = {{"u", text("u > 0", "output")}};
  EXPECT_NE(message_of(source).find("the fields of this output transform stand in comparisons"), std::string::npos);
  Problem problem = build_problem(burgers_text());
  EXPECT_THROW(parse_quantity(problem, text("u == 0", "--quantities")), Error);
  EXPECT_NO_THROW(parse_quantity(problem, text("u > 0", "--quantities")));
}

TEST(problem_errors, point_into_definitions) {
  ProblemText source = burgers_text();
  source.definitions["flux"].text = "nu*u_y";
  EXPECT_EQ(message_of(source).find("flux: unknown name 'u_y'"), 0u) << message_of(source);
  source.definitions["flux"].text = "flux + u";
  EXPECT_NE(message_of(source).find("refers to itself"), std::string::npos);
}

TEST(problem_errors, domain_and_sets) {
  ProblemText source = burgers_text();
  source.domain["t"][1].text = "0";
  EXPECT_NE(message_of(source).find("the domain of 't' is empty"), std::string::npos);
  source.domain["t"] = {text("-1e308", "lower"), text("1e308", "upper")};
  EXPECT_NE(message_of(source).find("the domain of 't' is wider than numbers reach"), std::string::npos);
  source.domain["t"] = {text("1e17", "lower"), text("1e17 + 16", "upper")};
  EXPECT_NE(message_of(source).find("rounding tells no places in it apart"), std::string::npos);
  source = burgers_text();
  source.terms[1].on->text = "t == 2";
  EXPECT_EQ(message_of(source).find("on: "), 0u) << message_of(source);
  source.terms[1].on->text = "u == 0";
  EXPECT_NE(message_of(source).find("'u' is a field; here only coordinates and constants can stand"), std::string::npos);
  source = burgers_text();
  source.terms[1].weight[0].text = "0 - 2";
  EXPECT_NE(message_of(source).find("a weight cannot be negative"), std::string::npos);
}

// burgers_text() with its condition at the rows of a table.
ProblemText measured() {
  ProblemText problem = burgers_text();
  problem.terms[1].on.reset();
  problem.terms[1].points = text("a.csv", "points");
  problem.terms[1].residuals = {text("u - data.u", "first"), text("u_t - data.rate * data.u - ( data.u ) + 0", "second")};
  problem.terms[1].weight = {text("1 + data.count", "weight")};
  problem.terms[1].sigma = {text("data.su", "sigma"), text("0.5", "sigma")};
  problem.terms[1].holdout = 0.25;
  return problem;
}

TEST(problem, columns_of_a_table_by_their_first_use) {
  const Problem problem = build_problem(measured());
  const Term& term = problem.terms[1];
  ASSERT_TRUE(term.table);
  EXPECT_EQ(term.table->file, "a.csv");
  EXPECT_EQ(term.table->holdout, 0.25);
  std::vector<std::string> names;
  for (const TermColumn& column : term.table->columns)
    names.push_back(column.place.key + ": " + column.place.text.substr(column.offset, column.length));
  EXPECT_EQ(names, (std::vector<std::string>{"first: data.u", "second: data.rate", "weight: data.count", "sigma: data.su"}));
  EXPECT_EQ(data_columns(term), 4);
  EXPECT_EQ(data_columns(problem.terms[0]), 0);
  const double place[] = {0.5, 0}, data[] = {3, 5, 7, 2};
  EXPECT_EQ(PointEvaluator(problem.graph, term.table->sigmas[0])(place, data), 2);
  EXPECT_EQ(PointEvaluator(problem.graph, term.weights[0])(place, data), 8.0 / 4);
  EXPECT_EQ(PointEvaluator(problem.graph, term.weights[1])(place, data), 8.0 * 4);
}

TEST(problem, the_noise_of_a_table_is_the_sum_of_its_weights) {
  const auto noise = [](const std::function<void(TermText&)>& change) {
    ProblemText source = measured();
    change(source.terms[1]);
    return build_problem(source).terms[1].table->noise_loss;
  };
  EXPECT_EQ(noise([](TermText& t) { t.weight = {text("3", "weight"), text("1/2", "weight")}; }), 3.5);
  EXPECT_EQ(noise([](TermText& t) { t.weight.clear(); }), 2.0);
  EXPECT_FALSE(noise([](TermText&) {})) << "a weight that varies from row to row";
  EXPECT_FALSE(noise([](TermText& t) { t.weight.clear(), t.sigma.clear(); })) << "no sigma";
  EXPECT_FALSE(noise([](TermText& t) {
    t.weight.clear(), t.sigma = {text("0.5", "sigma")}, t.reduction = Reduction::square_of_mean;
  })) << "the noise of a mean shrinks with its rows";
}

TEST(problem_errors, tables) {
  const auto refused = [](const std::function<void(TermText&)>& change, const std::string& words) {
    ProblemText source = measured();
    change(source.terms[1]);
    EXPECT_NE(message_of(source).find(words), std::string::npos) << message_of(source);
  };
  refused([](TermText& t) { t.sigma[1].text = "0"; }, "a standard deviation is a number above zero");
  refused([](TermText& t) { t.sigma[1].text = "u"; }, "'u' is a field");
  refused([](TermText& t) { t.residuals[0].text = "u - data"; }, "a column of it is written data.NAME");
  refused([](TermText& t) { t.residuals[0].text = "u - data."; }, "goes on with the name of a column");
  refused([](TermText& t) { t.residuals[0].text = "u - data.x"; }, "the column 'x' is the coordinate: write x");
  refused([](TermText& t) { t.residuals[0].text = "u - d(data.u*u, x)"; }, "has no derivative");
  refused([](TermText& t) { t.residuals[0].text = "data.u"; }, "contains no field");
  ProblemText source = measured();
  source.terms[0].residuals[0].text = "u - data.u";
  EXPECT_NE(message_of(source).find("columns of point tables are not available here"), std::string::npos);
  source = measured();
  source.definitions["flux"].text = "data.u";
  EXPECT_NE(message_of(source).find("columns of point tables are not available here"), std::string::npos);
}

TEST(problem_errors, output_transforms) {
  ProblemText source = burgers_text();
  source.output = {{"u", text("u_x", "output")}};
  EXPECT_NE(message_of(source).find("cannot contain derivatives"), std::string::npos);
  source.output["u"].text = "x";
  EXPECT_NE(message_of(source).find("contains no field"), std::string::npos);
}

TEST(problem_errors, reference_to_an_unknown_field) {
  ProblemText source = burgers_text();
  source.reference.exact = {{"v", text("0", "exact")}};
  EXPECT_NE(message_of(source).find("'v', which is not a field"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
