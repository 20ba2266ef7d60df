#include "jetpinn/ablate/feature_cache.hpp"

#include "jetpinn/profile/host.hpp"
#include "support/expect_error.hpp"
#include "support/small_disk.hpp"
#include "support/temporary_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace jetpinn {
namespace {

using testing::TemporaryFolder;

constexpr std::int64_t cached_samples = 70, cached_length = 5;  // three blocks, the last not full

FeatureKey key_of(const std::string& options = "all") {
  return {"norms", 42, options, {cached_samples, cached_length, false}};
}

std::vector<float> cached_rows() {
  std::vector<float> rows(cached_samples * cached_length);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i) / 3;
  return rows;
}

// As two ranks would: even blocks by one, odd ones by the other.
void store(const FeatureCache& cache, const FeatureKey& key) {
  std::string trouble;
  const std::string temporary = reserve_feature_file(cache.path_of(key), key.shape, trouble);
  ASSERT_NE(temporary, "") << trouble;
  const std::vector<float> rows = cached_rows();
  std::uint64_t hash = 0;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    FeatureWriter writer(temporary, key.shape);
    for (std::int64_t b = rank; b < key.shape.blocks(); b += 2)
      writer.write(b, rows.data() + b * feature_block * cached_length,
                   std::min(feature_block, cached_samples - b * feature_block));
    writer.flush();
    hash += writer.hash();
  }
  finish_feature_file(temporary, cache.path_of(key), key.shape, key.identity(), hash);
}

void overwrite_byte(const std::string& path, std::int64_t place) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(place);
  const char before = static_cast<char>(file.get());
  file.seekp(place);
  file.put(static_cast<char>(before ^ 1));
}

TEST(FeatureCache, GivesBackWhatWasKept) {
  const TemporaryFolder folder;
  const FeatureCache cache(folder.file("cache"), 1e9);
  EXPECT_FALSE(cache.look_up(key_of()).there);
  EXPECT_EQ(cache.look_up(key_of()).remark, "");
  store(cache, key_of());
  EXPECT_TRUE(cache.look_up(key_of()).there);
  EXPECT_FALSE(cache.look_up(key_of("others")).there);
  FeatureKey wide = key_of();
  wide.shape.fp64 = true;
  EXPECT_FALSE(cache.look_up(wide).there);
  std::string trouble;
  const FeatureFile file(cache.path_of(key_of()), key_of().shape, key_of().identity(), trouble);
  ASSERT_TRUE(file.valid()) << trouble;
  const auto* rows = static_cast<const float*>(file.rows());
  EXPECT_EQ(std::vector<float>(rows, rows + cached_samples * cached_length), cached_rows());
  EXPECT_FALSE(FeatureCache("").look_up(key_of()).there);
}

// Any byte: of the numbers, of the header, of its length.
TEST(FeatureCache, DamageIsSaidAndDoesNotServe) {
  const TemporaryFolder folder;
  const FeatureCache cache(folder.path(), 1e9);
  const std::string path = cache.path_of(key_of());
  for (const std::int64_t place : {0, 16, 40, 128, 128 + 4 * 349}) {
    store(cache, key_of());
    overwrite_byte(path, place);
    const FeatureCache::Found found = cache.look_up(key_of());
    EXPECT_FALSE(found.there) << place;
    EXPECT_NE(found.remark.find("computed again"), std::string::npos) << place;
  }
  store(cache, key_of());
  std::filesystem::resize_file(path, 200);
  EXPECT_NE(cache.look_up(key_of()).remark.find("200 bytes instead of"), std::string::npos);
  store(cache, key_of());
  EXPECT_TRUE(cache.look_up(key_of()).there);
}

TEST(FeatureCache, AnotherVersionIsSaid) {
  const TemporaryFolder folder;
  const FeatureCache cache(folder.path(), 1e9);
  store(cache, key_of());
  std::filesystem::rename(cache.path_of(key_of()), folder.file(key_of().file_name(feature_version + 1)));
  const FeatureCache::Found found = cache.look_up(key_of());
  EXPECT_FALSE(found.there);
  EXPECT_NE(found.remark.find(fmt::format("of version {}, not {}", feature_version + 1, feature_version)), std::string::npos)
      << found.remark;
}

// Jobs that make the same file at once, and one that reads meanwhile: it sees nothing, or a whole file.
TEST(FeatureCache, WritersAtOnceLeaveAWholeFile) {
  const TemporaryFolder folder;
  const FeatureCache cache(folder.path(), 1e9);
  std::atomic<bool> done = false;
  std::atomic<int> broken = 0;
  std::thread reader([&] {
    while (!done) broken += cache.look_up(key_of()).remark.empty() ? 0 : 1;
  });
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back([&] {
      for (int round = 0; round < 5; ++round) store(cache, key_of());
    });
  for (std::thread& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(broken, 0);
  EXPECT_TRUE(cache.look_up(key_of()).there);
  EXPECT_EQ(folder.names().size(), 1u);  // nothing half-written is left
}

// Pages of a mapped file are this process's memory as long as they are mapped: a study of nine files holds one at a time.
TEST(FeatureFile, AFileThatRestsTakesNoMemory) {
  const TemporaryFolder folder;
  constexpr std::int64_t bytes = std::int64_t{64} << 20;
  const FeatureShape shape{bytes / 4096, 1024, false};
  std::string trouble;
  const std::string temporary = reserve_feature_file(folder.file("large"), shape, trouble);
  ASSERT_NE(temporary, "") << trouble;
  finish_feature_file(temporary, folder.file("large"), shape, 1, 0);
  const FeatureFile file(folder.file("large"), shape, 1, trouble);
  ASSERT_TRUE(file.valid()) << trouble;
  const std::int64_t before = resident_bytes();
  EXPECT_FALSE(file.check());  // reads all of it; its hash is not 0
  EXPECT_GT(resident_bytes(), before + bytes / 2);
  file.rest();
  EXPECT_LT(resident_bytes(), before + bytes / 2);
  EXPECT_EQ(static_cast<const float*>(file.rows())[0], 0);
}

TEST(FeatureCache, WhatWasUsedLongestAgoGoes) {
  const TemporaryFolder folder;
  const double of_file = 128 + 4.0 * cached_samples * cached_length;
  const FeatureCache cache(folder.path(), 2.5 * of_file);
  const auto now = std::filesystem::file_time_type::clock::now();
  const auto age = [&](const std::string& options, int minutes) {
    store(cache, key_of(options));
    std::filesystem::last_write_time(cache.path_of(key_of(options)), now - std::chrono::minutes(minutes));
  };
  age("first", 30), age("second", 20), age("third", 10);
  EXPECT_TRUE(cache.look_up(key_of("first")).there);             // and is touched
  EXPECT_EQ(cache.evict({cache.path_of(key_of("second"))}), 1);  // the second is in use
  EXPECT_TRUE(cache.look_up(key_of("first")).there);
  EXPECT_TRUE(cache.look_up(key_of("second")).there);
  EXPECT_FALSE(cache.look_up(key_of("third")).there);
  // Results of trainings take room as well, and go by the same rule.
  std::ofstream(folder.file("norms-0-v1.result")) << std::string(1000, 'x');
  std::filesystem::last_write_time(folder.file("norms-0-v1.result"), now - std::chrono::minutes(40));
  // So does what a process that was killed left half-written, and not what another one may be writing.
  for (const char* name : {"norms-1-v1.result.tmp-7", "norms-1-v1.result.tmp-8"})
    std::ofstream(folder.file(name)) << std::string(1000, 'x');
  std::filesystem::last_write_time(folder.file("norms-1-v1.result.tmp-7"), now - std::chrono::minutes(90));
  EXPECT_EQ(cache.evict({}), 2);
  EXPECT_FALSE(std::filesystem::exists(folder.file("norms-0-v1.result")));
  EXPECT_FALSE(std::filesystem::exists(folder.file("norms-1-v1.result.tmp-7")));
  EXPECT_TRUE(std::filesystem::exists(folder.file("norms-1-v1.result.tmp-8")));
  // What is not ours stays, whatever its size.
  std::ofstream(folder.file("notes.txt")) << std::string(100000, 'x');
  std::filesystem::create_directory(folder.file("folder.features"));
  EXPECT_EQ(cache.evict({}), 0);
  // A reader keeps what it has open.
  std::string trouble;
  const FeatureFile open(cache.path_of(key_of("first")), key_of().shape, key_of("first").identity(), trouble);
  EXPECT_EQ(FeatureCache(folder.path(), 0).evict({}), 2);
  EXPECT_TRUE(open.check());
}

TEST(FeatureCache, AFullDiskIsToldBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  const testing::SmallDisk disk(folder.path());
  if (!disk.valid()) GTEST_SKIP() << "not run: this process may not mount";
  disk.leave_free(64);
  std::string trouble;
  FeatureShape large = key_of().shape;
  large.samples = 1000000;
  EXPECT_EQ(reserve_feature_file(folder.file("large.features"), large, trouble), "");
  EXPECT_NE(trouble.find("No space left"), std::string::npos) << trouble;
  EXPECT_TRUE(folder.names().empty());
}

TEST(FeatureCache, RefusesAFileForAFolder) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("file")) << "x";
  testing::expect_error(Status::usage, {"--cache", "name another one"}, [&] { FeatureCache(folder.file("file"), 1); });
}

}  // namespace
}  // namespace jetpinn
