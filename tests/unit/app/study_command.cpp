#include "jetpinn/app/study_command.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/config_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(StudyCommand, OptionsThatEveryStudyHasAreTakenOver) {
  CommandLine line;
  line.subject = "a.toml";
  line.sets = {"training.seed=1,2"};
  line.output = "out";
  line.force = line.quiet = true;
  line.sweep.ranks = 3;
  const SweepOptions options = study_options(line.sweep, line);
  EXPECT_EQ(options.config, "a.toml");
  EXPECT_EQ(options.sets, line.sets);
  EXPECT_EQ(options.output, "out");
  EXPECT_TRUE(options.force);
  EXPECT_TRUE(options.quiet);
  EXPECT_EQ(options.ranks, 3);
}

TEST(StudyCommand, ResultsAreWrittenAndTold) {
  testing::TemporaryFolder folder;
  const StudyFolder study({folder.file("study"), {}, false, false}, small());
  ::testing::internal::CaptureStdout();
  say_unless(true, "not said");
  say_unless(false, "said");
  leave_results(study, {{"study.json", "{}"}}, {{"time", "<svg/>", "", ""}}, "a table\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "said\n\na table\n\n" + study.path() + "/index.html shows it with charts\n");
  EXPECT_EQ(read_text_file(study.path() + "/study.json"), "{}");
  EXPECT_EQ(read_text_file(study.path() + "/time.svg"), "<svg/>");
}

}  // namespace
}  // namespace jetpinn
