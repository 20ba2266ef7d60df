// The gradient against the loss alone: finite differences, and the order of the Taylor remainder. Both engines.
#include "jetpinn/engine/engine.hpp"

#include "support/all_activations.hpp"
#include "support/engine_case.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <tuple>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;
using test::make_case;

struct NamedGradientCase {
  std::string name;
  CaseText text;
};

CaseText one(std::vector<std::vector<std::string>> terms, std::vector<std::string> coordinates = {"t", "x"},
             std::vector<std::string> fields = {"u"}) {
  CaseText text;
  text.coordinates = std::move(coordinates);
  text.fields = std::move(fields);
  text.terms = std::move(terms);
  text.network.hidden = {6, 5};
  text.points = 20;
  return text;
}

std::vector<NamedGradientCase> gradient_cases() {
  std::vector<NamedGradientCase> list = {
      {"burgers", one({{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}})},
      // operators whose coefficients vary by point, by the field, and by the field's own derivatives
      {"coefficients", one({{"u_t - (1 + x^2)*u_xx + sin(t)*u_x"}})},
      {"quasilinear", one({{"u_t - u^2*u_xx - u_x^2"}})},
      {"monge_ampere", one({{"u_tt*u_xx - u_tx^2 - 1"}})},
      {"kuramoto_sivashinsky", one({{"u_t + u*u_x + u_xx + 0.1*d(u, x, x, x, x)"}})},
      {"navier_stokes",
       one({{"u_t + u*u_x + v*u_y + p_x - 0.1*laplacian(u)", "v_t + u*v_x + v*v_y + p_y - 0.1*laplacian(v)", "u_x + v_y"}},
           {"t", "x", "y"}, {"u", "v", "p"})}};
  list.push_back({"output_transform", one({{"u_t - u_xx"}})});
  list.back().text.output = {{"u", "x*(1 - x)*u + t*exp(u)"}};
  list.push_back({"periodic", one({{"u_t + u*u_x + d(u, x, x, x)"}})});
  list.back().text.network.periodic = {"x"};
  for (Activation activation : test::all_activations()) {
    list.push_back({to_string(activation), one({{"u_t + u*u_x + d(u, x, x, x, x)"}})});
    list.back().text.network.activation = activation;
  }
  return list;
}

using Parameter = std::tuple<EngineKind, NamedGradientCase>;

class GradientCheck : public ::testing::TestWithParam<Parameter> {
 protected:
  void SetUp() override {
    CaseText text = std::get<1>(GetParam()).text;
    text.weight_columns = 1;
    problem_ = make_case(text);
    EngineOptions options;
    options.kind = std::get<0>(GetParam());
    engine_ = make_engine(options, problem_.network, problem_.terms);
    parameters_ = test::perturbed(problem_, 1.0, 0.2);
    at_ = test::evaluate(*engine_, problem_, parameters_);
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < parameters_.size(); ++i) direction_.push_back(normal(random));
    const double length = test::norm(direction_);
    for (std::size_t i = 0; i < direction_.size(); ++i) slope_ += (direction_[i] /= length) * at_.gradient[i];
  }
  double loss(double h) {
    std::vector<double> moved = parameters_;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += h * direction_[i];
    return test::evaluate(*engine_, problem_, moved).loss;
  }

  EngineCase problem_;
  std::unique_ptr<Engine> engine_;
  std::vector<double> parameters_, direction_;
  test::LossAndGradient at_;
  double slope_ = 0;   // gradient . direction
};

// Central differences of fourth order in every single parameter: truncation about h^4, rounding about epsilon L / h.
TEST_P(GradientCheck, FiniteDifferencesInSingleParameters) {
  const double h = 1e-3;
  // Autograd is LibTorch's: every fifth parameter tells whether it was asked for the right thing.
  const std::size_t stride = std::get<0>(GetParam()) == EngineKind::reference ? 5 : 1;
  std::vector<double> differences, gradient;
  for (std::size_t i = 0; i < parameters_.size(); i += stride) {
    const auto moved = [&](double by) {
      std::vector<double> parameters = parameters_;
      parameters[i] += by;
      return test::evaluate(*engine_, problem_, parameters).loss;
    };
    differences.push_back((8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h));
    gradient.push_back(at_.gradient[i]);
  }
  // h^4 = 1e-12 times the fifth derivative, which products of up to five weights let grow by some 1e4
  EXPECT_LE(test::distance(differences, gradient), 1e-8 * test::norm(at_.gradient));
}

// L(p + h v) - L(p) - h g.v falls with h^2, and central differences minus h g.v with h^3.
TEST_P(GradientCheck, TaylorRemainderFallsWithItsOrder) {
  double first[3], second[3];
  for (int i = 0; i < 3; ++i) {
    const double h = 1e-2 / (1 << i), up = loss(h), down = loss(-h);
    first[i] = std::abs(up - at_.loss - h * slope_);
    second[i] = std::abs(up - down - 2 * h * slope_);
  }
  for (int i = 0; i < 2; ++i) {
    // Asymptotically 4 and 8; the next order changes that by a few h times a ratio of derivatives.
    EXPECT_NEAR(std::log2(first[i] / first[i + 1]), 2, 0.3);
    EXPECT_NEAR(std::log2(second[i] / second[i + 1]), 3, 0.3);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, GradientCheck,
                         ::testing::Combine(::testing::Values(EngineKind::jets, EngineKind::reference),
                                            ::testing::ValuesIn(gradient_cases())),
                         [](const auto& info) {
                           return std::string(to_string(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
                         });

}  // namespace
}  // namespace jetpinn
