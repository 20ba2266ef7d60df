#include "jetpinn/train/training_points.hpp"

#include "jetpinn/train/term_points.hpp"

#include "support/stored_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace jetpinn {
namespace {

Assembly assembly(std::int64_t resample_every) {
  NetworkOptions network;
  network.hidden = {6, 6};
  SamplingOptions sampling;
  sampling.points = {{"heat", 30}, {"initial", 10}};
  sampling.resample_every = resample_every;
  return assemble(testing::heat_problem(), network, sampling, 3, 1);
}

std::vector<double> coordinates(const PointSet& points) { return points.terms[0].coordinates; }

TEST(TrainingPoints, AreThoseOfTheirEpoch) {
  const Assembly problem = assembly(2);
  TrainingPoints points(problem, 0);
  points.draw();
  std::vector<bool> drawn;
  for (std::int64_t step = 0; step < 5; ++step) {
    drawn.push_back(points.resample_if_due(step));
    EXPECT_EQ(coordinates(points.set()), coordinates(make_points(problem, 0, static_cast<std::uint32_t>(step / 2)))) << step;
  }
  EXPECT_EQ(drawn, (std::vector<bool>{false, false, true, false, true}));
}

TEST(TrainingPoints, StayWhereNoIntervalIsSet) {
  const Assembly problem = assembly(0);
  TrainingPoints points(problem, 0);
  points.draw();
  for (std::int64_t step = 0; step < 100; ++step) EXPECT_FALSE(points.resample_if_due(step));
}

TEST(TrainingPoints, ACheckpointKeepsTheEpoch) {
  const Assembly problem = assembly(1);
  TrainingPoints before(problem, 0), after(problem, 0);
  before.draw();
  for (std::int64_t step = 1; step < 4; ++step) before.resample_if_due(step);
  restore(after.state(), capture(before.state()));
  after.draw();
  EXPECT_EQ(coordinates(after.set()), coordinates(before.set()));
  EXPECT_NE(coordinates(after.set()), coordinates(make_points(problem, 0, 0)));
}

class StoredTrainingPoints : public ::testing::Test {
 protected:
  StoredTrainingPoints() { write_point_table(folder_.file("set.h5"), testing::stored_table()); }

  Assembly assembly_on(int ranks) const {
    NetworkOptions network;
    network.hidden = {6, 6};
    SamplingOptions sampling = testing::stored_sampling(folder_.file("set.h5"));
    sampling.resample_every = 1;
    return assemble(testing::heat_problem(), network, sampling, 3, ranks);
  }
  // All columns of the stored term.
  static std::vector<double> values(const TrainingPoints& points) {
    const TermPoints& initial = points.set().terms[1];
    std::vector<double> all = initial.coordinates;
    for (const auto* columns : {&initial.weight, &initial.attributes, &initial.data})
      all.insert(all.end(), columns->begin(), columns->end());
    return all;
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(StoredTrainingPoints, AreTheRowsOfTheRanksBlocks) {
  const PointTable table = testing::stored_table();
  for (int ranks : {1, 2, 3}) {
    const Assembly problem = assembly_on(ranks);
    EXPECT_EQ(problem.counts[1], testing::stored_rows);
    std::int64_t held = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      TrainingPoints points(problem, rank);
      points.begin_kept(), points.draw();
      const TermPoints& initial = points.set().terms[1];
      EXPECT_EQ(initial.global_count, testing::stored_rows);
      std::size_t i = 0;
      for (const Block& block : initial.blocks)
        for (auto row = static_cast<std::size_t>(block.first); row < static_cast<std::size_t>(block.first + block.count);
             ++row, ++i) {
          ASSERT_EQ(initial.coordinate(1)[i], table.column("x")[row]);
          ASSERT_EQ(initial.weight[i], table.column("w")[row]);
          ASSERT_EQ(initial.data[static_cast<std::size_t>(initial.local_count) + i], table.column("sigma")[row]);
        }
      EXPECT_EQ(static_cast<std::int64_t>(i), initial.local_count);
      held += initial.local_count;
    }
    EXPECT_EQ(held, testing::stored_rows);
  }
}

TEST_F(StoredTrainingPoints, StayWhenOthersAreResampled) {
  const Assembly problem = assembly_on(1);
  TrainingPoints points(problem, 0);
  points.begin_kept(), points.draw();
  const std::vector<double> before = values(points), generated = coordinates(points.set());
  EXPECT_TRUE(points.resample_if_due(1));
  EXPECT_EQ(values(points), before);
  EXPECT_NE(coordinates(points.set()), generated);
}

TEST_F(StoredTrainingPoints, EveryColumnIsAnItemOfTheState) {
  const Assembly problem = assembly_on(1);
  TrainingPoints points(problem, 0);
  points.begin_kept(), points.draw();
  std::set<std::string> names;
  std::set<const double*> places;
  for (const StateItem& item : points.state()) {
    names.insert(item.name);
    if (const auto* column = std::get_if<SharedColumn>(&item.place)) {
      places.insert(column->data);
      EXPECT_EQ(column->rows, testing::stored_rows);
    }
  }
  EXPECT_EQ(names, (std::set<std::string>{"epoch", "points/initial/coordinates/t", "points/initial/coordinates/x",
                                          "points/initial/weight/0", "points/initial/attributes/normal_t",
                                          "points/initial/attributes/normal_x", "points/initial/attributes/signed_distance",
                                          "points/initial/data/u", "points/initial/data/su"}));
  EXPECT_EQ(places.size(), 8u) << "each has a place of its own";
}

// Whoever exchanges points changes what a checkpoint holds; every column goes back to where it came from.
TEST_F(StoredTrainingPoints, ACheckpointHoldsThePresentOnes) {
  const Assembly problem = assembly_on(2);
  for (int rank : {0, 1}) {
    TrainingPoints before(problem, rank), after(problem, rank);
    before.begin_kept(), before.draw();
    const std::vector<double> first = values(before);
    TermPoints& exchanged = before.kept(1);
    double value = 1000;
    for (auto* columns : {&exchanged.coordinates, &exchanged.weight, &exchanged.attributes, &exchanged.data})
      for (double& number : *columns) number = value++;
    restore(after.state(), capture(before.state()));
    after.draw();
    EXPECT_EQ(values(after), values(before));
    EXPECT_TRUE(exchanged.local_count == 0 || values(after) != first);
  }
}

TEST_F(StoredTrainingPoints, GeneratedPointsCannotBeExchanged) {
  const Assembly problem = assembly_on(1);
  TrainingPoints points(problem, 0);
  EXPECT_THROW(points.kept(0), Error);
}

}  // namespace
}  // namespace jetpinn
