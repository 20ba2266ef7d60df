// Columns whose rows the ranks share, in checkpoints: written by all, found damaged by all, read in any deal.
#include "jetpinn/io/checkpoint_manifest.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/column_file.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/hdf5.hpp"
#include "support/checkpoint_case.hpp"
#include "support/column_case.hpp"
#include "support/file_damage.hpp"
#include "support/not_run.hpp"
#include "support/shared_folder.hpp"
#include "support/small_disk.hpp"
#include "support/world.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using namespace testing;

using test::world;

constexpr std::int64_t many_rows = 12 * block_points + 5;

// This rank's blocks in a deal that the next number deals otherwise; in deal 0 rank 0 has all.
std::vector<Block> dealt(std::int64_t rows, int deal) {
  if (deal == 0) return world().root() ? blocks_in_turns(rows, 0, 1) : std::vector<Block>{};
  return blocks_in_turns(rows, (world().rank() + deal) % world().size(), world().size(), deal);
}

State whole_state(CheckpointCase& replicated, ColumnCase& columns) {
  State all = replicated.state();
  append(all, "", columns.state());
  return all;
}

class Columns : public ::testing::Test {
 protected:
  const SharedFolder run_;
  const std::string path_ = run_.file("checkpoints");
  CheckpointStore store_{world(), run_.path(), {}};

  void save(std::int64_t step, int deal = 1, std::int64_t rows = many_rows) {
    CheckpointCase replicated(static_cast<int>(step));
    ColumnCase columns(static_cast<int>(step), rows, dealt(rows, deal));
    store_.save(facts_of(step), whole_state(replicated, columns));
  }

  // Loads in a new process's stead, in every deal.
  void expect_loaded(std::int64_t step, const std::vector<std::string>& rejected = {}, std::int64_t rows = many_rows) const {
    const auto found = CheckpointStore(world(), run_.path(), {}).load();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->facts.step, step);
    for (int deal : {0, 1, 2}) {
      CheckpointCase replicated(0), wanted(static_cast<int>(step));
      ColumnCase columns(0, rows, dealt(rows, deal));
      columns.forget();
      restore(whole_state(replicated, columns), found->values);
      EXPECT_TRUE(replicated == wanted);
      EXPECT_EQ(columns.first_wrong(static_cast<int>(step)), -1) << "deal " << deal;
    }
    ASSERT_EQ(found->rejected.size(), rejected.size());
    for (std::size_t k = 0; k < rejected.size(); ++k)
      EXPECT_NE(found->rejected[k].find(rejected[k]), std::string::npos)
          << rejected[k] << " is not in: " << found->rejected[k];
    world().barrier("test");
  }

  // All ranks throw, one of them with these words, and no trace is left.
  void expect_unwritten(const std::function<void()>& work, const std::vector<std::string>& words) const {
    try {
      work();
      ADD_FAILURE() << "it was saved";
    } catch (const FailedElsewhere& error) {
      EXPECT_EQ(error.status(), Status::storage);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::storage);
      for (const std::string& word : words)
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << word << " is not in: " << error.what();
    }
    world().barrier("test");
    if (world().root() && fs::exists(path_)) {
      for (const auto& entry : fs::directory_iterator(path_))
        EXPECT_EQ(entry.path().filename().string().rfind(".tmp", 0), std::string::npos) << entry.path();
    }
    world().barrier("test");
  }
};

TEST_F(Columns, WhatIsSavedIsLoadedInAnyDeal) {
  for (int deal : {0, 1, 2}) {
    save(deal + 1, deal);
    expect_loaded(deal + 1);
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(store_.newest())) names.insert(entry.path().filename().string());
    EXPECT_EQ(names, (std::set<std::string>{"columns.h5", "manifest.json", "state.h5"})) << "nothing else is left";
    world().barrier("test");
  }
}

TEST_F(Columns, LongColumnsGoInPieces) {
  constexpr std::int64_t rows = 600001;   // more than two pieces of one rank
  for (int deal : {0, 700}) {
    save(deal + 1, deal, rows);
    expect_loaded(deal + 1, {}, rows);
  }
}

// Bytes and hashes are those that one rank alone would write: the file does not depend on who held what.
TEST_F(Columns, TheFileDoesNotDependOnTheDeal) {
  const auto write = [&](int deal) {
    CheckpointCase replicated(5);
    ColumnCase columns(5, many_rows, dealt(many_rows, deal));
    store_.save(facts_of(1), whole_state(replicated, columns));
    return bytes_of(store_.newest() + "/columns.h5");
  };
  const std::string alone = write(0);
  const CheckpointManifest manifest = read_manifest(store_.newest());
  const std::uint64_t hash = hash_of(manifest.datasets);
  for (int deal : {1, 2, 3}) {
    world().barrier("test");
    EXPECT_TRUE(write(deal) == alone) << "deal " << deal;
    const CheckpointManifest other = read_manifest(store_.newest());
    EXPECT_EQ(other.columns_hash, manifest.columns_hash);
    EXPECT_EQ(hash_of(other.datasets), hash);
  }
  const hdf5::InputFile file(store_.newest() + "/columns.h5");
  std::vector<double> values(many_rows);
  for (int c = 0; c < 2; ++c) {
    file.read_rows(c == 0 ? "points/heat/x" : "points/heat/y", 0, many_rows, values.data());
    for (std::int64_t row = 0; row < many_rows; ++row)
      ASSERT_EQ(values[static_cast<std::size_t>(row)], ColumnCase::value(5, c, row)) << row;
  }
}

TEST_F(Columns, RanksThatHoldAnotherStateAreStillNamed) {
  if (world().size() == 1) GTEST_SKIP() << "one rank agrees with itself";
  CheckpointCase replicated(1);
  if (world().rank() == 1) replicated.steps += 1;
  ColumnCase columns(1, many_rows, dealt(many_rows, 1));
  try {
    store_.save(facts_of(1), whole_state(replicated, columns));
    ADD_FAILURE() << "it was saved";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::communication);
  }
}

// ---- damage

class ColumnDamage : public Columns {
 protected:
  const std::string newest_ = path_ + "/step-00000002", file_ = newest_ + "/columns.h5",
                    manifest_ = newest_ + "/manifest.json";
  std::string sound_file_, sound_manifest_;

  ColumnDamage() {
    save(1), save(2);
    sound_file_ = bytes_of(file_), sound_manifest_ = bytes_of(manifest_);
    world().barrier("test");
  }
  void expect_noticed(const std::function<void()>& damage, const std::string& words) {
    on_root(damage);
    expect_loaded(1, {words});
    on_root([&] {
      if (fs::is_directory(file_)) fs::remove(file_);
      put_bytes(file_, sound_file_), put_bytes(manifest_, sound_manifest_);
    });
  }
};

TEST_F(ColumnDamage, TruncationIsFound) {
  for (std::size_t length : {std::size_t{0}, std::size_t{1}, sound_file_.size() / 2, sound_file_.size() - 1})
    expect_noticed([&] { fs::resize_file(file_, length); }, file_);
  expect_noticed([&] { put_bytes(file_, sound_file_ + "x"); }, file_);
  expect_noticed([&] { fs::remove(file_); }, file_ + ": there is no such file");
  expect_noticed([&] { fs::remove(file_), fs::create_directory(file_); }, file_ + ": there is no such file");
  expect_loaded(2);
}

// All of them on one rank; on more, each half of them.
TEST_F(ColumnDamage, FlippedBitsAreFound) {
  std::uint64_t random = 1;   // the same on every rank
  for (int k = 0; k < 60; ++k) {
    random = hash_of(&random, sizeof random);
    if (world().size() > 1 && k % 2 != world().size() % 2) continue;
    expect_noticed([&] { flip_bit(file_, random % (8 * sound_file_.size())); }, file_ + ": it is damaged");
  }
  expect_loaded(2);
}

TEST_F(ColumnDamage, ColumnsThatAreNotThoseOfTheManifestAreNamed) {
  const CheckpointManifest sound = parse_manifest(sound_manifest_, manifest_);
  const auto noticed = [&](std::size_t k, const std::function<void(StateRecord&)>& change) {
    CheckpointManifest other = sound;
    change(other.datasets[k]);
    expect_noticed([&] { put_bytes(manifest_, to_text(other)); }, "'" + other.datasets[k].name + "'");
  };
  for (std::size_t k = 0; k < sound.datasets.size(); ++k) {
    if (sound.datasets[k].type != StateType::column) continue;
    if (sound.datasets[k].count > 0) noticed(k, [](StateRecord& record) { record.hash ^= 1; });
    noticed(k, [](StateRecord& record) { record.count += 1; });
    noticed(k, [](StateRecord& record) { record.count = std::int64_t{1} << 59; });
    noticed(k, [](StateRecord& record) { record.name += "_2"; });
  }
  expect_loaded(2);
}

TEST_F(ColumnDamage, NothingSoundIsAnErrorThatNamesAll) {
  on_root([&] { flip_bit(file_, 4321), flip_bit(path_ + "/step-00000001/columns.h5", 99); });
  try {
    CheckpointStore(world(), run_.path(), {}).load();
    ADD_FAILURE() << "it was loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::storage);
    for (const char* word : {"step-00000001/columns.h5", "step-00000002/columns.h5", "--force"})
      EXPECT_TRUE(!world().root() || std::string(error.what()).find(word) != std::string::npos) << error.what();
  }
}

// ---- what is written wrong

TEST_F(Columns, WhatIsWrittenWrongIsFoundBeforeItIsPublished) {
  save(1);
  store_.before_verification = [](const std::string& folder) { flip_bit(folder + "/columns.h5", 54321); };
  expect_unwritten([&] { save(2); }, {"step 2", "columns.h5", "damaged"});
  // Before the file was hashed: only the hashes of the values in memory tell.
  store_.before_verification = [](const std::string& folder) {
    CheckpointManifest manifest = read_manifest(folder);
    const std::string file = folder + "/columns.h5";
    std::string bytes = bytes_of(file);
    bytes[bytes.size() - 8 * 100] ^= 1;   // among the values
    put_bytes(file, bytes);
    manifest.columns_hash = hash_of_file_pieces(file, {0, file_pieces(manifest.columns_bytes)});
    put_bytes(folder + "/manifest.json", to_text(manifest));
  };
  expect_unwritten([&] { save(2); }, {"step 2", "columns.h5"});
  store_.before_verification = nullptr;
  expect_loaded(1);
  save(2);
  expect_loaded(2);
}

TEST_F(Columns, ARowThatNoRankHoldsOrTwoDoIsNoticed) {
  save(1);
  const auto save_with = [&](const std::function<void(ColumnCase&)>& change) {
    CheckpointCase replicated(2);
    ColumnCase columns(2, many_rows, dealt(many_rows, 1));
    change(columns);
    store_.save(facts_of(2), whole_state(replicated, columns));
  };
  const int last = world().size() - 1;
  const auto lost = [&](ColumnCase& columns) {
    if (world().rank() == last) columns = ColumnCase(2, many_rows, {columns.blocks.begin() + 1, columns.blocks.end()});
  };
  expect_unwritten([&] { save_with(lost); }, {"'points/heat/x'", "hash"});
  const auto twice = [&](ColumnCase& columns) {
    std::vector<Block> blocks = columns.blocks;
    if (world().rank() == last) blocks.insert(blocks.begin(), {0, block_points});
    columns = ColumnCase(2, many_rows, blocks);
  };
  expect_unwritten([&] { save_with(twice); }, {"'points/heat/x'", "hash"});
  expect_loaded(1);
}

// ---- storage that fails

// A small disk in place of the folder of checkpoints, the same one for every rank.
class SharedSmallDisk {
 public:
  explicit SharedSmallDisk(const std::string& folder) {
    double valid = 1;
    if (world().root()) {
      fs::create_directories(folder);
      disk_.emplace(folder);
      valid = disk_->valid();
    }
    world().broadcast("test", &valid, sizeof valid);
    std::int64_t pid = ::getpid();
    world().broadcast("test", &pid, sizeof pid);
    if (valid == 1 && !world().root()) valid = joined_.emplace(static_cast<int>(pid)).valid();
    const std::vector<double> all = world().gather("test", valid);
    valid_ = std::count(all.begin(), all.end(), 1.0) == world().size();
  }
  ~SharedSmallDisk() {
    joined_.reset();
    world().barrier("test");
  }
  bool valid() const { return valid_; }
  void leave_free(std::int64_t kib) const {
    on_root([&] { disk_->leave_free(kib); });
  }

 private:
  std::optional<SmallDisk> disk_;        // rank 0
  std::optional<JoinedMounts> joined_;   // the others
  bool valid_ = false;
};

TEST_F(Columns, FullDiskLeavesTheOlderOne) {
  {
    const SharedSmallDisk disk(path_);
    if (!disk.valid()) JETPINN_NOT_RUN("this process may not mount a file system");
    disk.leave_free(1024);
    save(1);
    for (std::int64_t kib = 4; kib < 60; kib += 4) {   // 48 KiB of columns, 20 of the rest
      SCOPED_TRACE(kib);
      disk.leave_free(kib);
      expect_unwritten([&] { save(2); }, {"step 2", "No space left on device"});
      expect_loaded(1);
    }
    disk.leave_free(1024);
    save(2);
    expect_loaded(2);
  }
  world().barrier("test");
  save(3);
  expect_loaded(3);
}

// The room that was reserved is taken away before the ranks write: the writing itself fails.
TEST_F(Columns, AWriteThatFailsIsAnErrorOnAllRanks) {
  const SharedSmallDisk disk(path_);
  if (!disk.valid()) JETPINN_NOT_RUN("this process may not mount a file system");
  disk.leave_free(1024);
  save(1);
  store_.before_columns = [&](const std::string& folder) {
    on_root([&] {
      const std::string file = folder + "/columns.h5";
      const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
      const auto bytes = static_cast<off_t>(fs::file_size(file));
      EXPECT_EQ(::fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, bytes - 4096), 0);
      ::close(descriptor);
    });
    disk.leave_free(8);
  };
  expect_unwritten([&] { save(2); }, {"columns.h5"});
  disk.leave_free(1024);
  expect_loaded(1);
  store_.before_columns = nullptr;
  save(2);
  expect_loaded(2);
}

TEST_F(Columns, ARankThatDoesNotSeeTheFileLeavesNobodyWaiting) {
  if (world().size() == 1) GTEST_SKIP() << "no other rank";
  save(1);
  std::optional<SmallDisk> disk;   // rank 0's alone
  if (world().root()) disk.emplace(path_);
  double mounted = disk && disk->valid();
  world().sum("test", &mounted, 1);
  if (mounted == 0) JETPINN_NOT_RUN("this process may not mount a file system");
  expect_unwritten([&] { save(2); }, {"step 2", "columns.h5: there is no such file"});
  disk.reset();
  world().barrier("test");
  expect_loaded(1);
}

// ---- files of earlier versions

constexpr std::int64_t golden_rows = 2 * block_points + 3;

// tests/data/checkpoints/README.md says how it was made: on one rank. It is read on any number.
TEST(GoldenColumns, SchemaTwoStaysReadable) {
  const char* source = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "JETPINN_SOURCE_DIR is not set: ctest sets it";
  const auto found = CheckpointStore(world(), std::string(source) + "/tests/data/checkpoints/schema-2", {}).load();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->rejected.empty());
  CheckpointCase replicated(0, 20), wanted(7, 20);
  ColumnCase columns(0, golden_rows, dealt(golden_rows, 1));
  columns.forget();
  restore(whole_state(replicated, columns), found->values);
  EXPECT_TRUE(replicated == wanted);
  EXPECT_EQ(columns.first_wrong(7), -1);
}

TEST(GoldenColumns, DISABLED_WritesOne) {
  const char* folder = std::getenv("JETPINN_WRITE_CHECKPOINT");
  ASSERT_NE(folder, nullptr) << "JETPINN_WRITE_CHECKPOINT names no folder";
  CheckpointCase replicated(7, 20);
  ColumnCase columns(7, golden_rows, dealt(golden_rows, 1));
  CheckpointStore(world(), folder, {}).save(facts_of(120), whole_state(replicated, columns));
}

}  // namespace
}  // namespace jetpinn
