// Scores against what they stand for: differences of the loss and of residuals where a unit is turned down a little.
#include "jetpinn/compress/unit_scores.hpp"

#include "jetpinn/train/term_points.hpp"

#include "support/pruned_case.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using Scores = std::vector<std::vector<double>>;

class UnitScoresOf : public ::testing::TestWithParam<test::PrunedCase> {
 protected:
  UnitScoresOf()
      : assembly_(test::heat_assembly(GetParam().network)),
        groups_(unit_groups(assembly_.network)),
        parameters_(test::trained_parameters(assembly_.network)),
        batches_(score_batches(assembly_, 0)),
        statistics_(unit_statistics(assembly_, batches_, parameters_)),
        engine_(make_engine({}, assembly_.network, assembly_.terms)) {}

  Scores scores(UnitScore score, bool fold) const {
    PruneOptions options;
    options.score = score;
    options.fold = fold;
    return unit_scores(test::world(), options, assembly_, groups_, batches_, statistics_, parameters_);
  }

  // parameters - share * d_u
  std::vector<double> turned_down(const UnitGroup& group, std::int64_t unit, double share, bool fold) const {
    std::vector<double> changed = parameters_;
    for (const int consumer : group.consumers) {
      const Layer& layer = assembly_.network.layers[static_cast<std::size_t>(consumer)];
      const double mean = statistics_.mean[static_cast<std::size_t>(layer.inputs[0])][static_cast<std::size_t>(unit)];
      const ParameterBlock* bias = bias_behind(assembly_.network, consumer);
      for (std::int64_t j = 0; j < layer.units; ++j) {
        if (fold)
          changed[static_cast<std::size_t>(bias->offset + j)] +=
              share * mean * effective_weight(layer, parameters_.data(), unit, j);
        changed[static_cast<std::size_t>(layer.block("weight")->offset + unit * layer.units + j)] *= 1 - share;
      }
    }
    return changed;
  }

  std::vector<double> residuals(std::size_t t, const TermPoints& points, const std::vector<double>& parameters) const {
    std::vector<double> values(static_cast<std::size_t>(points.local_count));
    engine_->residuals(Stream{}, parameters.data(), static_cast<int>(t), points, values.data());
    return values;
  }

  double loss(const PointSet& points, const std::vector<double>& parameters) const {
    double sum = 0;
    for (std::size_t t = 0; t < points.terms.size(); ++t)
      for (const double r : residuals(t, points.terms[t], parameters))
        sum += r * r / static_cast<double>(points.terms[t].local_count);
    return sum;
  }

  Assembly assembly_;
  const UnitGroups groups_;
  const std::vector<double> parameters_;
  const std::vector<PointSet> batches_;
  const UnitStatistics statistics_;
  const std::unique_ptr<Engine> engine_;
};

constexpr double share = 2e-6;     // central differences: their error is of the order share^2
constexpr double accuracy = 1e-6;  // of a difference of fp64 losses of order 1 over 2 share, with a visible factor

TEST_P(UnitScoresOf, TaylorIsTheChangeOfTheLoss) {
  for (const bool fold : {false, true}) {
    const Scores found = scores(UnitScore::taylor, fold);
    for (std::size_t g = 0; g < groups_.groups.size(); ++g) {
      const std::int64_t unit = groups_.groups[g].units / 2;
      double sum = 0;
      for (const PointSet& batch : batches_) {
        const double change = (loss(batch, turned_down(groups_.groups[g], unit, -share, fold)) -
                               loss(batch, turned_down(groups_.groups[g], unit, share, fold))) /
                              (2 * share);
        sum += change * change;
      }
      const double expected = std::sqrt(sum / static_cast<double>(batches_.size()));
      EXPECT_NEAR(found[g][static_cast<std::size_t>(unit)], expected, accuracy * (1 + expected));
    }
  }
}

TEST_P(UnitScoresOf, ResidualIsTheGrowthByChangesOfResiduals) {
  for (const bool fold : {false, true}) {
    const Scores found = scores(UnitScore::residual, fold);
    for (std::size_t g = 0; g < groups_.groups.size(); ++g) {
      const std::int64_t unit = groups_.groups[g].units / 2;
      const PointSet& batch = batches_[0];  // terms of a block have it in every batch
      double sum = 0;
      for (std::size_t t = 0; t < batch.terms.size(); ++t) {
        const std::vector<double> more = residuals(t, batch.terms[t], turned_down(groups_.groups[g], unit, -share, fold)),
                                  less = residuals(t, batch.terms[t], turned_down(groups_.groups[g], unit, share, fold));
        for (std::size_t i = 0; i < more.size(); ++i)
          sum += std::pow((more[i] - less[i]) / (2 * share), 2) / static_cast<double>(more.size());
      }
      EXPECT_NEAR(found[g][static_cast<std::size_t>(unit)], std::sqrt(sum), accuracy * (1 + std::sqrt(sum)));
    }
  }
}

TEST_P(UnitScoresOf, ActivationIsTheSpreadOfWhatIsPassedOn) {
  const Scores folded = scores(UnitScore::activation, true), plain = scores(UnitScore::activation, false);
  for (std::size_t g = 0; g < groups_.groups.size(); ++g)
    for (std::size_t u = 0; u < folded[g].size(); ++u) {
      EXPECT_GE(plain[g][u], folded[g][u]);  // a mean that is not left is lost too
      double sum = 0;
      for (const int consumer : groups_.groups[g].consumers) {
        const Layer& layer = assembly_.network.layers[static_cast<std::size_t>(consumer)];
        for (std::int64_t j = 0; j < layer.units; ++j)
          sum += statistics_.variance[static_cast<std::size_t>(layer.inputs[0])][u] *
                 std::pow(effective_weight(layer, parameters_.data(), static_cast<std::int64_t>(u), j), 2);
      }
      EXPECT_DOUBLE_EQ(folded[g][u], std::sqrt(sum));
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, UnitScoresOf, ::testing::ValuesIn(test::pruned_cases()),
                         [](const auto& info) { return info.param.name; });

TEST(UnitScores, MagnitudeIsWhatGoesInTimesWhatGoesOut) {
  NetworkOptions network;
  network.hidden = {2};
  const Assembly assembly = test::heat_assembly(network);
  // weights [2, 2], biases, weights of the output, its bias
  const std::vector<double> parameters{3, 1, 4, 2, 0, 2, 10, 100, 5};
  PruneOptions options;
  options.score = UnitScore::magnitude;
  const Scores found = unit_scores(test::world(), options, assembly, unit_groups(assembly.network), {}, {}, parameters);
  EXPECT_DOUBLE_EQ(found[0][0], 5 * 10);
  EXPECT_DOUBLE_EQ(found[0][1], 3 * 100);
}

TEST(UnitScores, StatisticsAreThoseOfTheUnits) {
  NetworkOptions network;
  network.hidden = {1};
  Assembly assembly = test::heat_assembly(network);
  const std::vector<double> parameters{0.7, -0.4, 0.2, 1, 0};  // tanh(0.7 f1 - 0.4 f2 + 0.2), features in [-1, 1]
  const std::vector<PointSet> batches = score_batches(assembly, 0);
  double count = 0, sum = 0, squares = 0;
  for (const PointSet& batch : batches)
    for (const TermPoints& points : batch.terms)
      for (std::int64_t i = 0; i < points.local_count; ++i) {
        const double h = std::tanh(0.7 * (2 * points.coordinate(0)[i] - 1) - 0.4 * points.coordinate(1)[i] + 0.2);
        ++count;
        sum += h;
        squares += h * h;
      }
  const UnitStatistics statistics = unit_statistics(assembly, batches, parameters);
  const std::size_t hidden = 1;  // the activation behind the first matrix
  EXPECT_NEAR(statistics.mean[hidden][0], sum / count, 1e-13);
  EXPECT_NEAR(statistics.variance[hidden][0], squares / count - sum * sum / count / count, 1e-13);
}

TEST(UnitScores, PointsAreThoseOfAnyNumberOfRanks) {
  NetworkOptions network;
  network.hidden = {3};
  Assembly alone = test::heat_assembly(network, 1, 5000), shared = test::heat_assembly(network, 3, 5000);
  const std::vector<PointSet> a = score_batches(alone, 0), b = score_batches(shared, 2);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::size_t t = 0; t < 2; ++t) EXPECT_EQ(a[k].terms[t].coordinates, b[k].terms[t].coordinates);
  EXPECT_NE(a[0].terms[0].coordinates, a[1].terms[0].coordinates);
  // The assembly keeps its own points.
  EXPECT_EQ(make_points(shared, 2, 0).terms[0].coordinates,
            make_points(test::heat_assembly(network, 3, 5000), 2, 0).terms[0].coordinates);
}

}  // namespace
}  // namespace jetpinn
