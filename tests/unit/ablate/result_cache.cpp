#include "jetpinn/ablate/result_cache.hpp"

#include "support/temporary_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace jetpinn {
namespace {

using testing::TemporaryFolder;

RepresentationResult kept_result() {
  RepresentationResult result;
  result.name = "norms";
  result.numbers = 64, result.layers = 4, result.flop = 1e6 / 3, result.feature_seconds = 0.25;
  result.scores = {1.0 / 3, 0.7}, result.epochs = {10, 12}, result.best_epochs = {8, 9}, result.seconds = {0.1, 0.2};
  result.confusion = {3, 1, 0, 4};
  return result;
}

TEST(ResultCache, GivesBackTheSameNumbersToTheLastBit) {
  const TemporaryFolder folder;
  const ResultCache cache(folder.path(), "0123");
  EXPECT_EQ(cache.look_up("norms").result.name, "");
  EXPECT_EQ(cache.look_up("norms").remark, "");
  EXPECT_EQ(cache.keep(kept_result()), "");
  const ResultCache::Found found = cache.look_up("norms");
  EXPECT_EQ(found.remark, "");
  EXPECT_EQ(found.result.name, "norms");
  EXPECT_EQ(found.result.scores, kept_result().scores);
  EXPECT_EQ(found.result.flop, kept_result().flop);
  EXPECT_EQ(found.result.best_epochs, kept_result().best_epochs);
  EXPECT_EQ(found.result.confusion, kept_result().confusion);
  EXPECT_TRUE(found.result.cached && found.result.scores_cached);
  EXPECT_EQ(found.result.feature_seconds, 0);  // none was spent now
  EXPECT_EQ(cache.look_up("moments").result.name, "");
  EXPECT_EQ(ResultCache(folder.path(), "4567").look_up("norms").result.name, "");  // other data or options
  EXPECT_EQ(ResultCache("", "0123").look_up("norms").result.name, "");
  EXPECT_EQ(ResultCache("", "0123").keep(kept_result()), "");
}

// Any byte, of a number too, where the text is one of a result all the same; and a file that is cut off.
TEST(ResultCache, DamageIsSaidAndDoesNotServe) {
  const TemporaryFolder folder;
  const ResultCache cache(folder.path(), "0123");
  const std::string path = cache.path_of("norms");
  ASSERT_EQ(cache.keep(kept_result()), "");
  std::stringstream read;
  read << std::ifstream(path).rdbuf();
  const std::string whole = read.str();
  std::string digit = whole;
  digit.replace(digit.find("0.7"), 3, "0.8");
  for (const std::string& text : {digit, whole.substr(0, whole.size() - 2), std::string(), std::string("no result\n")}) {
    std::ofstream(path) << text;
    const ResultCache::Found found = cache.look_up("norms");
    EXPECT_EQ(found.result.name, "");
    EXPECT_NE(found.remark.find("trained again"), std::string::npos) << found.remark;
  }
}

TEST(ResultCache, AnotherVersionIsSaid) {
  const TemporaryFolder folder;
  const ResultCache cache(folder.path(), "0123");
  ASSERT_EQ(cache.keep(kept_result()), "");
  std::filesystem::rename(cache.path_of("norms"), cache.path_of("norms", result_version + 1));
  const ResultCache::Found found = cache.look_up("norms");
  EXPECT_EQ(found.result.name, "");
  EXPECT_NE(found.remark.find("trained again"), std::string::npos) << found.remark;
}

// A study's own folder may hold one too, of before the program was renewed.
TEST(ResultText, OfAnotherVersionIsNoResult) {
  std::string text = result_text(kept_result(), "0123");
  EXPECT_EQ(result_of_text(text, "0123").name, "norms");
  const std::string mine = fmt::format("\"version\": {}", result_version);
  text.replace(text.find(mine), mine.size(), fmt::format("\"version\": {}", result_version + 1));
  EXPECT_EQ(result_of_text(text, "0123").name, "");
}

TEST(ResultCache, AFolderThatIsGoneIsNoError) {
  const ResultCache cache("/no/such/folder", "0123");
  EXPECT_NE(cache.keep(kept_result()).find("the study goes on"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
