// Jets against nested autograd: every activation with every sort of plan, at initial and at perturbed parameters.
#include "jetpinn/engine/engine.hpp"

#include "support/all_activations.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"
#include "support/sparse_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;
using test::make_case;
using test::pattern_file;

struct Named {
  std::string name;
  int order;   // highest derivative of the fields the network gives
  CaseText text;
};

Named make(std::string name, int order, std::vector<std::vector<std::string>> terms,
           std::vector<std::string> coordinates = {"t", "x"}, std::vector<std::string> fields = {"u"}) {
  Named result{std::move(name), order, {}};
  result.text.coordinates = std::move(coordinates);
  result.text.fields = std::move(fields);
  result.text.terms = std::move(terms);
  const bool high = order > 4;  // what nested autograd makes of a network grows with each order
  result.text.network.hidden = high ? std::vector<std::int64_t>{7, 5} : std::vector<std::int64_t>{13, 16, 9};
  result.text.points = high ? 5 : 20;
  return result;
}

std::vector<Named> cases() {
  const std::vector<std::string> plane{"x", "y"}, unsteady_plane{"t", "x", "y"}, space{"x", "y", "z"};
  std::vector<Named> list = {
      make("value", 0, {{"u - sin(pi*x)*exp(t)"}}),
      make("advection", 1, {{"u_t + 2*u_x"}}),
      make("eikonal", 1, {{"u_x^2 + u_y^2 - 1"}}, plane),
      make("burgers", 2, {{"u_t + u*u_x - 0.01/pi*u_xx"}, {"u + sin(pi*x)"}, {"u_x"}}),
      make("wave", 2, {{"u_tt - 4*u_xx"}, {"u_t"}}),
      make("mixed_second", 2, {{"u_tx + u*u_xx - 3*u_tt"}}),
      make("monge_ampere", 2, {{"u_xx*u_yy - d(u, x, y)^2 - 1"}}, plane),
      make("poisson_3d", 2, {{"laplacian(u) + 3*pi^2*sin(pi*x)*sin(pi*y)*sin(pi*z)"}}, space),
      make("varying_coefficients", 2, {{"u_t - (1 + x^2)*u_xx - sin(t)*u_x"}}),
      make("varying_mixed", 2, {{"(1 + x^2)*u_xx + x*y*d(u, x, y) + exp(y)*u_yy + y*u_x"}}, plane),
      make("flux_form", 2, {{"d((1 + u^2)*u_x, x) - u_t"}}),
      make("navier_stokes", 2,
           {{"u_t + u*u_x + v*u_y + p_x - 0.01*laplacian(u)", "v_t + u*v_x + v*v_y + p_y - 0.01*laplacian(v)", "u_x + v_y"}},
           unsteady_plane, {"u", "v", "p"}),
      make("boussinesq", 2,
           {{"u_t + u*u_x + v*u_y + p_x - 0.1*laplacian(u)", "v_t + u*v_x + v*v_y + p_y - 0.1*laplacian(v) - T",
             "T_t + u*T_x + v*T_y - 0.3*laplacian(T)", "u_x + v_y"}},
           unsteady_plane, {"u", "v", "p", "T"}),
      make("kdv", 3, {{"u_t + u*u_x + 0.0005*d(u, x, x, x)"}}),
      make("mixed_third", 3, {{"d(u, t, x, y) + u*d(u, x, x, y) - u_t"}}, unsteady_plane),
      make("kuramoto_sivashinsky", 4, {{"u_t + u*u_x + u_xx + 0.1*d(u, x, x, x, x)"}}),
      make("varying_fourth", 4, {{"(1 + x^2)*d(u, x, x, x, x) + t*u_xx + u_t"}, {"d(u, x, x, x)*d(u, t, t)"}}),
      make("biharmonic", 4, {{"laplacian(laplacian(u)) - 4*pi^4*sin(pi*x)*sin(pi*y)"}, {"u", "laplacian(u)"}}, plane),
      make("mixed_fourth", 4, {{"d(u, x, x, y, y) - u_x*d(u, x, y, y, y)"}}, plane),
      make("mixed_orders", 4, {{"u_xyyy + u_xxxy - u_xyy + u"}}, plane),
      make("four_coordinates", 4, {{"d(u, a, b, c, e) + u_a"}}, {"a", "b", "c", "e"}),
      make("kawahara", 5, {{"u_t + u*u_x + 0.1*d(u, x, x, x) - 0.01*u_xxxxx"}}),
      make("varying_sixth", 6, {{"(1 + x^2)*d(u, x, x, x, x, x, x) + t*u_xx + u_t"}, {"u_xxxxxx*u_x"}}),
      make("triharmonic", 6, {{"laplacian(laplacian(laplacian(u)))"}}, plane),
      make("mixed_sixth", 6, {{"d(u, x, x, x, y, y, y) - u*d(u, x, y, y, y, y)"}}, plane),
      make("output_transform", 2, {{"u_t - 0.1*u_xx + u^3"}, {"u_x"}}),
      make("periodic", 3, {{"u_t + u*u_x + 0.1*d(u, x, x, x)"}, {"u_x - u"}}),
      make("both_periodic", 4, {{"d(u, x, x, y, y) + laplacian(u)"}}, plane),
      make("transform_of_a_system", 3, {{"u_t - d(v, x, x, x)", "v_t + u*u_x"}}, {"t", "x"}, {"u", "v"})};
  const auto find = [&](const std::string& name) -> CaseText& {
    return std::find_if(list.begin(), list.end(), [&](const Named& c) { return c.name == name; })->text;
  };
  find("output_transform").output = {{"u", "x*(1 - x)*u + t^2*exp(0.3*u)"}};
  find("transform_of_a_system").output = {{"u", "sin(pi*x) + t*u*v"}, {"v", "x*v + u"}};
  find("periodic").network.periodic = {"x"};
  find("both_periodic").network.periodic = {"x", "y"};
  find("burgers").weight_columns = 1;
  find("navier_stokes").weight_columns = 3;
  find("wave").network.hidden = {1};
  find("kdv").network.hidden = {63};
  find("eikonal").points = 1;
  find("advection").points = 300;
  return list;
}

constexpr double epsilon = std::numeric_limits<double>::epsilon(), single_epsilon = std::numeric_limits<float>::epsilon();

std::unique_ptr<Engine> engine(EngineKind kind, const EngineCase& problem, Precision precision = Precision::fp64,
                               const std::string& device = "cpu") {
  EngineOptions options;
  options.device = device;
  options.kind = kind;
  options.precision = precision;
  return make_engine(options, problem.network, problem.terms);
}

class JetsAgainstReference : public ::testing::TestWithParam<std::tuple<Activation, Named>> {
 protected:
  void SetUp() override {
    CaseText text = std::get<1>(GetParam()).text;
    text.network.activation = std::get<0>(GetParam());
    problem_ = make_case(text);
    reference_ = engine(EngineKind::reference, problem_);
  }
  int order() const { return std::get<1>(GetParam()).order; }
  // Contract of the engines: norm-wise, relative to the sum of the points' gradient norms.
  double tolerance() const { return order() <= 2 ? 1e-12 : 1e-11; }
  // About 10 roundings per layer forward and as many in reverse; each order of derivatives may double their weight.
  double single_tolerance() const {
    const auto layers = static_cast<double>(problem_.network.parts.size());
    return 20 * layers * std::pow(2.0, order()) * single_epsilon;
  }

  // Beside what rounding the parameters alone does: arithmetic that rounds as much cannot be nearer.
  void compare(const std::vector<double>& parameters) {
    std::vector<double> rounded = parameters;
    for (double& parameter : rounded) parameter = static_cast<float>(parameter);
    const auto expected = test::evaluate(*reference_, problem_, parameters);
    const auto moved = test::evaluate(*reference_, problem_, rounded);
    const double scale = test::sum_of_point_norms(*engine(EngineKind::jets, problem_), problem_.points, parameters);
    EXPECT_GT(scale, 0);
    for (Precision precision : {Precision::fp64, Precision::fp32}) {
      SCOPED_TRACE(to_string(precision));
      const bool single = precision == Precision::fp32;
      const double roundings = 16 * (single ? 1 : epsilon / single_epsilon);  // of fp32
      const auto jets = engine(EngineKind::jets, problem_, precision);
      const auto actual = test::evaluate(*jets, problem_, parameters);
      EXPECT_LE(test::distance(actual.gradient, expected.gradient),
                (single ? 16 * single_epsilon : tolerance()) * scale +
                    roundings * test::distance(moved.gradient, expected.gradient));
      const auto compare_sums = [&](const auto& sums, const auto& right, const auto& beside) {
        for (std::size_t t = 0; t < problem_.terms.size(); ++t)
          EXPECT_NEAR(sums[t], right[t],
                      (single ? single_tolerance() : tolerance()) * right[t] + roundings * std::abs(beside[t] - right[t]));
      };
      compare_sums(actual.sums.weighted, expected.sums.weighted, moved.sums.weighted);
      compare_sums(actual.sums.unweighted, expected.sums.unweighted, moved.sums.unweighted);
    }
  }

  EngineCase problem_;
  std::unique_ptr<Engine> reference_;
};

TEST_P(JetsAgainstReference, LossAndGradientAtInitialParameters) { compare(problem_.parameters); }

TEST_P(JetsAgainstReference, LossAndGradientAtPerturbedParameters) { compare(test::perturbed(problem_)); }

TEST_P(JetsAgainstReference, ResidualsAndTransposed) {
  const auto jets = engine(EngineKind::jets, problem_);
  const auto parameters = test::perturbed(problem_);
  for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
    const TermPoints& points = problem_.points.terms[t];
    std::vector<double> expected(problem_.terms[t].residuals.size() * static_cast<std::size_t>(points.local_count)),
        actual(expected.size());
    reference_->residuals(Stream{}, parameters.data(), static_cast<int>(t), points, expected.data());
    jets->residuals(Stream{}, parameters.data(), static_cast<int>(t), points, actual.data());
    EXPECT_LE(test::distance(actual, expected), tolerance() * test::norm(expected));

    std::vector<double> cotangents(expected.size());
    for (std::size_t i = 0; i < cotangents.size(); ++i) cotangents[i] = std::cos(static_cast<double>(i));
    const auto gradient = test::transposed(*reference_, parameters, static_cast<int>(t), points, cotangents);
    const auto same = test::transposed(*jets, parameters, static_cast<int>(t), points, cotangents);
    // The points' own norms are not at hand: cotangents of both signs let them cancel, by less than
    // a factor of sqrt(points) = 17.
    EXPECT_LE(test::distance(same, gradient), 17 * tolerance() * (test::norm(gradient) + epsilon));
  }
}

// J v against autograd's, and against the adjoint: w . (J v) = v . (J^T w).
TEST_P(JetsAgainstReference, Tangents) {
  const auto jets = engine(EngineKind::jets, problem_);
  const auto parameters = test::perturbed(problem_);
  const auto direction = test::direction_of(parameters.size());
  for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
    const TermPoints& points = problem_.points.terms[t];
    const auto term = static_cast<int>(t);
    const auto expected = test::times(*reference_, parameters, term, points, direction);
    const auto actual = test::times(*jets, parameters, term, points, direction);
    std::vector<double> cotangents(expected.size());
    EXPECT_GT(test::norm(expected), 0);
    EXPECT_LE(test::distance(actual, expected), 17 * tolerance() * test::norm(expected));
    for (std::size_t i = 0; i < cotangents.size(); ++i) cotangents[i] = std::cos(static_cast<double>(i));
    const auto gradient = test::transposed(*jets, parameters, term, points, cotangents);
    double forward = 0, backward = 0;
    for (std::size_t i = 0; i < actual.size(); ++i) forward += cotangents[i] * actual[i];
    for (std::size_t i = 0; i < direction.size(); ++i) backward += direction[i] * gradient[i];
    const double scale = test::norm(cotangents) * test::norm(actual) + test::norm(direction) * test::norm(gradient);
    EXPECT_NEAR(forward, backward, tolerance() * scale);
  }
}

// The same on a device: another layout of work and another order of sums, no other formula.
TEST_P(JetsAgainstReference, TheEmulatedDeviceIsTheHost) {
  const auto parameters = test::perturbed(problem_);
  for (Precision precision : {Precision::fp64, Precision::fp32}) {
    SCOPED_TRACE(to_string(precision));
    // Residuals of third and fourth order cancel: up to 1200 epsilon were seen, by processors and their products.
    const double bound = 2000.0 * (precision == Precision::fp64 ? std::numeric_limits<double>::epsilon()
                                                                : double{std::numeric_limits<float>::epsilon()});
    const auto host = engine(EngineKind::jets, problem_, precision),
               device = engine(EngineKind::jets, problem_, precision, "emulated");
    EXPECT_EQ(device->device(), "emulated");
    const auto expected = test::evaluate(*host, problem_, parameters),
               actual = test::evaluate(*device, problem_, parameters);
    const double scale = test::sum_of_point_norms(*host, problem_.points, parameters);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), bound * scale);
    for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
      EXPECT_NEAR(actual.sums.weighted[t], expected.sums.weighted[t], bound * expected.sums.weighted[t]);
      EXPECT_NEAR(actual.sums.unweighted[t], expected.sums.unweighted[t], bound * expected.sums.unweighted[t]);
    }
  }
}

TEST_P(JetsAgainstReference, TheEmulatedDevicesResidualsAndProducts) {
  const auto host = engine(EngineKind::jets, problem_),
             device = engine(EngineKind::jets, problem_, Precision::fp64, "emulated");
  const auto parameters = test::perturbed(problem_);
  const auto direction = test::direction_of(parameters.size());
  for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
    const TermPoints& points = problem_.points.terms[t];
    const auto term = static_cast<int>(t);
    std::vector<double> expected(problem_.terms[t].residuals.size() * static_cast<std::size_t>(points.local_count)),
        actual(expected.size()), cotangents(expected.size());
    host->residuals(Stream{}, parameters.data(), term, points, expected.data());
    device->residuals(Stream{}, parameters.data(), term, points, actual.data());
    EXPECT_LE(test::distance(actual, expected), tolerance() * test::norm(expected));
    for (std::size_t i = 0; i < cotangents.size(); ++i) cotangents[i] = std::cos(static_cast<double>(i));
    const auto gradient = test::transposed(*host, parameters, term, points, cotangents);
    const auto same = test::transposed(*device, parameters, term, points, cotangents);
    EXPECT_LE(test::distance(same, gradient), 17 * tolerance() * (test::norm(gradient) + epsilon));
    expected = test::times(*host, parameters, term, points, direction);
    actual = test::times(*device, parameters, term, points, direction);
    EXPECT_GT(test::norm(expected), 0);
    EXPECT_LE(test::distance(actual, expected), 17 * tolerance() * test::norm(expected));
  }
}

// An mlp of half its weights.
void make_sparse(CaseText& text) {
  const auto inputs = static_cast<std::int64_t>(text.coordinates.size() + text.network.periodic.size()),
             fields = static_cast<std::int64_t>(text.fields.size());
  text.network.kind = "mlp";
  text.network.pattern = pattern_file({{inputs, 13}, {13, 13}, {13, 13}, {13, fields}}, 0.5);
}

// Kinds of networks besides the mlp, with the plans that use channels in different ways.
std::vector<Named> networks() {
  std::vector<Named> list;
  for (const char* kind : {"modified_mlp", "residual", "piratenet", "sparse"})
    for (Named& plan : cases())
      for (const char* wanted :
           {"value", "burgers", "navier_stokes", "varying_mixed", "kdv", "biharmonic", "mixed_orders", "both_periodic"}) {
        if (plan.name != wanted) continue;
        Named entry = plan;
        entry.name = std::string(kind) + "_" + entry.name;
        entry.text.network.kind = kind;
        entry.text.network.hidden = {13, 13, 13};
        if (std::string(kind) == "sparse") make_sparse(entry.text);
        list.push_back(entry);
      }
  return list;
}

// What an embedding and factors of the weights add to a network of any kind.
std::vector<Named> additions() {
  std::vector<Named> list;
  for (const char* kind : {"mlp", "piratenet"})
    for (const char* addition : {"fourier", "factorised", "slope", "all"}) {
      Named entry = make(std::string(kind) + "_" + addition, 2, {{"u_t + u*u_x - 0.01/pi*u_xx"}, {"u + sin(pi*x)"}});
      NetworkOptions& network = entry.text.network;
      network.kind = kind;
      network.hidden = {12, 12};
      const std::string what = addition;
      if (what == "fourier" || what == "all") network.fourier_features = 7, network.periodic = {"x"};
      network.factors.scale = what == "factorised" || what == "all";
      network.factors.slope = what == "slope" || what == "all";
      list.push_back(entry);
      if (what == "slope" && entry.text.network.kind == "mlp") {
        entry.name = "mlp_sparse_slope";
        entry.text.network.pattern = pattern_file({{2, 12}, {12, 12}, {12, 1}}, 0.4);
        list.push_back(entry);
        entry.name = "mlp_slope";
      }
      if (what != "slope") continue;
      Named fourth = make(entry.name + "_fourth", 4, {{"u_t + u*u_x + u_xx + 0.1*d(u, x, x, x, x)"}});
      fourth.text.network = network;
      list.push_back(fourth);
    }
  return list;
}

// Three networks of different kinds, sizes and features for the fields of one system, out of order; terms that read all of
// them, two, one.
std::vector<Named> several_networks() {
  NetworkOptions wide, gated, waves;
  wide.hidden = {17, 9};
  wide.periodic = {"x"};
  gated.kind = "modified_mlp";
  gated.hidden = {8, 8};
  gated.activation = Activation::silu;
  waves.kind = "piratenet";
  waves.hidden = {7};
  waves.fourier_features = 5;
  waves.factors.scale = true;
  const std::vector<MemberOptions> members{{wide, "flow", {3, 0}}, {gated, "pressure", {2}}, {waves, "heat", {1}}};
  std::vector<Named> list = {
      make("coupled", 2,
           {{"u_t + u*u_x - 0.1*u_xx + p_x - T", "T_t + u*T_x - 0.3*T_xx", "v_x + u_t"}, {"p_xx - u_x^2"}, {"v - sin(x)"},
            {"T_tx"}, {"p - T"}},
           {"t", "x"}, {"u", "T", "p", "v"}),
      make("fourth_order", 4, {{"d(p, x, x, x, x) + u*T_x"}, {"d(v, x, x, x)"}}, {"t", "x"}, {"u", "T", "p", "v"})};
  for (Named& entry : list) entry.text.members = members;
  list[0].text.output = {{"u", "sin(x) + t*u*v"}, {"T", "exp(0.1*T)"}};
  list[0].text.points = 300;
  return list;
}

INSTANTIATE_TEST_SUITE_P(SeveralNetworks, JetsAgainstReference,
                         ::testing::Combine(::testing::Values(Activation::tanh), ::testing::ValuesIn(several_networks())),
                         [](const auto& info) { return std::get<1>(info.param).name; });

INSTANTIATE_TEST_SUITE_P(Additions, JetsAgainstReference,
                         ::testing::Combine(::testing::Values(Activation::tanh), ::testing::ValuesIn(additions())),
                         [](const auto& info) { return std::get<1>(info.param).name; });

INSTANTIATE_TEST_SUITE_P(Networks, JetsAgainstReference,
                         ::testing::Combine(::testing::Values(Activation::tanh, Activation::silu),
                                            ::testing::ValuesIn(networks())),
                         [](const auto& info) {
                           return std::string(to_string(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
                         });

INSTANTIATE_TEST_SUITE_P(Plans, JetsAgainstReference,
                         ::testing::Combine(::testing::ValuesIn(test::all_activations()), ::testing::ValuesIn(cases())),
                         [](const auto& info) {
                           return std::string(to_string(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
                         });

}  // namespace
}  // namespace jetpinn
