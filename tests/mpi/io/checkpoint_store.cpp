#include "jetpinn/io/checkpoint_store.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/io/checkpoint_manifest.hpp"
#include "jetpinn/io/hash.hpp"
#include "support/checkpoint_case.hpp"
#include "support/file_damage.hpp"
#include "support/not_run.hpp"
#include "support/shared_folder.hpp"
#include "support/small_disk.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using namespace testing;

using test::world;

class Checkpoint : public ::testing::Test {
 protected:
  const SharedFolder run_;
  const std::string path_ = run_.file("checkpoints");
  CheckpointStore store_{world(), run_.path(), {}};

  // The state of a step is that of the case with its number.
  void save(std::int64_t step, double loss = 1.0) { save(store_, step, loss); }
  static void save(CheckpointStore& store, std::int64_t step, double loss = 1.0) {
    CheckpointCase state(static_cast<int>(step));
    store.save(facts_of(step, loss), state.state());
  }
  // Loads in a new process's stead.
  LoadedCheckpoint expect_loaded(std::int64_t step, const std::vector<std::string>& rejected = {}) const {
    const auto found = CheckpointStore(world(), run_.path(), {}).load();
    EXPECT_TRUE(found);
    if (!found) return {};
    EXPECT_EQ(found->facts.step, step);
    CheckpointCase state(0), wanted(static_cast<int>(step));
    restore(state.state(), found->values);
    EXPECT_TRUE(state == wanted) << "step " << step;
    EXPECT_EQ(found->rejected.size(), rejected.size());
    for (std::size_t k = 0; k < std::min(rejected.size(), found->rejected.size()); ++k)
      EXPECT_NE(found->rejected[k].find(rejected[k]), std::string::npos)
          << rejected[k] << " is not in: " << found->rejected[k];
    return *found;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(path_)) result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    world().barrier("test");
    return result;
  }
};

using Names = std::vector<std::string>;

TEST_F(Checkpoint, WhatIsSavedIsLoadedOnEveryRank) {
  EXPECT_FALSE(store_.load());
  EXPECT_FALSE(fs::exists(path_)) << "looking changes nothing";
  save(120, 1.0 / 3.0);
  EXPECT_EQ(store_.newest(), run_.file("checkpoints/step-00000120"));
  const LoadedCheckpoint found = expect_loaded(120);
  EXPECT_EQ(found.folder, run_.file("checkpoints/step-00000120"));
  EXPECT_EQ(found.facts.stage, 1);
  EXPECT_EQ(found.facts.loss, 1.0 / 3.0);
  EXPECT_EQ(found.facts.time_s, 0.1 + 0.2);
  EXPECT_EQ(found.facts.ranks, 2);
  EXPECT_EQ(found.facts.reproducibility, "ranks");
  EXPECT_EQ(found.facts.config_hash, "0123456789abcdef");
  EXPECT_EQ(found.facts.version, "1.2.3");
}

TEST_F(Checkpoint, TimeIsAccountedToCheckpoints) {
  const double before = region_times()[Region::checkpoint];
  save(1);
  EXPECT_GT(region_times()[Region::checkpoint], before);
  EXPECT_STREQ(to_string(Region::checkpoint), "checkpoint");
}

TEST_F(Checkpoint, NewestTwoAreKeptAndTheNewestIsLoaded) {
  for (std::int64_t step : {1, 2, 3}) save(step, 1.0 / static_cast<double>(step));
  EXPECT_EQ(names(), (Names{"latest", "step-00000002", "step-00000003"}));
  expect_loaded(3);
}

TEST_F(Checkpoint, SameStepAgainReplacesIt) {
  save(1), save(2);
  CheckpointCase other(77);
  store_.save(facts_of(2), other.state());
  EXPECT_EQ(names(), (Names{"latest", "step-00000001", "step-00000002"}));
  CheckpointCase state(0);
  restore(state.state(), store_.load()->values);
  EXPECT_TRUE(state == other);
}

TEST_F(Checkpoint, OneMovedAsideByADeadProcessIsLoaded) {
  save(1), save(2);
  on_root([&] { fs::rename(path_ + "/step-00000002", path_ + "/.old-step-00000002"); });
  expect_loaded(2);
  on_root([&] { fs::create_directories(path_ + "/.tmp-3-1"); });
  expect_loaded(2);
  save(3);
  EXPECT_EQ(names(), (Names{"latest", "step-00000002", "step-00000003"}));
}

// ---- what the ranks hold

TEST_F(Checkpoint, RankWithAnotherStateIsNamed) {
  if (world().size() == 1) GTEST_SKIP() << "one rank agrees with itself";
  save(1);
  const auto expect_refused = [&](const std::vector<int>& wrong, const std::string& words) {
    CheckpointCase state(2);
    if (std::count(wrong.begin(), wrong.end(), world().rank())) state.parameters[1] = 0.0;   // instead of -0
    try {
      store_.save(facts_of(2), state.state());
      ADD_FAILURE() << "it was saved";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::communication);
      if (world().root()) {
        EXPECT_NE(std::string(error.what()).find("step 2: " + words), std::string::npos) << error.what();
      }
    }
    world().barrier("test");
    EXPECT_EQ(names(), (Names{"latest", "step-00000001"}));
  };
  if (world().size() == 2) expect_refused({1}, "rank 1 holds another state than rank 0");
  if (world().size() == 2) expect_refused({0}, "rank 1 holds another state than rank 0");
  if (world().size() == 3) expect_refused({0}, "rank 0 holds another state than the other ranks");
  if (world().size() == 4) expect_refused({2}, "rank 2 holds another state than the other ranks");
  if (world().size() == 4) expect_refused({1, 2}, "ranks 1 and 2 hold another state than rank 0");
  expect_loaded(1);
}

// ---- damage

class Damage : public Checkpoint {
 protected:
  const std::string newest_ = path_ + "/step-00000002", manifest_ = newest_ + "/manifest.json",
                    state_ = newest_ + "/state.h5";
  std::string sound_manifest_, sound_state_;

  Damage() {
    save(1), save(2);
    sound_manifest_ = bytes_of(manifest_), sound_state_ = bytes_of(state_);
    world().barrier("test");
  }
  void mend() { put_bytes(manifest_, sound_manifest_), put_bytes(state_, sound_state_); }
};

TEST_F(Damage, TruncationIsFound) {
  for (const std::string& file : {state_, manifest_}) {
    const std::size_t size = fs::file_size(file);
    std::vector<std::size_t> lengths{0, 1, size - 1};
    for (std::size_t length = 1024; length < size; length += 1024) lengths.push_back(length);
    for (std::size_t length : lengths) {
      world().barrier("test");
      on_root([&] { fs::resize_file(file, length); });
      expect_loaded(1, {file});
      on_root([&] { mend(); });
    }
  }
  on_root([&] { put_bytes(state_, sound_state_ + "x"); });
  expect_loaded(1, {state_});
  on_root([&] { mend(); });
  expect_loaded(2);
}

// All of them on one rank; on more, which read the same files in the same way, other quarters of them.
TEST_F(Damage, FlippedBitsAreFound) {
  std::uint64_t random = 1;   // the same on every rank
  for (int k = 0; k < 200; ++k) {
    random = hash_of(&random, sizeof random);
    if (world().size() > 1 && k % 4 != world().size() % 4) continue;
    const std::uint64_t bit = random % (8 * (sound_state_.size() + sound_manifest_.size()));
    const bool state = bit < 8 * sound_state_.size();
    on_root([&] { state ? flip_bit(state_, bit) : flip_bit(manifest_, bit - 8 * sound_state_.size()); });
    expect_loaded(1, {state ? state_ : manifest_});
    on_root([&] { mend(); });
  }
  expect_loaded(2);
}

TEST_F(Damage, WhatIsMissingOrStrangeIsNamed) {
  const auto strange = [&](const std::string& words, const auto& work) {
    on_root(work);
    expect_loaded(1, {words});
    on_root([&] {
      fs::remove_all(newest_);
      fs::create_directory(newest_);
      mend();
    });
  };
  strange(manifest_ + ": there is no such file", [&] { fs::remove(manifest_); });
  strange(manifest_ + ": there is no such file", [&] { fs::remove(manifest_), ::mkfifo(manifest_.c_str(), 0600); });
  strange(manifest_ + ": it is too long", [&] { fs::resize_file(manifest_, std::uintmax_t{1} << 30); });
  strange(state_ + ": there is no such file", [&] { fs::remove(state_); });
  strange(state_ + ": there is no such file", [&] { fs::remove(state_), fs::create_directory(state_); });
  strange(newest_, [&] { fs::remove_all(newest_), put_bytes(newest_, "a file"); });
  strange(newest_, [&] { fs::remove_all(newest_), fs::create_directory_symlink("step-00000002", newest_); });
  strange(newest_ + ": its manifest is that of step 1", [&] {
    fs::remove_all(newest_);
    fs::copy(path_ + "/step-00000001", newest_);
  });
  strange("schema 3", [&] {
    std::string text = sound_manifest_.substr(0, sound_manifest_.rfind("  \"xxh3\""));
    text.replace(text.find("\"schema\": 1"), 11, "\"schema\": 3");
    put_bytes(manifest_, text + "  \"xxh3\": \"" + hex(hash_of(text)) + "\"\n}\n");
  });
  // Sound hashes, but the datasets are not those of the manifest.
  const CheckpointManifest sound = parse_manifest(sound_manifest_, manifest_);
  for (std::size_t k = 0; k < sound.datasets.size(); ++k) {
    CheckpointManifest other = sound;
    other.datasets[k].hash ^= 1;
    strange("'" + other.datasets[k].name + "'", [&] { put_bytes(manifest_, to_text(other)); });
    other = sound;
    other.datasets[k].count = std::int64_t{1} << 59;
    strange("'" + other.datasets[k].name + "'", [&] { put_bytes(manifest_, to_text(other)); });
    other = sound;
    other.datasets[k].name += "_2";
    strange("'" + other.datasets[k].name + "'", [&] { put_bytes(manifest_, to_text(other)); });
  }
  expect_loaded(2);
}

TEST_F(Damage, NothingSoundIsAnErrorThatNamesAll) {
  on_root([&] { flip_bit(state_, 4321), flip_bit(path_ + "/step-00000001/manifest.json", 99); });
  try {
    CheckpointStore(world(), run_.path(), {}).load();
    ADD_FAILURE() << "it was loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::storage);
    for (const char* word : {"step-00000001/manifest.json", "step-00000002/state.h5", "--force"})
      EXPECT_TRUE(!world().root() || std::string(error.what()).find(word) != std::string::npos) << error.what();
  }
}

TEST_F(Damage, RejectedOneIsSetAsideByTheNextSave) {
  on_root([&] { flip_bit(state_, 4321); });
  CheckpointStore process(world(), run_.path(), {});
  EXPECT_EQ(process.load()->facts.step, 1);
  EXPECT_EQ(names(), (Names{"latest", "step-00000001", "step-00000002"}));
  save(process, 3);
  EXPECT_EQ(names(), (Names{"latest", "rejected-step-00000002", "step-00000001", "step-00000003"}));
  expect_loaded(3);
}

TEST_F(Damage, RejectedOneOfTheSameStepIsReplaced) {
  on_root([&] { flip_bit(state_, 4321); });
  CheckpointStore process(world(), run_.path(), {});
  EXPECT_EQ(process.load()->facts.step, 1);
  save(process, 2);
  expect_loaded(2);
}

// ---- verification

void expect_unwritten(CheckpointStore& store, std::int64_t step, const std::vector<std::string>& words, int speaker) {
  CheckpointCase state(static_cast<int>(step));
  try {
    store.save(facts_of(step), state.state());
    ADD_FAILURE() << "it was saved";
  } catch (const FailedElsewhere& error) {
    EXPECT_EQ(error.status(), Status::storage);
    EXPECT_EQ(error.rank(), speaker);
    EXPECT_NE(world().rank(), speaker);
  } catch (const Error& error) {
    EXPECT_EQ(world().rank(), speaker);
    EXPECT_EQ(error.status(), Status::storage);
    for (const std::string& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << word << " is not in: " << error.what();
  }
  world().barrier("test");
}

TEST_F(Checkpoint, AnotherRankFindsWhatWasWrittenWrong) {
  const int verifier = world().size() > 1 ? 1 : 0;
  save(1);
  store_.before_verification = [](const std::string& folder) { flip_bit(folder + "/state.h5", 54321); };
  expect_unwritten(store_, 2, {"step 2", "state.h5", "damaged"}, verifier);
  // Written wrong before the file was hashed: only the hashes of the values in memory tell.
  store_.before_verification = [](const std::string& folder) {
    CheckpointManifest manifest = parse_manifest(bytes_of(folder + "/manifest.json"), "m");
    CheckpointCase other(2);
    other.parameters[500] += 1;
    write_state_file(folder + "/state.h5", other.state());
    manifest.file_bytes = static_cast<std::int64_t>(fs::file_size(folder + "/state.h5"));
    manifest.file_hash = hash_of_file(folder + "/state.h5");
    put_bytes(folder + "/manifest.json", to_text(manifest));
  };
  expect_unwritten(store_, 2, {"'optimizer/moments/first'", "hash"}, verifier);
  store_.before_verification = [](const std::string& folder) {
    CheckpointManifest manifest = parse_manifest(bytes_of(folder + "/manifest.json"), "m");
    manifest.datasets.pop_back();
    put_bytes(folder + "/manifest.json", to_text(manifest));
  };
  expect_unwritten(store_, 2, {"another state"}, verifier);
  EXPECT_EQ(names(), (Names{"latest", "step-00000001"}));
  expect_loaded(1);
  store_.before_verification = nullptr;
  save(2);
  expect_loaded(2);
}

TEST_F(Checkpoint, FilesThatAppearLateAreWaitedFor) {
  std::thread late;
  store_.before_verification = [&](const std::string& folder) {
    fs::rename(folder + "/manifest.json", folder + "/hidden");
    late = std::thread([folder] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      fs::rename(folder + "/hidden", folder + "/manifest.json");
    });
  };
  save(1);
  if (late.joinable()) late.join();
  expect_loaded(1);
}

// ---- storage that fails

TEST_F(Checkpoint, FullDiskLeavesTheOlderOne) {
  // Only rank 0 sees the disk; what it cannot write the others do not ask for.
  std::optional<SmallDisk> disk;
  if (world().root()) {
    fs::create_directory(path_);
    disk.emplace(path_);
  }
  double mounted = disk && disk->valid();
  world().sum("test", &mounted, 1);
  if (mounted == 0) JETPINN_NOT_RUN("this process may not mount a file system");

  CheckpointCase large(2, 20000);   // 156 KiB
  for (std::int64_t kib = 4; kib < 164; kib += 4) {
    SCOPED_TRACE(kib);
    on_root([&] { disk->leave_free(kib); });
    EXPECT_THROW(store_.save(facts_of(2), large.state()), Error);
    world().barrier("test");
    if (world().root()) {
      EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 0) << "half a checkpoint is left";
    }
  }
  on_root([&] { disk->leave_free(4); });
  expect_unwritten(store_, 3, {"step 3", "No space left on device"}, 0);
  disk.reset();
  world().barrier("test");
  save(4);
  expect_loaded(4);
}

TEST_F(Checkpoint, VanishedFolderIsAnErrorUntilItIsBack) {
  save(1);
  world().barrier("test");
  on_root([&] { fs::rename(run_.path(), run_.path() + "-away"); });
  expect_unwritten(store_, 2, {"step 2", path_, "No such file"}, 0);
  on_root([&] { fs::rename(run_.path() + "-away", run_.path()); });
  expect_loaded(1);
  world().barrier("test");
  on_root([&] { fs::remove_all(path_); });
  save(2);
  expect_loaded(2);
}

TEST_F(Checkpoint, ReadOnlyFolderIsAnError) {
  save(1);
  world().barrier("test");
  const bool superuser = ::geteuid() == 0;   // may write everywhere: become somebody else
  on_root([&] {
    fs::permissions(run_.path(), fs::perms(0755)), fs::permissions(path_, fs::perms(0555));
    EXPECT_TRUE(!superuser || ::seteuid(65534) == 0);
  });
  expect_unwritten(store_, 2, {"step 2", path_, "Permission denied"}, 0);
  on_root([&] {
    EXPECT_TRUE(!superuser || ::seteuid(0) == 0);
    fs::permissions(path_, fs::perms(0755));
  });
  expect_loaded(1);
  save(2);
  expect_loaded(2);
}

// ---- files of earlier versions

// tests/data/checkpoints/README.md says how it was made.
TEST(Golden, SchemaOneStaysReadable) {
  const char* source = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "JETPINN_SOURCE_DIR is not set: ctest sets it";
  const auto found = CheckpointStore(world(), std::string(source) + "/tests/data/checkpoints/schema-1", {}).load();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->rejected.empty());
  EXPECT_EQ(found->facts.step, 120);
  EXPECT_EQ(found->facts.stage, 1);
  EXPECT_EQ(found->facts.loss, 1.0 / 3.0);
  EXPECT_EQ(found->facts.time_s, 0.1 + 0.2);
  EXPECT_EQ(found->facts.config_hash, "0123456789abcdef");
  CheckpointCase state(0, 20), wanted(7, 20);
  restore(state.state(), found->values);
  EXPECT_TRUE(state == wanted);
}

TEST(Golden, DISABLED_WritesOne) {
  const char* folder = std::getenv("JETPINN_WRITE_CHECKPOINT");
  ASSERT_NE(folder, nullptr) << "JETPINN_WRITE_CHECKPOINT names no folder";
  CheckpointCase state(7, 20);
  CheckpointStore(world(), folder, {}).save(facts_of(120), state.state());
}

}  // namespace
}  // namespace jetpinn
