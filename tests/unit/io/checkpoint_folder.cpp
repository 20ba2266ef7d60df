#include "jetpinn/io/checkpoint_folder.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_manifest.hpp"
#include "support/checkpoint_case.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::TemporaryFolder;

class Folder : public ::testing::Test {
 protected:
  const TemporaryFolder run_;
  const std::string path_ = run_.file("checkpoints");
  CheckpointFolder folder_{path_};

  // As save() does, with nothing but a manifest.
  void save(CheckpointFolder& folder, std::int64_t step, double loss = 1, const CheckpointOptions& options = {}) {
    folder.prepare();
    CheckpointManifest manifest;
    manifest.facts = testing::facts_of(step, loss);
    manifest.ordinal = folder.ordinal_for(step);
    const std::string temporary = folder.create_temporary(step);
    write_text_file(temporary + "/manifest.json", to_text(manifest));
    folder.publish(temporary, step);
    folder.prune(options, step);
  }
  void save(std::int64_t step, double loss = 1, const CheckpointOptions& options = {}) {
    save(folder_, step, loss, options);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(path_)) result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
  }
  std::vector<std::int64_t> steps() const {
    std::vector<std::int64_t> result;
    for (const auto& entry : folder_.entries()) result.push_back(entry.step);
    return result;
  }
  std::int64_t ordinal(std::int64_t step) const {
    return parse_manifest(read_text_file(path_ + "/" + CheckpointFolder::name_of(step) + "/manifest.json"), "m").ordinal;
  }
};

using Steps = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

TEST_F(Folder, NamesSortByStep) {
  EXPECT_TRUE(folder_.entries().empty());
  for (const char* name : {"step-00000009", "step-00000100", "step-123456789", "step-9", "step-0000001x", "step--0000001",
                           "step-00000001.old", "other", ".tmp-7-1", "rejected-step-00000500", "step-99999999999999999999"})
    fs::create_directories(path_ + "/" + name);
  EXPECT_EQ(steps(), (Steps{123456789, 100, 9}));
}

TEST_F(Folder, NewestStay) {
  for (std::int64_t step : {10, 20, 30, 40}) save(step, 1.0 / static_cast<double>(step));
  EXPECT_EQ(names(), (Names{"latest", "step-00000030", "step-00000040"}));
  EXPECT_EQ(fs::read_symlink(path_ + "/latest"), "step-00000040");
  save(50, 0, {.keep = 0});   // never none
  EXPECT_EQ(steps(), (Steps{50}));
}

TEST_F(Folder, BestStays) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  save(10, nan), save(20, 0.5), save(30, 0.1), save(40, -infinity), save(50, 0.2), save(60, 0.3), save(70, nan);
  EXPECT_EQ(steps(), (Steps{70, 60, 30}));
  save(80, 0.05), save(90, 0.2), save(100, 0.2);
  EXPECT_EQ(steps(), (Steps{100, 90, 80}));
}

TEST_F(Folder, EveryKthStaysThroughContinuations) {
  const CheckpointOptions options{.keep = 1, .keep_every = 3};
  for (std::int64_t step = 1; step <= 10; ++step) {
    CheckpointFolder process(path_);   // a new one each time
    save(process, step, static_cast<double>(-step), options);   // the newest is the best one
  }
  EXPECT_EQ(steps(), (Steps{10, 9, 6, 3}));
  EXPECT_EQ(ordinal(10), 10);
}

TEST_F(Folder, SameStepKeepsItsNumber) {
  for (std::int64_t step : {1, 2, 3}) save(step);
  save(3, 0.25);
  EXPECT_EQ(ordinal(3), 3);
  EXPECT_EQ(parse_manifest(read_text_file(path_ + "/step-00000003/manifest.json"), "m").facts.loss, 0.25);
  save(4);
  EXPECT_EQ(ordinal(4), 4);
  EXPECT_EQ(names(), (Names{"latest", "step-00000003", "step-00000004"}));   // 3 has the lowest loss besides
}

TEST_F(Folder, WhatDeadProcessesLeftIsRemovedOrMovedBack) {
  save(1), save(2);
  fs::create_directories(path_ + "/.tmp-3-99/deep");
  std::ofstream(path_ + "/.tmp-3-99/deep/state.h5") << "half";
  fs::create_symlink("step-00000002", path_ + "/.tmp-latest-99");
  fs::rename(path_ + "/step-00000002", path_ + "/.old-step-00000002");   // killed between two renames
  EXPECT_EQ(steps(), (Steps{2, 1})) << "it is found where it is";
  EXPECT_EQ(folder_.entries()[0].name, ".old-step-00000002");
  folder_.prepare();
  EXPECT_EQ(names(), (Names{"latest", "step-00000001", "step-00000002"}));

  fs::copy(path_ + "/step-00000002", path_ + "/.old-step-00000002");   // killed before the old one was removed
  EXPECT_EQ(folder_.entries()[0].name, "step-00000002");
  folder_.prepare();
  EXPECT_EQ(names(), (Names{"latest", "step-00000001", "step-00000002"}));
}

TEST_F(Folder, FailedReplacementKeepsTheOldOne) {
  save(5, 0.5);
  expect_error(Status::storage, {"step-00000005", "No such file"}, [&] { folder_.publish(path_ + "/.tmp-none", 5); });
  EXPECT_EQ(names(), (Names{"latest", "step-00000005"}));
}

TEST_F(Folder, LaterStepsAreRejectedNotRemoved) {
  save(10), save(20), save(30);
  save(15);   // the run went on from 10
  EXPECT_EQ(steps(), (Steps{15}));
  EXPECT_EQ(names(), (Names{"latest", "rejected-step-00000020", "rejected-step-00000030", "step-00000015"}));
  save(20), save(30), folder_.reject("step-00000030");   // takes the place of an older one
  EXPECT_EQ(names(), (Names{"latest", "rejected-step-00000020", "rejected-step-00000030", "step-00000020"}));
}

TEST_F(Folder, UnreadableManifestCountsForNothing) {
  save(1), save(2);
  std::ofstream(path_ + "/step-00000002/manifest.json") << "{}";
  CheckpointFolder process(path_);
  save(process, 3);
  EXPECT_EQ(steps(), (Steps{3, 2, 1})) << "two sound ones stay";
  EXPECT_EQ(ordinal(3), 2);
}

TEST_F(Folder, SaysWhatIsWrong) {
  CheckpointFolder nowhere(run_.file("gone/checkpoints"));
  EXPECT_TRUE(nowhere.entries().empty());
  expect_error(Status::storage, {"gone/checkpoints", "No such file"}, [&] { nowhere.prepare(); });
  std::ofstream(path_) << "a file";
  expect_error(Status::storage, {path_}, [&] { folder_.entries(); });
  expect_error(Status::storage, {path_}, [&] { folder_.prepare(); });
}

}  // namespace
}  // namespace jetpinn
