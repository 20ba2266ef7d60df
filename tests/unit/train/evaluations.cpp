#include "jetpinn/train/evaluations.hpp"

#include "jetpinn/network/network.hpp"
#include "jetpinn/train/held_out_fit.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/problem_text.hpp"
#include "support/table_case.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

NetworkOptions small_network() {
  NetworkOptions network;
  network.hidden = {6, 5};
  return network;
}

// Two residuals with weights of their own; `corners` are two single points.
Problem rod_problem() {
  TermText heat = testing::term("heat", "u_t - u_xx"),
           corners = testing::term("corners", "u - x", "t == 0 && x == -1 || t == 0 && x == 1");
  heat.residuals.push_back(testing::source("u_x"));
  heat.weight = {testing::source("1 + t"), testing::source("3")};
  return testing::problem_of({heat, corners});
}

using Places = std::set<std::pair<double, double>>;
Places places_of(const TermPoints& points) {
  Places places;
  for (std::int64_t i = 0; i < points.local_count; ++i) places.insert({points.coordinate(0)[i], points.coordinate(1)[i]});
  return places;
}

TEST(IndependentPoints, AreATenthAndNeverThoseOfTheTraining) {
  for (const SamplingMethod method :
       {SamplingMethod::sobol, SamplingMethod::grid, SamplingMethod::lhs, SamplingMethod::uniform}) {
    SamplingOptions sampling;
    sampling.method = method;
    sampling.points = {{"heat", 2000}, {"corners", 2}};
    const Assembly assembly = assemble(rod_problem(), small_network(), sampling, 3, 1);
    const PointSet trained = make_points(assembly, 0, 0), next = make_points(assembly, 0, 1),
                   independent = make_independent_points(assembly, 0);
    EXPECT_EQ(independent.terms[0].global_count, 200);
    const Places own = places_of(independent.terms[0]);
    EXPECT_EQ(own.size(), 200u);
    for (const PointSet* set : {&trained, &next})
      for (const auto& place : places_of(set->terms[0])) EXPECT_EQ(own.count(place), 0u) << to_string(method);
    EXPECT_EQ(places_of(independent.terms[1]), places_of(trained.terms[1]));   // there are no others
  }
  SamplingOptions few;
  few.points = {{"heat", 8}, {"corners", 2}};
  EXPECT_EQ(assemble(rod_problem(), small_network(), few, 3, 1).independent, (std::vector<std::int64_t>{50, 2}));
}

TEST(IndependentPoints, AreTheSameForAnyRanks) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 2000}, {"corners", 2}};
  const Assembly alone = assemble(rod_problem(), small_network(), sampling, 3, 1),
                 shared = assemble(rod_problem(), small_network(), sampling, 3, 3);
  for (std::size_t t : {0, 1}) {
    Places all;
    std::int64_t count = 0;
    for (int rank : {0, 1, 2}) {
      const PointSet points = make_independent_points(shared, rank);
      for (const auto& place : places_of(points.terms[t])) all.insert(place);
      count += points.terms[t].local_count;
    }
    EXPECT_EQ(all, places_of(make_independent_points(alone, 0).terms[t]));
    EXPECT_EQ(count, alone.independent[t]);
  }
}

// The loss that a training would have on these points, by the engine's own sums; and no work counts that is no training.
TEST(Evaluations, LossIsThatOfATrainingOnThePoints) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 2000}, {"corners", 2}};
  const Assembly assembly = assemble(rod_problem(), small_network(), sampling, 3, 1);
  const auto engine = make_engine({}, assembly.network, assembly.terms);
  std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters)), gradient(parameters);
  initialize(assembly.network, 5, parameters.data());
  TermSums sums;
  engine->loss_and_gradient(Stream{}, parameters.data(), make_independent_points(assembly, 0), gradient.data(), sums);

  Evaluations evaluations(world(), assembly);
  evaluations.use(make_engine({}, assembly.network, {assembly.fields}));
  EXPECT_TRUE(std::isnan(evaluations.loss()));
  const double flop = engine->product_flop();
  evaluations.measure(world(), *engine, parameters);
  EXPECT_EQ(engine->product_flop(), flop);
  ASSERT_EQ(evaluations.weighted_terms().size(), 2u);
  // Sums of 200 values in another order.
  for (std::size_t t : {0, 1}) EXPECT_NEAR(evaluations.weighted_terms()[t], sums.weighted[t], 1e-13 * sums.weighted[t]) << t;
  EXPECT_EQ(evaluations.loss(), evaluations.weighted_terms()[0] + evaluations.weighted_terms()[1]);
  EXPECT_GT(evaluations.weighted_terms()[1], 0);
}

// What is measured in a stage is measured with its weights, at as many points as follow from its number.
TEST(Evaluations, LossIsThatOfTheStage) {
  TermText heat = testing::term("heat", "u_t - u_xx");
  ProblemText text = testing::text_of({heat, testing::term("walls", "u - x", "x == 1")});
  text.stage_weights.resize(3);
  text.stage_weights[1]["heat"] = {{testing::source("2 + t")}, {}};
  SamplingOptions sampling;
  sampling.points = {{"heat", 600}, {"walls", 50}};
  sampling.stages.resize(3);
  sampling.stages[2].points = {{"heat", 3000}};
  Assembly assembly = assemble(build_problem(text), small_network(), sampling, 3, 1);
  const auto engine = make_engine({}, assembly.network, assembly.terms);
  std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters)), gradient(parameters);
  initialize(assembly.network, 5, parameters.data());
  Evaluations evaluations(world(), assembly);
  evaluations.use(make_engine({}, assembly.network, {assembly.fields}));
  std::set<double> losses;
  for (const std::int64_t stage : {0, 1, 2, 0}) {
    assembly.use_stage(stage);
    TermSums sums;
    engine->loss_and_gradient(Stream{}, parameters.data(), make_independent_points(assembly, 0), gradient.data(), sums);
    evaluations.measure(world(), *engine, parameters);
    EXPECT_NEAR(evaluations.weighted_terms()[0], sums.weighted[0], 1e-13 * sums.weighted[0]) << stage;
    losses.insert(evaluations.loss());
  }
  EXPECT_EQ(losses.size(), 3u);
}

// The root mean square of residual over sigma at the rows that are held out, whatever weight the term has in the loss.
TEST(Evaluations, ValidateByRowsHeldOut) {
  const testing::TemporaryFolder folder;
  const PointTable table = testing::wave_table();
  write_point_table(folder.file("wave.h5"), table);
  const Problem wave = testing::wave_problem(folder.file("wave.h5"), {.weight = "100 + x", .holdout = 0.3});
  const Assembly assembly = assemble(wave, small_network(), {}, 3, 1);
  const auto engine = make_engine({}, assembly.network, assembly.terms);
  const std::vector<double> zero(static_cast<std::size_t>(assembly.network.parameters));  // u = 0: the residual is -u

  Evaluations evaluations(world(), assembly);
  evaluations.use(make_engine({}, assembly.network, {assembly.fields}));
  StepRecord record;
  evaluations.tell(record);
  EXPECT_TRUE(record.validation.empty()) << "not measured yet";
  evaluations.measure(world(), *engine, zero);
  evaluations.tell(record);
  double squares = 0;
  for (const std::int64_t row : *assembly.tables[1].held_out) {
    const auto i = static_cast<std::size_t>(row);
    squares += std::pow(table.column("u")[i] / table.column("su")[i], 2);
  }
  ASSERT_EQ(record.validation.size(), 1u);
  EXPECT_EQ(record.validation[0].term, "measured");
  const double expected = std::sqrt(squares / static_cast<double>(assembly.tables[1].held_out->size()));
  EXPECT_NEAR(record.validation[0].rms, expected, 1e-13 * expected);
  EXPECT_GT(evaluations.weighted_terms()[1], 100 * squares / static_cast<double>(assembly.tables[1].held_out->size()))
      << "the loss on independent points has the weight";
}

TEST(Evaluations, MeasuredFieldsAreFittedAtRowsHeldOut) {
  const testing::TemporaryFolder folder;
  const PointTable table = testing::wave_table();
  write_point_table(folder.file("wave.h5"), table);
  const auto fits = [&](const std::string& residual) {
    const Problem wave = testing::wave_problem(folder.file("wave.h5"), {.residual = residual, .holdout = 0.3});
    const Assembly assembly = assemble(wave, small_network(), {}, 3, 1);
    std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
    parameters.back() = 0.25;   // the bias of the output: u = 1/4
    const auto engine = make_engine({}, assembly.network, assembly.terms);
    Evaluations evaluations(world(), assembly);
    evaluations.use(make_engine({}, assembly.network, {assembly.fields}));
    evaluations.measure(world(), *engine, parameters);
    RunSummary summary;
    evaluations.tell(summary);
    const std::vector<FieldFit> after = held_out_fits(world(), assembly, {}, parameters.data());   // as `evaluate` has them
    EXPECT_EQ(after.size(), summary.held_out.size());
    for (std::size_t k = 0; k < after.size(); ++k) EXPECT_EQ(after[k].r2, summary.held_out[k].r2);
    if (summary.held_out.empty()) return summary.held_out;
    double sum = 0, squares = 0, absolute = 0, spread = 0;
    const auto& rows = *assembly.tables[1].held_out;
    for (const std::int64_t row : rows) {
      const double value = table.column("u")[static_cast<std::size_t>(row)];
      sum += value;
      squares += (0.25 - value) * (0.25 - value);
      absolute += std::abs(0.25 - value);
    }
    const auto count = static_cast<double>(rows.size());
    for (const std::int64_t row : rows)
      spread += std::pow(table.column("u")[static_cast<std::size_t>(row)] - sum / count, 2);
    const FieldFit& fit = summary.held_out[0];
    EXPECT_EQ(fit.term + " " + fit.field, "measured u");
    EXPECT_EQ(fit.rows, static_cast<std::int64_t>(rows.size()));
    EXPECT_NEAR(fit.r2, 1 - squares / spread, 1e-12);
    EXPECT_NEAR(fit.mae, absolute / count, 1e-14);
    EXPECT_NEAR(fit.rmse, std::sqrt(squares / count), 1e-14);
    return summary.held_out;
  };
  for (const char* residual : {"u - data.u", "data.u - u", "-(u - data.u)"})
    EXPECT_EQ(fits(residual).size(), 1u) << residual;
  for (const char* residual : {"u_x - data.u", "u^2 - data.u", "u - 2*data.u", "u + data.u", "2*u - data.u"})
    EXPECT_TRUE(fits(residual).empty()) << residual;
}

}  // namespace
}  // namespace jetpinn
