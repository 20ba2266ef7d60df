#include "jetpinn/train/run_log.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace jetpinn {
namespace {

struct RecordingObserver : Observer {
  std::vector<StepRecord> records;
  bool full = false;
  void step(const StepRecord& record) override {
    if (full) throw Error(Status::storage, "no space left");
    records.push_back(record);
  }
};

// A log with a line every 2 s of a run of 100 steps that began at step 40, 5 s after the program.
class RunLogTest : public ::testing::Test {
 protected:
  RunLogTest() {
    auto observer = std::make_unique<RecordingObserver>();
    recorded_ = observer.get();
    log_.add(std::move(observer));
    log_.begin({40, 5, 400, 0});
  }
  void tell(const RunTotals& now, bool due = true) {
    StepRecord record;
    record.due = due;
    log_.step(record, now);
  }

  RunLog log_{2, 0, 100, 0};
  RecordingObserver* recorded_;
};

TEST_F(RunLogTest, TheFirstStepIsDueAndThenWhatTheTimeSays) {
  EXPECT_TRUE(log_.due({41, 5.5, 410, 0}));
  tell({41, 5.5, 410, 0});
  EXPECT_FALSE(log_.due({42, 7.4, 420, 0}));
  tell({42, 7.4, 420, 0}, false);   // an evaluation fell on it
  EXPECT_TRUE(log_.due({43, 7.5, 430, 0})) << "counted from the last line that was due";
  EXPECT_EQ(log_.last_step(), 42);
}

TEST_F(RunLogTest, SomeStepsAreDueWhateverTheTimeSays) {
  log_ = RunLog(1e9, 5, 100, 0);
  log_.begin({0, 0, 0, 0});
  std::vector<std::int64_t> due;
  for (std::int64_t step = 1; step <= 11; ++step)
    if (log_.due({step, 1, 0, 0})) due.push_back(step);
  EXPECT_EQ(due, (std::vector<std::int64_t>{1, 5, 10}));
}

TEST_F(RunLogTest, ACurveHasAtLeastFiftyPointsWhereverARunEnds) {
  std::int64_t points = 0, before = 0;
  for (std::int64_t step = 1; step <= 200000; ++step) {
    if (RunLog::on_curve(step)) {
      ASSERT_LE(step - before, std::max<std::int64_t>(1, step / 25)) << step;
      before = step;
      ++points;
    }
    if (step <= 50) {
      ASSERT_EQ(points, step);
    }
    if (step == 1000) {
      EXPECT_LT(points, 200);
    }
  }
  EXPECT_LT(points, 400);
}

TEST_F(RunLogTest, RecordsForTheCurveChangeNothingElse) {
  tell({50, 7, 500, 1});
  StepRecord record;
  record.due = false;
  record.curve_only = true;
  log_.step(record, {55, 8, 600, 1});
  EXPECT_EQ(recorded_->records.at(1).step, 55);
  EXPECT_EQ(recorded_->records.at(1).points_per_s, 100);
  EXPECT_EQ(log_.last_step(), 50);
  EXPECT_FALSE(log_.due({56, 8.9, 610, 1}));
  EXPECT_TRUE(log_.due({57, 9, 620, 1}));
  tell({60, 11, 900, 3});
  EXPECT_EQ(recorded_->records.at(2).points_per_s, 100) << "since the record before that of the curve";
}

TEST_F(RunLogTest, RatesAreThoseSinceTheLastRecord) {
  tell({50, 7, 500, 1});
  tell({60, 11, 900, 3});
  const StepRecord& record = recorded_->records.at(1);
  EXPECT_EQ(record.step, 60);
  EXPECT_EQ(record.points_per_s, 100);
  EXPECT_EQ(record.utilisation, 0.5);
  EXPECT_EQ(record.eta_s, 12) << "40 steps at the 20 in 6 s of this process";
}

TEST_F(RunLogTest, TheTimeLeftEndsWithTheTimeLimit) {
  log_ = RunLog(2, 0, 100, 8);
  auto observer = std::make_unique<RecordingObserver>();
  recorded_ = observer.get();
  log_.add(std::move(observer));
  log_.begin({0, 0, 0, 0});
  tell({10, 5, 100, 0});
  EXPECT_EQ(recorded_->records.at(0).eta_s, 3);
}

TEST_F(RunLogTest, ALogThatCannotBeWrittenStopsNothing) {
  recorded_->full = true;
  tell({41, 6, 410, 0});
  EXPECT_EQ(log_.failure(), "no space left");
  recorded_->full = false;
  tell({42, 9, 420, 0});
  EXPECT_EQ(recorded_->records.size(), 1u);
}

}  // namespace
}  // namespace jetpinn
