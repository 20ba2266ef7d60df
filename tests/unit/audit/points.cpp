#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

TEST(AuditFaces, ThoseWithoutAPointAreCounted) {
  AuditCase box({term("laplace", "u_tt + u_xx"), term("border", "u", "t == 0 || t == 1 || x == -1 || x == 1")});
  box.sampling.points = {{"border", 3}};
  const std::string sentence = box.sentence("faces");
  EXPECT_NE(sentence.find("1 of the 4 faces of 'border' (problem.conditions.0) have no point"), std::string::npos)
      << sentence;
  EXPECT_NE(sentence.find("sampling.points.border be at least 4"), std::string::npos) << sentence;
  box.sampling.points = {{"border", 4}};
  EXPECT_TRUE(box.silent());
}

TEST(AuditReferenceRows, ThoseOutsideTheDomainAreCounted) {
  AuditCase measured({term("flow", "u_t"), term("start", "u", "t == 0")});
  measured.reference = {{{0, -1, 1}}, "table.h5", 32, 8};
  EXPECT_NE(measured.sentence("reference").find("8 of 32 rows of table.h5 (reference.file) lie outside the domain"),
            std::string::npos);
  measured.reference.left_out = 0;
  EXPECT_TRUE(measured.silent());
}

TEST(AuditResampling, BehindTheEndOfTraining) {
  AuditCase late({term("flow", "u_t"), term("start", "u", "t == 0")});
  late.training.stages[0].steps = 500;
  late.sampling.resample_every = 500;
  EXPECT_NE(late.sentence("resampling").find("training ends after 500 steps"), std::string::npos);
  late.sampling.resample_every = 499;
  EXPECT_TRUE(late.silent());
}

TEST(AuditResampling, OfPointsThatStay) {
  AuditCase fixed({term("start", "u - 1", "t == 0 && x == 0"), term("end", "u - 2", "t == 1 && x == 0")});
  fixed.sampling.resample_every = 10;
  EXPECT_NE(fixed.sentence("resampling").find("single points"), std::string::npos);
  fixed.sampling.resample_every = 0;
  EXPECT_TRUE(fixed.silent());
}

TEST(AuditFaces, ThoseOfEveryStageAreLookedAt) {
  AuditCase box({term("flow", "u_t"), term("border", "u", "t == 0 || x == -1 || x == 1 || t == 1")});
  box.sampling.points = {{"border", 40}};
  box.training.stages.resize(2);
  box.sampling.stages.resize(2);
  EXPECT_TRUE(box.of_kind("faces").empty());
  box.sampling.stages[1].points = {{"border", 3}};
  const Warnings found = box.of_kind("faces");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].text.find("let training.stages.1.sampling.points.border be at least 4"), std::string::npos)
      << found[0].text;
}

TEST(AuditResampling, OfAStageThatEndsBefore) {
  AuditCase late({term("flow", "u_t"), term("start", "u", "t == 0")});
  late.training.stages.resize(2);
  late.training.stages[0].steps = late.training.stages[1].steps = 50;
  late.sampling.stages.resize(2);
  late.sampling.stages[1].resample_every = 60;  // before the step behind 60
  EXPECT_TRUE(late.silent());
  late.sampling.stages[1].resample_every = 40;  // behind 80
  EXPECT_TRUE(late.silent());
  late.sampling.stages[1].resample_every = 100;
  const std::string sentence = late.sentence("resampling");
  EXPECT_NE(sentence.find("training.stages.1.sampling.resample_every = 100 changes nothing, for the stage ends"),
            std::string::npos)
      << sentence;
}

}  // namespace
}  // namespace jetpinn
