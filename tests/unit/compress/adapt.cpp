#include "jetpinn/compress/adapt.hpp"

#include "support/small_assembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

MeasuredRows rows_of(std::int64_t count, double offset = 0) {
  MeasuredRows rows;
  rows.coordinates.resize(2);
  rows.fields.resize(1);
  for (std::int64_t i = 0; i < count; ++i) {
    const double t = std::fmod(0.37 * static_cast<double>(i), 1), x = std::fmod(0.618 * static_cast<double>(i), 2) - 1;
    rows.coordinates[0].push_back(t);
    rows.coordinates[1].push_back(x);
    rows.fields[0].push_back(offset + std::exp(-0.1 * M_PI * M_PI * t) * std::sin(M_PI * x));
  }
  return rows;
}

struct Case {
  Communicator communicator;
  Assembly assembly = test::small_assembly();
  std::vector<double> start;

  Case() : start(static_cast<std::size_t>(assembly.network.parameters)) { initialize(assembly.network, 1, start.data()); }
  Adapter adapter(const AdaptOptions& options) { return Adapter(communicator, assembly, {}, start, {0}, options); }
};

const std::string no_step = "loss or gradient was not finite, so that no step could be taken";

AdaptOptions bold() {
  AdaptOptions options;
  options.rate = 1e-2;
  options.allowed = 10;
  return options;
}

TEST(Adapt, UpdatesBringTheErrorDown) {
  Case sample;
  Adapter adapter = sample.adapter(bold());
  const AdaptUpdate first = adapter.update(rows_of(64));
  AdaptUpdate last;
  for (int k = 0; k < 5; ++k) last = adapter.update(rows_of(64));
  EXPECT_TRUE(first.kept && last.kept) << first.taken_back << last.taken_back;
  EXPECT_LT(first.validation, first.validation_before);
  EXPECT_LT(last.error, 0.7 * first.error);
  EXPECT_EQ(last.number, 6);
}

// The farther from the trained weights, the dearer.
TEST(Adapt, ElasticityHoldsWeightsBack) {
  const auto moved = [](double elastic) {
    Case sample;
    AdaptOptions options = bold();
    options.elastic = elastic;
    Adapter adapter = sample.adapter(options);
    for (int k = 0; k < 5; ++k) adapter.update(rows_of(64));
    double square = 0;
    for (std::size_t i = 0; i < sample.start.size(); ++i)
      square += (adapter.parameters()[i] - sample.start[i]) * (adapter.parameters()[i] - sample.start[i]);
    return std::sqrt(square);
  };
  EXPECT_LT(moved(100), 0.5 * moved(0));
}

TEST(Adapt, WhatIsNoNumberIsTakenBack) {
  Case sample;
  AdaptOptions options = bold();
  options.rate = 1e200;
  Adapter adapter = sample.adapter(options);
  const AdaptUpdate update = adapter.update(rows_of(64));
  EXPECT_FALSE(update.kept);
  EXPECT_EQ(adapter.parameters(), sample.start);
}

TEST(Adapt, RowsThatNoStepCanTakeAreFound) {
  Case sample;
  Adapter adapter = sample.adapter(bold());
  EXPECT_EQ(adapter.learnable(rows_of(64)), 64);
  for (const double absurd : {1e300, -1e155, 1e9, std::nan(""), HUGE_VAL}) {
    MeasuredRows rows = rows_of(64);
    rows.fields[0][40] = rows.fields[0][50] = absurd;
    EXPECT_EQ(adapter.learnable(rows), 40) << absurd;
  }
  MeasuredRows far = rows_of(64);
  far.fields[0][40] = Adapter::largest_error() * adapter.sizes()[0] / 2;
  ASSERT_EQ(adapter.learnable(far), 64);
  adapter.update(far);
  EXPECT_NE(adapter.update(rows_of(64)).taken_back, no_step);
}

// Rows of an older folder, which were not looked at. Every fifth one is for validation alone.
TEST(Adapt, AnUpdateWithoutAStepIsTakenBack) {
  for (const std::size_t place : {3, 4}) {
    Case sample;
    Adapter adapter = sample.adapter(bold());
    MeasuredRows absurd = rows_of(10);
    absurd.fields[0][place] = 1e300;
    adapter.remember(absurd);
    const AdaptUpdate update = adapter.update(rows_of(64));
    EXPECT_FALSE(update.kept);
    EXPECT_EQ(update.taken_back, place == 3 ? no_step : "the error of rows that are not trained on is inf");
    EXPECT_EQ(adapter.parameters(), sample.start);
  }
}

// As `evaluate --physics --against` measures it: residuals in the units in which they are written, whatever the steps divide
// them by.
TEST(Adapt, StatementsAreJudgedAsWritten) {
  for (const bool scaled : {false, true}) {
    ProblemText text = testing::text_of(
        {testing::term("heat", "1e6*(u_t - 0.1*u_xx)"), testing::term("initial", "u - sin(pi*x)", "t == 0")});
    text.scales.automatic = scaled;
    NetworkOptions network;
    network.hidden = {6, 6};
    SamplingOptions sampling;
    sampling.points = {{"heat", 30}, {"initial", 10}};
    Communicator communicator;
    Assembly assembly = assemble(build_problem(text), network, sampling, 0, 1);
    std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
    initialize(assembly.network, 1, parameters.data());
    const PhysicsPoints points(assembly, {});
    StatementEvaluator evaluator(communicator, assembly, {}, parameters, points);
    const std::vector<StatementSizes> sizes = evaluator.sizes();
    const std::vector<StatementMeasure> before = evaluator.measures(sizes);
    AdaptOptions options = bold();
    options.allowed = 1e5;
    Adapter adapter(communicator, assembly, {}, parameters, {0}, options);
    const AdaptUpdate update = adapter.update(rows_of(64));
    ASSERT_TRUE(update.kept) << update.taken_back;
    parameters = adapter.parameters();
    const std::vector<StatementMeasure> after = evaluator.measures(sizes);
    double worst = physics_change(before[0], after[0]);
    for (std::size_t t = 1; t < after.size(); ++t) worst = std::max(worst, physics_change(before[t], after[t]));
    EXPECT_DOUBLE_EQ(update.worst_change, worst) << scaled;
    EXPECT_NE(worst, 0) << scaled;
  }
}

TEST(Adapt, ResumingIsHavingGoneOn) {
  Case whole, parts;
  Adapter one = whole.adapter(bold());
  std::vector<double> errors;
  for (int k = 0; k < 3; ++k) errors.push_back(one.update(rows_of(48)).error);
  Adapter other = parts.adapter(bold());
  MeasuredRows all;
  for (int k = 0; k < 3; ++k)
    for (std::int64_t i = 0; i < 48; ++i) all.add(rows_of(48), i);
  for (const auto& [begin, end] : {std::pair(0, 100), std::pair(100, 144)}) {  // cut otherwise than the updates were
    MeasuredRows piece;
    for (std::int64_t i = begin; i < end; ++i) piece.add(all, i);
    other.remember(piece);
  }
  other.resume(one.parameters(), errors);
  const AdaptUpdate a = one.update(rows_of(64, 3)), b = other.update(rows_of(64, 3));
  EXPECT_EQ(a.validation, b.validation);
  EXPECT_EQ(one.parameters(), other.parameters());
}

TEST(Adapt, ErrorsThatGrowAreDrift) {
  Case sample;
  AdaptOptions options = bold();
  options.steps = 1;
  options.rate = 1e-6;
  Adapter adapter = sample.adapter(options);
  for (int k = 0; k < Adapter::window; ++k) EXPECT_FALSE(adapter.update(rows_of(32)).drifts);
  for (int k = 0; k < Adapter::window - 1; ++k) adapter.update(rows_of(32, 20));
  EXPECT_TRUE(adapter.update(rows_of(32, 20)).drifts);
}

TEST(Adapt, ZerosStayZero) {
  Case sample;
  const ParameterBlock& weight = sample.assembly.network.layers[2].blocks[0];
  for (std::int64_t i = 0; i < weight.size(); i += 2) sample.start[static_cast<std::size_t>(weight.offset + i)] = 0;
  Adapter adapter = sample.adapter(bold());
  ASSERT_TRUE(adapter.update(rows_of(64)).kept);
  for (std::int64_t i = 0; i < weight.size(); ++i)
    EXPECT_EQ(adapter.parameters()[static_cast<std::size_t>(weight.offset + i)] == 0, i % 2 == 0) << i;
}

}  // namespace
}  // namespace jetpinn
