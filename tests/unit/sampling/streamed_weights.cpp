// Weights of streamed rows against a plain list of all of them, on several ranks, and after a stop at any step.
#include "jetpinn/sampling/streamed_weights.hpp"

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/sampling/streamed_points.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t table_rows = 400 * block_points - 100, places = 3;

// What a step makes of a row's weight.
double changed(double weight, double row, std::int64_t steps_done) {
  return 0.5 * weight + row + 0.001 * static_cast<double>(steps_done);
}

// Some ranks in one process, in the order in which PointStreams does what all ranks do.
class Ranks {
 public:
  Ranks(const StoredPointsOptions& options, const SegmentOrder& order, const std::string& file, int ranks) : order_(order) {
    const auto weights_file = std::make_shared<GenerationFile>(file, table_rows, places);
    for (int rank = 0; rank < ranks; ++rank) {
      std::vector<std::int64_t> slots;
      for (std::int64_t slot = rank; slot < order.slots(); slot += ranks) slots.push_back(slot);
      weights_.push_back(std::make_unique<StreamedWeights>(weights_file, order, slots));
      points_.push_back(
          std::make_unique<StreamedPoints>(options, std::vector<std::string>{"x"}, order, slots, weights_.back().get()));
    }
  }

  // all: [rows] as they are expected before the step, and behind it.
  void step(std::int64_t steps_done, std::vector<double>& all) {
    const StreamPlace place{steps_done / order_.steps(), steps_done % order_.steps()};
    if (weights_[0]->holds_any() && weights_[0]->epoch() != place.epoch) put_away();
    for (auto& points : points_) {
      TermPoints taken;
      points->take(place, taken);
      std::vector<double> numbers = points->numbers_at(place);
      ASSERT_EQ(static_cast<std::int64_t>(numbers.size()), taken.local_count);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        double& expected = all[static_cast<std::size_t>(taken.coordinates[i])];
        ASSERT_EQ(numbers[i], expected) << "row " << taken.coordinates[i] << " at step " << steps_done;
        expected = numbers[i] = changed(numbers[i], taken.coordinates[i], steps_done);
      }
      points->put_numbers(place, numbers);
    }
  }
  void put_away() {
    for (auto& weights : weights_) weights->put_away();
  }
  void cut(std::int64_t epoch, std::int64_t window) {
    for (auto& weights : weights_) weights->cut_epoch(epoch, window);
  }
  void take_up(std::int64_t epoch, std::int64_t window) {
    for (auto& weights : weights_) weights->take_up(epoch, window);
  }
  std::int64_t epoch() const { return weights_[0]->epoch(); }
  std::int64_t window() const { return weights_[0]->window(); }

  // What a checkpoint has of them: replicated numbers, and the columns of all ranks as rows.
  std::pair<StateValues, std::vector<double>> save() {
    std::vector<double> column(static_cast<std::size_t>(order_.slots() * order_.segment_points()));
    for (auto& weights : weights_) {
      weights->flush();
      const SharedColumn part = std::get<SharedColumn>(weights->state()[2].place);
      const double* next = part.data;
      for (const Block& block : *part.blocks)
        for (std::int64_t i = 0; i < block.count; ++i) column[static_cast<std::size_t>(block.first + i)] = *next++;
    }
    return {StateValues{{"epoch", weights_[0]->epoch()}, {"window", weights_[0]->window()}}, column};
  }
  void go_on(const std::pair<StateValues, std::vector<double>>& saved) {
    StateValues values = saved.first;
    values["numbers"] = ColumnValue{
        static_cast<std::int64_t>(saved.second.size()),
        [&](std::int64_t first, std::int64_t count, double* out) { std::copy_n(saved.second.begin() + first, count, out); }};
    for (auto& weights : weights_) restore(weights->state(), values);
    for (auto& weights : weights_) weights->verify();
  }

 private:
  const SegmentOrder order_;
  std::vector<std::unique_ptr<StreamedWeights>> weights_;
  std::vector<std::unique_ptr<StreamedPoints>> points_;  // go before the weights
};

class WeightsOfRows : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::string table_ = folder_.file("set.h5"), file_ = folder_.file("weights");
  const SegmentOrder order_{table_rows, 3 * block_points, 3, 1};

  WeightsOfRows() {
    PointTable table{{"x"}, {{}}};
    for (std::int64_t i = 0; i < table_rows; ++i) table.columns[0].push_back(static_cast<double>(i));
    write_point_table(table_, table);
    GenerationFile::create(file_, table_rows, places, 1);
  }
  Ranks ranks(int number, const SegmentOrder& order) const {
    StoredPointsOptions options;
    options.file = table_;
    return Ranks(options, order, file_, number);
  }
  Ranks ranks(int number) const { return ranks(number, order_); }
  static std::vector<double> ones() { return std::vector<double>(table_rows, 1.0); }
};

TEST_F(WeightsOfRows, FollowEveryRowOverEpochsOnAnyRanks) {
  ASSERT_EQ(order_.windows(), 3);
  ASSERT_EQ(order_.slots(), 3);
  for (const int number : {1, 3}) {
    GenerationFile::create(file_, table_rows, places, 1);
    Ranks all = ranks(number);
    std::vector<double> expected = ones();
    for (std::int64_t step = 0; step < 4 * order_.steps() + 1; ++step) all.step(step, expected);
  }
}

// The process that is killed has taken steps behind its checkpoint, up to the end of the next epoch: as far as it may.
TEST_F(WeightsOfRows, AreThoseOfACheckpointHoweverFarTheKilledRunCame) {
  const std::int64_t first = order_.steps() + 2, last = 2 * order_.steps() + 1;
  for (std::int64_t stop = first; stop <= last; stop += 19) {
    GenerationFile::create(file_, table_rows, places, 1);
    std::vector<double> expected = ones(), behind;
    std::pair<StateValues, std::vector<double>> saved;
    {
      Ranks killed = ranks(2);
      for (std::int64_t step = 0; step < stop; ++step) killed.step(step, expected);
      saved = killed.save();
      behind = expected;
      const std::int64_t most = (std::get<std::int64_t>(saved.first.at("epoch")) + 2) * order_.steps();
      for (std::int64_t step = stop; step < most; ++step) killed.step(step, behind);
    }
    Ranks all = ranks(3);
    all.go_on(saved);
    for (std::int64_t step = stop; step < 4 * order_.steps(); ++step) all.step(step, expected);
  }
}

TEST_F(WeightsOfRows, ACheckpointWhoseEpochsAreWrittenOverIsRefused) {
  std::vector<double> expected = ones();
  std::pair<StateValues, std::vector<double>> saved;
  Ranks run = ranks(1);
  for (std::int64_t step = 0; step < order_.steps() + 2; ++step) run.step(step, expected);
  saved = run.save();
  for (std::int64_t step = order_.steps() + 2; step < 4 * order_.steps(); ++step) run.step(step, expected);
  testing::expect_error(Status::storage, {file_, "overwritten by later steps"}, [&] { ranks(2).go_on(saved); });
}

// Of all epochs that a run may come to behind a checkpoint, the places of the two generations that it needs stay.
TEST(GenerationsOfRows, AreNotWrittenOverWhileACheckpointNeedsThem) {
  for (std::int64_t number = 3; number < 6; ++number)
    for (std::int64_t saved = 0; saved < 9; ++saved) {
      std::int64_t epoch = saved;
      while (!takes_what_is_needed(epoch + 1, saved, number)) {
        ++epoch;
        if (saved > 0) {
          EXPECT_NE(epoch % number, (saved - 1) % number);
        }
        EXPECT_NE(epoch % number, saved % number);
      }
      EXPECT_EQ(epoch, std::max<std::int64_t>(saved, 1) + number - 2) << "and no longer; epoch 0 needs none before it";
      EXPECT_TRUE(wants_checkpoint(epoch, saved, number)) << "before it is too late";
      EXPECT_FALSE(wants_checkpoint(saved, saved, number)) << "not at once";
    }
}

TEST_F(WeightsOfRows, GoToOtherRanksWithinAWindow) {
  std::vector<double> expected = ones();
  const std::int64_t stop = order_.steps() + order_.steps_of_window() + 1;
  Ranks before = ranks(3);
  for (std::int64_t step = 0; step < stop; ++step) before.step(step, expected);
  const std::int64_t epoch = before.epoch(), window = before.window();
  before.put_away();
  Ranks after = ranks(2);
  after.take_up(epoch, window);
  for (std::int64_t step = stop; step < 3 * order_.steps(); ++step) after.step(step, expected);
}

// A stage with another number of rows in a step ends the epoch: rows that it has not come to keep their weights.
TEST_F(WeightsOfRows, StayWhereAnEpochIsCut) {
  std::vector<double> expected = ones();
  Ranks before = ranks(2);
  const std::int64_t stop = order_.steps() + order_.steps_of_window() + 1;
  for (std::int64_t step = 0; step < stop; ++step) before.step(step, expected);
  before.put_away();
  before.cut(1, 1);
  const SegmentOrder other{table_rows, 5 * block_points, 3, 1};
  Ranks after = ranks(3, other);
  for (std::int64_t step = 2 * other.steps(); step < 3 * other.steps(); ++step) after.step(step, expected);
}

}  // namespace
}  // namespace jetpinn
