// Every group of a term's inputs: jets against nested autograd, trainables against finite differences of the loss.
#include "jetpinn/engine/engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/engine_memory.hpp"
#include "jetpinn/engine/layer_probe.hpp"
#include "support/group_case.hpp"
#include "support/jacobian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace jetpinn {
namespace {

using test::EngineCase;
using test::group_engine;
using test::GroupText;
using test::make_group_case;

// Plans with trained coefficients through every kind of layer that multiplies jets or knows features.
std::vector<GroupText> on_other_networks() {
  std::vector<GroupText> list;
  for (const char* kind : {"modified_mlp", "residual", "piratenet", "fourier", "periodic", "slope"})
    for (GroupText text : test::group_texts()) {
      if (!text.trained_coefficients && text.name != "flux_jump") continue;
      const std::string name = kind;
      text.name = name + "_" + text.name;
      text.network.hidden = {13, 13};
      if (name == "fourier") text.network.fourier_features = 5;
      if (name == "fourier" || name == "periodic")
        text.network.periodic = {text.coordinates[1]};
      else if (name == "slope")
        text.network.factors.slope = text.network.factors.scale = true;
      else
        text.network.kind = name;
      list.push_back(std::move(text));
    }
  return list;
}

class TermGroups : public ::testing::TestWithParam<GroupText> {
 protected:
  void SetUp() override {
    problem_ = make_group_case(text());
    parameters_ = test::perturbed(problem_, 1.2, 0.2);
    reference_ = group_engine(EngineKind::reference, problem_, text());
  }
  const GroupText& text() const { return GetParam(); }
  std::unique_ptr<Engine> jets(Precision precision = Precision::fp64, std::int64_t chunk = 0) const {
    EngineOptions options;
    options.precision = precision;
    options.chunk = chunk;
    return group_engine(EngineKind::jets, problem_, text(), options);
  }
  // As in jets_against_reference.cpp.
  double tolerance(Precision precision = Precision::fp64) const {
    if (precision == Precision::fp64) return text().order <= 2 ? 1e-12 : 1e-11;
    const auto layers = static_cast<double>(problem_.network.parts.size());
    return 20 * layers * std::pow(2.0, text().order) * std::numeric_limits<float>::epsilon();
  }
  std::size_t first_trainable() const { return static_cast<std::size_t>(problem_.network.layer_parameters()); }

  EngineCase problem_;
  std::vector<double> parameters_;
  std::unique_ptr<Engine> reference_;
};

TEST_P(TermGroups, PlansFoldTrainablesIntoChannelsWhereTheyAreSaidTo) {
  const auto trained = [](const EngineTerm& term) { return term.program.plan.trained(); };
  EXPECT_EQ(std::any_of(problem_.terms.begin(), problem_.terms.end(), trained), text().trained_coefficients);
}

TEST_P(TermGroups, LossAndGradientAreTheReferences) {
  const auto expected = test::evaluate(*reference_, problem_, parameters_);
  const double scale = test::sum_of_point_norms(*jets(), problem_.points, parameters_);
  for (Precision precision : {Precision::fp64, Precision::fp32}) {
    SCOPED_TRACE(to_string(precision));
    const double bound = tolerance(precision);
    const auto actual = test::evaluate(*jets(precision), problem_, parameters_);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), bound * scale);
    for (std::size_t i = first_trainable(); i < parameters_.size(); ++i) {
      EXPECT_NEAR(actual.gradient[i], expected.gradient[i], bound * scale) << "trainable " << i - first_trainable();
      EXPECT_NE(expected.gradient[i], 0);
    }
    for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
      EXPECT_NEAR(actual.sums.weighted[t], expected.sums.weighted[t], bound * expected.sums.weighted[t]);
      EXPECT_NEAR(actual.sums.unweighted[t], expected.sums.unweighted[t], bound * expected.sums.unweighted[t]);
    }
  }
}

// Loss, gradient, residuals and products, in chunks that end inside the points.
TEST_P(TermGroups, TheEmulatedDeviceIsTheHost) {
  EngineOptions options;
  options.device = "emulated";
  options.chunk = 16;
  const auto host = jets();
  const double scale = test::sum_of_point_norms(*host, problem_.points, parameters_);
  const auto expected = test::evaluate(*host, problem_, parameters_);
  for (Precision precision : {Precision::fp64, Precision::fp32}) {
    SCOPED_TRACE(to_string(precision));
    options.precision = precision;
    const auto device = group_engine(EngineKind::jets, problem_, text(), options);
    const double bound = precision == Precision::fp64 ? 1e-13 * (text().order <= 2 ? 1 : 10) : tolerance(precision);
    const auto actual = test::evaluate(*device, problem_, parameters_);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), bound * scale);
    for (std::size_t t = 0; t < problem_.terms.size(); ++t)
      EXPECT_NEAR(actual.sums.weighted[t], expected.sums.weighted[t], bound * expected.sums.weighted[t]);
  }
  options.precision = Precision::fp64;
  const auto device = group_engine(EngineKind::jets, problem_, text(), options);
  const auto direction = test::direction_of(parameters_.size());
  for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
    const TermPoints& points = problem_.points.terms[t];
    const auto term = static_cast<int>(t);
    const auto changes = test::times(*host, parameters_, term, points, direction);
    EXPECT_LE(test::distance(test::times(*device, parameters_, term, points, direction), changes),
              17 * tolerance() * test::norm(changes));
    std::vector<double> cotangents(changes.size());
    for (std::size_t i = 0; i < cotangents.size(); ++i) cotangents[i] = std::cos(static_cast<double>(i));
    const auto gradient = test::transposed(*host, parameters_, term, points, cotangents);
    EXPECT_LE(test::distance(test::transposed(*device, parameters_, term, points, cotangents), gradient),
              9 * tolerance() * test::norm(gradient));
  }
}

// Chunks that end inside the points, a chunk of one point.
TEST_P(TermGroups, ChunksDoNotMatter) {
  const auto expected = test::evaluate(*jets(), problem_, parameters_);
  const double scale = test::sum_of_point_norms(*jets(), problem_.points, parameters_);
  for (const std::int64_t chunk : {1, 16}) {
    const auto actual = test::evaluate(*jets(Precision::fp64, chunk), problem_, parameters_);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), tolerance() * scale) << chunk;
  }
}

TEST_P(TermGroups, ResidualsAndProductsAreTheReferences) {
  const auto engine = jets();
  const auto direction = test::direction_of(parameters_.size());
  for (std::size_t t = 0; t < problem_.terms.size(); ++t) {
    const TermPoints& points = problem_.points.terms[t];
    const auto term = static_cast<int>(t);
    const std::size_t size = problem_.terms[t].residuals.size() * static_cast<std::size_t>(points.local_count);
    std::vector<double> expected(size), actual(size), cotangents(size);
    reference_->residuals(Stream{}, parameters_.data(), term, points, expected.data());
    engine->residuals(Stream{}, parameters_.data(), term, points, actual.data());
    EXPECT_LE(test::distance(actual, expected), tolerance() * test::norm(expected));
    for (std::size_t i = 0; i < size; ++i) cotangents[i] = std::cos(static_cast<double>(i));
    const auto gradient = test::transposed(*reference_, parameters_, term, points, cotangents);
    const auto same = test::transposed(*engine, parameters_, term, points, cotangents);
    // Cotangents of both signs let points cancel, by less than sqrt(80).
    EXPECT_LE(test::distance(same, gradient), 9 * tolerance() * test::norm(gradient));
    expected = test::times(*reference_, parameters_, term, points, direction);
    actual = test::times(*engine, parameters_, term, points, direction);
    EXPECT_LE(test::distance(actual, expected), 17 * tolerance() * test::norm(expected));
  }
}

// Central differences of fourth order: truncation about h^4, rounding about epsilon L / h.
TEST_P(TermGroups, TrainablesHaveTheSlopeOfTheLoss) {
  const auto engine = jets();
  const auto at = test::evaluate(*engine, problem_, parameters_);
  const double h = 1e-3;
  for (std::size_t i = first_trainable(); i < parameters_.size(); ++i) {
    const auto moved = [&](double by) {
      std::vector<double> parameters = parameters_;
      parameters[i] += by;
      return test::evaluate(*engine, problem_, parameters).loss;
    };
    const double slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
    EXPECT_NEAR(at.gradient[i], slope, 1e-8 * (std::abs(slope) + at.loss)) << "trainable " << i - first_trainable();
  }
}

// Level `ranks`: the exact sum holds what the plain one does, and the same bits whatever blocks come first.
TEST_P(TermGroups, ExactSumsHoldTrainablesToo) {
  const auto engine = jets();
  const auto plain = test::evaluate(*engine, problem_, parameters_);
  const double scale = test::sum_of_point_norms(*engine, problem_.points, parameters_);
  const std::int64_t count = problem_.network.parameters;
  ExactSum sum(count + 2 * static_cast<std::int64_t>(problem_.terms.size()));
  engine->loss_and_gradient_exact({}, parameters_.data(), problem_.points, sum);
  sum.normalize();
  for (std::int64_t i = 0; i < count; ++i)
    EXPECT_NEAR(sum.value(i), plain.gradient[static_cast<std::size_t>(i)], 1e-13 * scale);
}

TEST_P(TermGroups, MemoryIsPlannedToTheLastByte) {
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    const auto engine = jets(precision);
    const EngineMemory plan = plan_engine_memory(EngineKind::jets, precision, problem_.network, problem_.terms);
    EXPECT_EQ(plan.total(), engine->pool_bytes());
    EXPECT_EQ(plan.chunk, engine->chunk());
    EXPECT_EQ(engine->pool_unused(), 0);
  }
}

// Who listens finds every entry final that is told to be, trainables included.
TEST_P(TermGroups, WhatIsToldToBeFinalStays) {
  const auto engine = jets();
  std::vector<double> gradient(parameters_.size()), told(parameters_.size());
  std::int64_t from = problem_.network.parameters;
  engine->when_ready([&](std::int64_t first) {
    for (; from > first; --from) told[static_cast<std::size_t>(from - 1)] = gradient[static_cast<std::size_t>(from - 1)];
  });
  TermSums sums;
  engine->loss_and_gradient(Stream{}, parameters_.data(), problem_.points, gradient.data(), sums);
  for (auto i = static_cast<std::size_t>(from); i < gradient.size(); ++i) EXPECT_EQ(told[i], gradient[i]) << i;
}

TEST_P(TermGroups, ProbesLookAtTheNetworkAlone) {
  const std::vector<double> place(text().coordinates.size(), 0.3);
  const auto sound = static_cast<int>(problem_.network.parts.size()) + 1;
  for (const EngineTerm& term : problem_.terms) {
    EXPECT_EQ(make_layer_probe(problem_.network, term.program, Precision::fp64, parameters_.data())
                  ->first_not_finite(place.data()),
              sound);
  }
}

INSTANTIATE_TEST_SUITE_P(Mlp, TermGroups, ::testing::ValuesIn(test::group_texts()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Networks, TermGroups, ::testing::ValuesIn(on_other_networks()),
                         [](const auto& info) { return info.param.name; });

GroupText named(const std::string& name) {
  const std::vector<GroupText> all = test::group_texts();
  return *std::find_if(all.begin(), all.end(), [&](const GroupText& text) { return text.name == name; });
}

TEST(StageConstants, ChangeWithoutCompilingAgain) {
  const GroupText text = named("constants");
  const EngineCase problem = make_group_case(text);
  const auto jets = group_engine(EngineKind::jets, problem, text),
             reference = group_engine(EngineKind::reference, problem, text);
  const double before = test::evaluate(*jets, problem, problem.parameters).loss;
  for (Engine* engine : {jets.get(), reference.get()}) engine->set_constants({1.25, -0.5, 2});
  const auto actual = test::evaluate(*jets, problem, problem.parameters),
             expected = test::evaluate(*reference, problem, problem.parameters);
  EXPECT_GT(std::abs(actual.loss - before), 1e-3 * before);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-12 * expected.loss);
  EXPECT_LE(test::distance(actual.gradient, expected.gradient), 1e-11 * test::norm(expected.gradient));
  for (Engine* engine : {jets.get(), reference.get()}) engine->set_constants(test::stage_constants(3));
  EXPECT_EQ(test::evaluate(*jets, problem, problem.parameters).loss, before);
}

TEST(StageConstants, ThatAStageHasNotSetAreRefused) {
  const GroupText text = named("constants");
  const EngineCase problem = make_group_case(text);
  for (const EngineKind kind : {EngineKind::jets, EngineKind::reference}) {
    const auto engine = group_engine(kind, problem, text);
    engine->set_constants({1.0, 2.0});
    EXPECT_THROW(test::evaluate(*engine, problem, problem.parameters), Error);
  }
}

TEST(TermColumns, ThatPointsLackAreRefused) {
  for (const char* name : {"data", "attributes", "periodic"}) {
    const GroupText text = named(name);
    EngineCase problem = make_group_case(text);
    for (TermPoints& points : problem.points.terms) points.data.clear(), points.attributes.clear(), points.second.clear();
    for (const EngineKind kind : {EngineKind::jets, EngineKind::reference})
      EXPECT_THROW(test::evaluate(*group_engine(kind, problem, text), problem, problem.parameters), Error) << name;
  }
}

// Frequencies of Fourier features take part in the reverse for the coefficients' sake and stay as they are.
TEST(TrainedCoefficients, LeaveParametersAloneThatAreNotTrained) {
  GroupText text = named("heat");
  text.network.fourier_features = 4;
  const EngineCase problem = make_group_case(text);
  const auto result = test::evaluate(*group_engine(EngineKind::jets, problem, text), problem, problem.parameters);
  for (const Layer& layer : problem.network.layers)
    for (const ParameterBlock& block : layer.blocks)
      for (std::int64_t i = 0; !block.trained && i < block.size(); ++i)
        EXPECT_EQ(result.gradient[static_cast<std::size_t>(block.offset + i)], 0);
}

}  // namespace
}  // namespace jetpinn
