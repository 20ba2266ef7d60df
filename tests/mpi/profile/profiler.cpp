// What the ranks write of each interval: fakes for steps and all-reduces, so that every number is known.
#include "jetpinn/profile/profiler.hpp"

#include "jetpinn/base/error.hpp"
#include "support/not_run.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using testing::SharedFolder;

using test::world;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string file_of(const std::string& run, const char* kind, int rank) {
  char name[32];
  std::snprintf(name, sizeof name, "/profile/%s-%04d.jsonl", kind, rank);
  return run + name;
}

std::vector<IntervalRecord> records_of(const std::string& run) {
  std::vector<IntervalRecord> records;
  for (const std::string& line : lines_of(file_of(run, "rank", world().rank()))) records.push_back(interval_from_json(line));
  return records;
}

void spin(Region region, double seconds) {
  const ScopedRegion scope(region);
  const double until = wall_seconds() + seconds;
  while (wall_seconds() < until) {}
}

double sum_of(const std::map<std::string, double>& regions) {
  return std::accumulate(regions.begin(), regions.end(), 0.0,
                         [](double sum, const auto& entry) { return sum + entry.second; });
}

// The account of regions goes on over all tests of this program; a profiler takes what there was before as its start-up.
class ProfilerTest : public ::testing::Test {
 protected:
  ProfilerTest() { region_times(); }

  static ProfileFacts facts(std::int64_t step) {
    ProfileFacts facts;
    facts.step = facts.evaluations = step;
    facts.points = 100 + world().rank();
    facts.precision = "fp64";
    facts.work.product = {1e6 * static_cast<double>(step), 1e5 * static_cast<double>(step)};
    return facts;
  }

  SharedFolder folder_;
  ProfileOptions options_{10, ProfileDetail::steps};
};

TEST_F(ProfilerTest, EveryRankWritesALinePerInterval) {
  Profiler profiler(world(), folder_.path(), options_, wall_seconds(), facts(0), 0);
  profiler.close(facts(0), {}, 0);   // the start-up
  for (int step = 1; step <= 3; ++step) {
    profiler.begin_step();
    spin(Region::product, 0.004);
    profiler.end_step();
  }
  EXPECT_FALSE(profiler.due(9.9));
  EXPECT_TRUE(profiler.due(10.1));
  profiler.close(facts(3), {0.001, 0.001, 0.001}, 10.1);
  EXPECT_FALSE(profiler.due(20));   // counted from when it was closed
  profiler.close(facts(3), {}, 10.1);   // nothing since: no line
  profiler.close(facts(3), {}, 12, "completed");
  EXPECT_EQ(profiler.failure(), "");

  const std::vector<IntervalRecord> records = records_of(folder_.path());
  ASSERT_EQ(records.size(), 3u);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].rank, world().rank());
    EXPECT_EQ(records[i].ranks, world().size());
    EXPECT_EQ(records[i].interval, static_cast<std::int64_t>(i));
    EXPECT_EQ(records[i].points, 100 + world().rank());
    if (i > 0) {
      EXPECT_EQ(records[i].begin_s, records[i - 1].end_s);   // no gap
      EXPECT_NEAR(sum_of(records[i].regions), records[i].seconds(), 1e-6);   // a record keeps so many digits
    }
  }
  EXPECT_EQ(records[1].first_step, 0);
  EXPECT_EQ(records[1].last_step, 3);
  EXPECT_EQ(records[1].evaluations, 3);
  EXPECT_GE(records[1].regions.at("product"), 0.012);
  EXPECT_EQ(records[1].kernels.at("product").work.flop, 3e6);
  EXPECT_EQ(records[1].kernels.at("product").seconds, records[1].regions.at("product"));
  EXPECT_GE(records[1].step_s.min, 0.004);
  EXPECT_LE(records[1].step_s.min, records[1].step_s.median);
  EXPECT_LE(records[1].step_s.median, records[1].step_s.max);
  EXPECT_EQ(records[1].last, "");
  EXPECT_EQ(records[2].last, "completed");
  EXPECT_EQ(profiler.totals().intervals, 3);
}

// The least over ranks of every all-reduce is moving; what a rank took longer is waiting.
TEST_F(ProfilerTest, WaitingIsWhatAnAllReduceTookBeyondTheFastestRank) {
  Profiler profiler(world(), folder_.path(), options_, wall_seconds(), facts(0), 0);
  profiler.close(facts(0), {}, 0);
  const int rank = world().rank(), ranks = world().size();
  // The last rank comes last to the first all-reduce, the first rank to the second one.
  const std::vector<double> seconds{0.010 + 0.020 * (ranks - 1 - rank), 0.010 + 0.020 * rank};
  const double before = region_times()[Region::allreduce];
  for (double one : seconds) spin(Region::allreduce, one);
  const double held_up = region_times()[Region::allreduce] - before;
  profiler.close(facts(2), seconds, 1);
  const auto records = records_of(folder_.path());
  ASSERT_EQ(records.size(), 2u);
  const auto& regions = records[1].regions;
  const double moved = ranks == 1 ? held_up : 0.020;
  EXPECT_NEAR(regions.at("allreduce_move"), moved, 1e-6);
  EXPECT_NEAR(regions.at("allreduce_wait"), held_up - moved, 1e-6);
  EXPECT_EQ(regions.count("allreduce"), 0u);
}

TEST_F(ProfilerTest, StepsAreTracedNestedUntilTheBudgetIsSpent) {
  const double start = wall_seconds();
  Profiler profiler(world(), folder_.path(), options_, start, facts(0), 0);
  for (int step = 1; step <= 6; ++step) {
    profiler.begin_step();
    {
      const ScopedLabel label("jetpinn::step");
      const ScopedRegion region(Region::product, "jetpinn::loss_and_gradient");
      EXPECT_EQ(region_detail(), step >= 2 && step <= 4);
      push_region(Region::tape);
      pop_region();
    }
    profiler.end_step();
    EXPECT_FALSE(region_detail());
  }
  profiler.close(facts(6), std::vector<double>(6, 0.0), 1);
  profiler.begin_step();   // the first step of an interval
  { const ScopedLabel label("jetpinn::step"); }
  profiler.end_step();

  const auto lines = lines_of(file_of(folder_.path(), "trace", world().rank()));
  ASSERT_EQ(lines.size(), 4u);
  const std::vector<std::int64_t> steps{2, 3, 4, 7};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto json = nlohmann::json::parse(lines[i]);
    EXPECT_EQ(json["rank"], world().rank());
    EXPECT_EQ(json["step"], steps[i]);
    EXPECT_GE(json["begin_s"].get<double>(), 0);
    EXPECT_LE(json["begin_s"].get<double>(), wall_seconds() - start);
    EXPECT_EQ(json["dropped"], 0);
  }
  const auto events = nlohmann::json::parse(lines[0])["events"];
  ASSERT_EQ(events.size(), 3u);
  const std::vector<std::string> names{"jetpinn::step", "jetpinn::loss_and_gradient", "jetpinn::tape"};
  double end = 1e9;
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i][0], names[i]);
    EXPECT_EQ(events[i][3], i);
    const double begin = events[i][1], duration = events[i][2];
    EXPECT_GE(duration, 0);
    EXPECT_LE(begin + duration, end + 0.002);   // within the one around it, to the digits of a line
    end = begin + duration;
  }
}

TEST_F(ProfilerTest, FilesOfAnEarlierPartMoveAside) {
  for (int part = 0; part < 3; ++part) {
    Profiler profiler(world(), folder_.path(), options_, wall_seconds(), facts(0), 0);
    profiler.close(facts(part), {}, 0);
  }
  world().barrier("test");
  for (const char* folder : {"/profile", "/profile/continuation-1", "/profile/continuation-2"}) {
    const std::string path = folder_.path() + folder + file_of("", "rank", world().rank()).substr(8);
    ASSERT_EQ(lines_of(path).size(), 1u) << path;
  }
  EXPECT_EQ(records_of(folder_.path())[0].last_step, 2);
  EXPECT_EQ(interval_from_json(
                lines_of(folder_.path() + "/profile/continuation-1" + file_of("", "rank", world().rank()).substr(8))[0])
                .last_step,
            0);
}

// One rank alone cannot write: all learn of it together, none waits.
TEST_F(ProfilerTest, AFolderThatCannotBeMadeIsAnErrorOnEveryRank) {
  if (world().root()) std::ofstream(folder_.file("profile")) << "in the way\n";
  world().barrier("test");
  EXPECT_THROW(Profiler(world(), folder_.path(), options_, wall_seconds(), facts(0), 0), Error);
}

// The last rank's file is a device that is always full.
TEST_F(ProfilerTest, ALineThatCannotBeWrittenIsToldAndTheRunGoesOn) {
  if (!std::filesystem::exists("/dev/full")) JETPINN_NOT_RUN("there is no /dev/full here");
  const int broken = world().size() - 1;
  if (world().root()) {
    std::filesystem::create_directories(folder_.file("profile"));
    std::filesystem::create_symlink("/dev/full", file_of(folder_.path(), "rank", broken));
  }
  world().barrier("test");
  Profiler profiler(world(), folder_.path(), options_, wall_seconds(), facts(0), 0);
  for (int step = 0; step < 3; ++step) profiler.close(facts(step), std::vector<double>(step > 0 ? 1 : 0), step);
  EXPECT_EQ(profiler.failure().empty(), world().rank() != broken) << profiler.failure();
}

TEST_F(ProfilerTest, TheLastLineOfAFailureNeedsNobody) {
  Profiler profiler(world(), folder_.path(), options_, wall_seconds(), facts(0), 0);
  profiler.close(facts(0), {}, 0);
  spin(Region::allreduce, 0.01);
  profiler.fail(facts(5));
  const auto records = records_of(folder_.path());
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].last, "failed");
  EXPECT_GE(records[1].regions.at(world().size() > 1 ? "allreduce_wait" : "allreduce_move"), 0.01);
}

}  // namespace
}  // namespace jetpinn
