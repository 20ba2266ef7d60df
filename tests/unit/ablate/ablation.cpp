#include "jetpinn/ablate/ablation.hpp"

#include "jetpinn/ablate/ablate_folder.hpp"
#include "jetpinn/ablate/ablate_study.hpp"
#include "jetpinn/ablate/ablation_report.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

namespace jetpinn {
namespace {

RepresentationResult with_scores(const std::string& name, const std::vector<double>& scores) {
  RepresentationResult result;
  result.name = name;
  result.scores = scores;
  return result;
}

TEST(Ablation, SpreadOfKnownScores) {
  const ScoreSpread spread = score_spread({0.5, 0.7, 0.9});
  EXPECT_NEAR(spread.mean, 0.7, 1e-15);
  EXPECT_NEAR(spread.deviation, 0.2, 1e-15);
  EXPECT_NEAR(spread.half_width, 4.303 * 0.2 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(score_spread({0.4}).half_width, 0);
  EXPECT_NEAR(student_t(100), 1.984, 1e-3);
}

TEST(Ablation, OrderAndWhatItSays) {
  Ablation ablation;
  ablation.classes = {"a", "b", "c", "d"};
  ablation.chance = 0.25;
  ablation.results = {with_scores("flattened", {0.25, 0.26, 0.24}), with_scores("norms", {0.6, 0.7, 0.8}),
                      with_scores("moments", {0.58, 0.69, 0.78})};
  EXPECT_EQ(ranking(ablation), (std::vector<std::size_t>{1, 2, 0}));
  const std::vector<std::string> lines = ablation_sentences(ablation);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find("norms tells most: accuracy 0.700"), std::string::npos) << lines[0];
  // Run by run the difference is 0.02, 0.01 and 0.02, though the runs differ by ten times that.
  EXPECT_NE(lines[1].find("moments is behind by 0.017 ± 0.014 on the same divisions: clearly less"), std::string::npos)
      << lines[1];
  EXPECT_NE(lines[2].find("not clearly above chance (0.250): flattened"), std::string::npos) << lines[2];
}

// One division tells no interval: neither a width of 0 nor that anything is clear.
TEST(Ablation, OneRunHasNoInterval) {
  Ablation ablation;
  ablation.classes = {"a", "b"};
  ablation.chance = 0.5;
  ablation.results = {with_scores("norms", {0.75}), with_scores("moments", {0.25})};
  const std::vector<std::string> lines = ablation_sentences(ablation);
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) EXPECT_EQ(line.find("±"), std::string::npos) << line;
  EXPECT_NE(lines[1].find("not clearly less"), std::string::npos) << lines[1];
  const StudyTable table = ranking_table(ablation);
  EXPECT_EQ(table.rows[0][2], "-");
  EXPECT_NE(ablation_json(ablation, {}).find("\"half_width\": null"), std::string::npos);
}

TEST(Ablation, DivisionsHoldEverySampleOnce) {
  std::set<std::vector<std::int64_t>> tests;
  for (std::int64_t run = 0; run < 3; ++run) {
    const SampleDivision division = divide_samples(11, 5, run);
    EXPECT_EQ(division.train.size(), 6u);
    EXPECT_EQ(division.validation.size(), 2u);
    EXPECT_EQ(division.test.size(), 3u);
    std::set<std::int64_t> all;
    for (const auto* part : {&division.train, &division.validation, &division.test}) all.insert(part->begin(), part->end());
    EXPECT_EQ(all.size(), 11u);
    tests.insert(division.test);
  }
  EXPECT_EQ(tests.size(), 3u);
}

TEST(AblateFolder, KeepsResultsOfItsStudyAlone) {
  const testing::TemporaryFolder folder;
  Ablation ablation;
  ablation.identity = "one";
  RepresentationResult result = with_scores("norms", {0.5, 0.75});
  result.epochs = result.best_epochs = result.seconds = {1, 2};
  result.confusion = {3, 1, 0, 4};
  result.numbers = 12;
  const std::string path = folder.file("study");
  {
    const AblateFolder study(path, ablation, false);
    EXPECT_FALSE(study.has("norms"));
    study.keep(result);
  }
  const AblateFolder again(path, ablation, false);
  ASSERT_TRUE(again.has("norms"));
  const std::vector<RepresentationResult> found = again.results();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scores, result.scores);
  EXPECT_EQ(found[0].confusion, result.confusion);
  EXPECT_EQ(found[0].numbers, 12);
  std::ofstream(path + "/results/moments.json") << "{\"identity\": \"one\"";  // cut off
  EXPECT_FALSE(again.has("moments"));
  ablation.identity = "other";
  testing::expect_error(Status::usage, {"study of other data or with other options", "--force"},
                        [&] { AblateFolder(path, ablation, false); });
  EXPECT_TRUE(AblateFolder(path, ablation, true).results().empty());
  std::ofstream(folder.file("file.txt")) << "mine";
  testing::expect_error(Status::usage, {"no ablation study has written"},
                        [&] { AblateFolder(folder.path(), ablation, false); });
}

}  // namespace
}  // namespace jetpinn
