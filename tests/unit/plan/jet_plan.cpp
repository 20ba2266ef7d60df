#include "jetpinn/plan/jet_plan.hpp"

#include "support/plan_case.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>

using namespace jetpinn;

namespace {

struct Equation {
  const char* name;
  std::vector<std::string> coordinates, fields, residuals;
  int naive, planned;
};

const std::string burgers = "u_t + u*u_x - nu*u_xx";
const std::string momentum_x = "u_t + u*u_x + v*u_y + p_x - nu*laplacian(u)",
                  momentum_y = "v_t + u*v_x + v*v_y + p_y - nu*laplacian(v)";

// The table of docs/engine.md, and what else the plans must get right.
const std::vector<Equation>& equations() {
  static const std::vector<Equation> list{
      {"poisson 2-D", {"x", "y"}, {"u"}, {"-laplacian(u) - sin(x)"}, 5, 4},
      {"poisson 3-D", {"x", "y", "z"}, {"u"}, {"-laplacian(u) - sin(x)"}, 7, 5},
      {"poisson 5-D", {"a", "b", "c", "e", "f"}, {"u"}, {"laplacian(u)"}, 11, 7},
      {"burgers", {"t", "x"}, {"u"}, {burgers}, 4, 3},
      {"allen-cahn", {"t", "x"}, {"u"}, {"u_t - 0.0001*u_xx + 5*u^3 - 5*u"}, 4, 3},
      {"heat", {"t", "x"}, {"u"}, {"u_t - 0.1*u_xx"}, 4, 3},
      {"navier-stokes", {"t", "x", "y"}, {"u", "v", "p"}, {momentum_x, momentum_y, "u_x + v_y"}, 6, 4},
      {"boussinesq",
       {"t", "x", "y"},
       {"u", "v", "p", "T"},
       {momentum_x, momentum_y + " - T", "u_x + v_y", "T_t + u*T_x + v*T_y - kappa*laplacian(T)"},
       6,
       5},
      {"boussinesq, equal",
       {"t", "x", "y"},
       {"u", "v", "p", "T"},
       {momentum_x, momentum_y + " - T", "u_x + v_y", "T_t + u*T_x + v*T_y - nu*laplacian(T)"},
       6,
       4},
      {"kdv", {"t", "x"}, {"u"}, {"u_t + u*u_x + 0.022^2*u_xxx"}, 5, 4},
      {"kuramoto-sivashinsky", {"t", "x"}, {"u"}, {"u_t + 5*u*u_x + 0.5*u_xx + 0.05*u_xxxx"}, 6, 5},
      {"biharmonic", {"x", "y"}, {"u"}, {"laplacian(laplacian(u)) - 1"}, 13, 9},
      {"wave", {"t", "x"}, {"u"}, {"u_tt - 4*u_xx"}, 5, 4},
      {"value only", {"t", "x"}, {"u"}, {"u + sin(x)"}, 1, 1},
      {"gradient", {"t", "x"}, {"u"}, {"u_x^2 + u_t"}, 3, 3},
      {"diffusion that varies", {"t", "x"}, {"u"}, {"u_t - d((1 + x^2)*u_x, x)"}, 4, 3},
      {"anisotropic", {"x", "y"}, {"u"}, {"(1 + x)*u_xx + exp(y)*u_yy + 3*x*u_xy + u - u_x*y"}, 6, 4},
      {"factor outside", {"x", "y"}, {"u"}, {"exp(x)*(u_xx + u_yy) + x*u_x"}, 5, 4},
      {"two that vary", {"x", "y"}, {"u", "v"}, {"x*u_xx + u_yy + v", "2*(x*v_xx + v_yy) - u", "y*u_xx - x*v_yy"}, 5, 5},
      {"third order that varies", {"t", "x"}, {"u"}, {"u_t + x*u_xxx + u*u_x"}, 5, 4},
      {"nonlinear in second", {"x", "y"}, {"u"}, {"u_xx*u_yy - u_xy^2 - 1"}, 6, 6},
      {"divided", {"t", "x"}, {"u"}, {"(u_t - nu*u_xx)/(1 + x^2)/3 - exp(-(u_t - nu*u_xx))"}, 4, 3},
      {"mixed orders", {"x", "y"}, {"u"}, {"u_xyyy + u_xxxy - u_xyy + u"}, 12, 8},
      {"second below third", {"t", "x", "y", "z"}, {"u"}, {"0.003*u_ty + 2*u_y + 0.5*d(u, z, x, t)"}, 10, 8},
      {"cancelling", {"x", "y"}, {"u"}, {"laplacian(u) - u_xx + sin(u)*(u_y - u_y)"}, 3, 3},
  };
  return list;
}

// The same equations in vector notation: the same residuals, so the same channels and the same tape.
TEST(JetPlan, VectorNotationPlansAsItsComponents) {
  PlanCase by_hand({"t", "x", "y"}, {"u", "v", "p"}, {momentum_x, momentum_y, "u_x + v_y"});
  ExpressionGraph& graph = by_hand.graph;
  by_hand.symbols.definitions = {{"velocity", "[u, v]"}, {"transport", "[dot(velocity, grad(u)), dot(velocity, grad(v))]"}};
  const auto components = [&](const std::string& text) { return parse_components(graph, by_hand.symbols, text); };
  std::vector<NodeId> vectors = components("velocity_t + transport + grad(p) - nu*laplacian(velocity)");
  const std::vector<NodeId> mass = components("div(velocity)");
  vectors.insert(vectors.end(), mass.begin(), mass.end());
  ASSERT_EQ(vectors.size(), 3u);
  EXPECT_EQ(vectors[2], by_hand.residuals[2]);
  const TermProgram term = compile_term(graph, vectors, 3, 3);
  EXPECT_EQ(describe(term.plan, by_hand.symbols.coordinates), describe(by_hand.term.plan, by_hand.symbols.coordinates));
  EXPECT_EQ(term.residual.instructions.size(), by_hand.term.residual.instructions.size());
}

// Fields that are nothing special: polynomials with many nonzero derivatives, one per field.
std::vector<NodeId> polynomials(PlanCase& plan, std::size_t fields, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<NodeId> result;
  for (std::size_t f = 0; f < fields; ++f) {
    NodeId sum = plan.graph.constant(uniform(random));
    for (int addend = 0; addend < 2 * (max_order + 1); ++addend) {
      NodeId product = plan.graph.constant(uniform(random));
      for (int factor = 0; factor < 1 + addend % (max_order + 1); ++factor) {
        product = plan.graph.multiply(product,
                                      plan.graph.coordinate(static_cast<int>(random() % plan.symbols.coordinates.size())));
      }
      sum = plan.graph.add(sum, product);
    }
    result.push_back(sum);
  }
  return result;
}

std::vector<double> random_point(std::size_t dimensions, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> point(dimensions);
  for (double& x : point) x = uniform(random);
  return point;
}

// The plan's program in plain loops, for h = exp(z) and for h = sin(z), against the channels'
// exact operators applied to s(z).
void check_program(PlanCase& plan, unsigned seed, const char* name) {
  const JetProgram& program = plan.term.plan.program;
  const NodeId z = polynomials(plan, 1, seed)[0];
  const auto point = random_point(plan.symbols.coordinates.size(), seed + 1);
  const auto slots = plan.slots(point);
  std::vector<double> channels;
  for (std::size_t c = 0; c < plan.term.plan.channels.size(); ++c) channels.push_back(plan.channel(z, c, point));
  for (Op op : {op_of("exp"), op_of("sin")}) {
    const double s = std::sin(channels[0]), c = std::cos(channels[0]), e = std::exp(channels[0]);
    const bool exponential = op == op_of("exp");
    std::vector<double> derivative;  // of the function at the value, by order
    for (std::size_t k = 0; k <= max_order; ++k) derivative.push_back(exponential ? e : std::array{s, c, -s, -c}[k % 4]);
    const NodeId composed = plan.graph.make(op, z);
    for (std::size_t target = 1; target < channels.size(); ++target) {
      double sum = derivative[1] * channels[target];
      for (const JetMonomial& monomial : program.monomials) {
        if (monomial.target != static_cast<int>(target)) continue;
        double product = monomial.coefficient * derivative[static_cast<std::size_t>(monomial.degree)];
        if (monomial.slot >= 0) product *= slots[static_cast<std::size_t>(monomial.slot)];
        for (int k = 0; k < monomial.degree; ++k) product *= channels[static_cast<std::size_t>(monomial.factor[k])];
        sum += product;
      }
      double magnitude = 0;
      const double exact = plan.channel(composed, target, point, &magnitude);
      // Symbolic fourth derivatives have a few hundred addends, larger than their sum by up to 10.
      const double tolerance = 300 * 10 * std::numeric_limits<double>::epsilon() * (1 + magnitude);
      EXPECT_NEAR(sum, exact, tolerance) << name << ", channel " << target << " of "
                                         << describe(plan.term.plan, plan.symbols.coordinates);
    }
  }
}

void check_residuals(PlanCase& plan, unsigned seed, const char* name) {
  const auto fields = polynomials(plan, plan.symbols.fields.size(), seed);
  const auto point = random_point(plan.symbols.coordinates.size(), seed + 1);
  const auto computed = plan.by_tape(fields, point), exact = plan.exactly(fields, point);
  ASSERT_EQ(computed.size(), exact.size());
  for (std::size_t k = 0; k < exact.size(); ++k) {
    // Fourth derivatives of polynomials of degree 5 reach 120 per addend.
    EXPECT_NEAR(computed[k], exact[k], 1e4 * std::numeric_limits<double>::epsilon() * (1 + std::abs(exact[k])))
        << name << ", residual " << k;
  }
}

int order(const Channel& channel) {
  int highest = 0;
  for (const ChannelPart& part : channel.parts) highest = std::max<int>(highest, part.derivative.order);
  return highest;
}

void check_shape(const TermProgram& term) {
  const JetProgram& program = term.plan.program;
  EXPECT_EQ(program.channels, term.channels());
  EXPECT_EQ(program.slots, static_cast<int>(term.coefficients.outputs.size()));
  EXPECT_EQ(term.residual.inputs, term.dimensions + term.fields * term.channels());
  EXPECT_EQ(term.plan.channels[0].parts.size(), 1u);
  EXPECT_EQ(term.plan.channels[0].parts[0].derivative.order, 0);
  int last = 0, degree = 1;
  for (const JetMonomial& monomial : program.monomials) {
    EXPECT_GE(monomial.target, last) << "grouped by target";
    last = monomial.target;
    degree = std::max(degree, monomial.degree);
    const auto channel = [&](int c) -> const Channel& { return term.plan.channels.at(static_cast<std::size_t>(c)); };
    for (int k = 0; k < max_order; ++k) {
      EXPECT_EQ(monomial.factor[k] >= 1, k < monomial.degree);
      if (k < monomial.degree) {
        EXPECT_LT(order(channel(monomial.factor[k])), order(channel(monomial.target))) << "no channel enters itself";
      }
      EXPECT_TRUE(k == 0 || k >= monomial.degree || monomial.factor[k] >= monomial.factor[k - 1]) << "ascending";
    }
  }
  EXPECT_EQ(program.degree, degree);
}

}  // namespace

TEST(JetPlan, ChannelCounts) {
  for (const Equation& equation : equations()) {
    PlanCase plan(equation.coordinates, equation.fields, equation.residuals);
    EXPECT_EQ(plan.term.channels(), equation.planned)
        << equation.name << ": " << describe(plan.term.plan, equation.coordinates);
    EXPECT_EQ(plan.term.plan.naive_channels, equation.naive) << equation.name;
    check_shape(plan.term);
  }
}

// Hard constraints multiply every derivative by functions of the point; the leading operator keeps one
// function for all of its parts.
TEST(JetPlan, OutputTransformsKeepTheChannelsFew) {
  const std::string bump = "x*(1 - x)*y*(1 - y)*u";
  const struct {
    std::vector<std::string> coordinates;
    std::string residual, transform;
    int planned;
  } cases[] = {
      {{"t", "x"}, "u_t - 0.0001*u_xx + 5*(u^3 - u)", "x^2*cos(pi*x) + t*u", 3},
      {{"x", "y"}, "laplacian(u) + 2*pi^2*sin(pi*x)*sin(pi*y)", bump, 4},
      {{"x", "y"}, "laplacian(laplacian(u)) - 1", bump, 9},
      {{"t", "x"}, burgers, "-sin(pi*x)*exp(-t) + t*(1 - x^2)*u", 3},
      {{"t", "x"}, "u_tt - 4*u_xx", "sin(pi*x) + t^2*x*(1 - x)*u", 4},
  };
  for (const auto& c : cases) {
    PlanCase plan(c.coordinates, {"u"}, {c.residual}, {c.transform});
    EXPECT_EQ(plan.term.channels(), c.planned) << c.transform << ": " << describe(plan.term.plan, c.coordinates);
    check_shape(plan.term);
    check_program(plan, 5, c.residual.c_str());
    check_residuals(plan, 7, c.residual.c_str());
  }
}

TEST(JetPlan, TenDimensionsNeedTwelveChannels) {
  std::vector<std::string> coordinates;
  for (int k = 1; k <= 10; ++k) coordinates.push_back(std::string("x").append(std::to_string(k)));
  PlanCase plan(coordinates, {"u"}, {"-laplacian(u) - (pi^2/4)*sum(k, 1, 10, sin(pi*x{k}/2))"});
  EXPECT_EQ(plan.term.channels(), 12);
  EXPECT_EQ(plan.term.plan.naive_channels, 21);
  EXPECT_EQ(plan.term.plan.program.monomials.size(), 10u);
}

TEST(JetPlan, ProgramsComposeLikeTheOperators) {
  for (const Equation& equation : equations()) {
    PlanCase plan(equation.coordinates, equation.fields, equation.residuals);
    for (unsigned seed = 0; seed < 3; ++seed) check_program(plan, 10 * seed, equation.name);
  }
}

TEST(JetPlan, ResidualsOfChannelsAreTheResiduals) {
  for (const Equation& equation : equations()) {
    PlanCase plan(equation.coordinates, equation.fields, equation.residuals);
    for (unsigned seed = 0; seed < 3; ++seed) check_residuals(plan, 10 * seed, equation.name);
  }
}

// Random mixed operators up to order 4, some up to order 6, in three dimensions, sums of two that share parts, coefficients
// constant or varying.
TEST(JetPlan, RandomOperators) {
  for (unsigned seed = 0; seed < 68; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const char* functions[] = {"1", "1", "1", "(1 + x^2)", "exp(t)", "y"};
    const bool varying = seed % 2 == 1;
    const auto linear = [&](int parts) {
      std::string text;
      for (int k = 0; k < parts; ++k) {
        text += (k ? " + " : "") + std::to_string(pick(19) - 9.5) + "*" + functions[varying ? pick(6) : 0] + "*u_";
        for (int order = 0, highest = 1 + pick(seed < 60 ? 4 : max_order); order < highest; ++order) text += "txy"[pick(3)];
      }
      return text;
    };
    const std::string first = linear(2 + pick(3)), second = linear(1 + pick(3));
    PlanCase plan({"t", "x", "y"}, {"u"}, {first + " + u*(" + second + ")", first + " - 2*(" + second + ") + u_x*u"});
    check_shape(plan.term);
    EXPECT_LE(plan.term.channels(), plan.term.plan.naive_channels);
    check_program(plan, seed, first.c_str());
    check_residuals(plan, seed, first.c_str());
  }
}

TEST(JetPlan, NearlyEqualOperatorsStayApart) {
  PlanCase plan({"t", "x"}, {"u", "v"}, {"u_t - 0.1*u_xx", "v_t - 0.1000001*v_xx"});
  EXPECT_EQ(plan.term.channels(), 4);
  check_residuals(plan, 3, "nearly equal");
  // Small coefficients are not rounding errors.
  PlanCase tiny({"t", "x"}, {"u"}, {"u_t - 1e-14*u_xx", "u_x*u_t"});
  EXPECT_EQ(tiny.term.channels(), 4);
  EXPECT_EQ(tiny.term.plan.order(), 2);
}

TEST(JetPlan, Description) {
  EXPECT_EQ(describe(PlanCase({"t", "x"}, {"u"}, {burgers}).term.plan, {"t", "x"}), "1, d/dx, d/dt - 0.00318 d2/dx2");
  EXPECT_EQ(describe(PlanCase({"t", "x"}, {"u"}, {"u_tt - 4*u_xx"}).term.plan, {"t", "x"}),
            "1, d/dt, d/dx, d2/dt2 - 4 d2/dx2");
  EXPECT_EQ(describe(PlanCase({"x1", "x2"}, {"u"}, {"laplacian(u)"}).term.plan, {"x1", "x2"}),
            "1, d/dx1, d/dx2, d2/dx1^2 + d2/dx2^2");
  EXPECT_EQ(describe(PlanCase({"x1", "x2", "x3", "x4"}, {"u"}, {"laplacian(u)"}).term.plan, {"x1", "x2", "x3", "x4"}),
            "1, d/dx1, ..., d/dx4, d2/dx1^2 + ... + d2/dx4^2");
  EXPECT_EQ(describe(PlanCase({"t", "x"}, {"u"}, {"u_t - d((1 + x^2)*u_x, x)"}).term.plan, {"t", "x"}),
            "1, d/dx, d/dt - k1(point) d2/dx2");
}
