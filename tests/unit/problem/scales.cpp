#include "jetpinn/problem/scales.hpp"

#include "jetpinn/problem/problem.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::source;
using testing::term;

ProblemText scaled_heat() {
  ProblemText text = testing::text_of({term("heat", "u_t - k*u_xx"), term("start", "u - 300", "t == 0")});
  text.constants["a"] = source("4");
  text.trained["k"].start = source("-2e-5");
  return text;
}

TEST(Scales, AreReadAndTheOthersAreOpen) {
  ProblemText text = scaled_heat();
  EXPECT_FALSE(build_problem(text).scales.on);
  text.scales.values["x"] = source("1 mm");
  text.scales.values["u"] = source("a*100");
  const Scales scales = build_problem(text).scales;
  ASSERT_TRUE(scales.on);
  ASSERT_EQ(scales.coordinates.size(), 2u);
  EXPECT_EQ(scales.coordinates[0].value, 0);
  EXPECT_DOUBLE_EQ(scales.coordinates[1].value, 1e-3);
  EXPECT_EQ(scales.fields[0].value, 400);
}

TEST(Scales, ATrainedNumberHasTheSizeOfItsStart) {
  ProblemText text = scaled_heat();
  EXPECT_EQ(build_problem(text).trained[0].scale, 1);
  text.scales.automatic = true;
  const TrainedNumber number = build_problem(text).trained[0];
  EXPECT_EQ(number.scale, 2e-5);
  EXPECT_DOUBLE_EQ(number.theta(number.start), -1);
  EXPECT_DOUBLE_EQ(number.value(1.5), 3e-5);
  EXPECT_EQ(number.slope(1.5), 2e-5);
  text.scales.values["k"] = source("1e-4");
  EXPECT_EQ(build_problem(text).trained[0].scale, 1e-4);
  text.scales.values.clear();
  text.trained["k"] = {source("2e-5"), source("0"), {}, 0};
  EXPECT_EQ(build_problem(text).trained[0].scale, 1) << "a bound scales by itself";
}

TEST(Scales, MustBeSizes) {
  for (const std::string bad : {"0", "-1", "-3 mm", "1/0", "1e-310", "1e309"}) {
    ProblemText text = scaled_heat();
    text.scales.values["u"] = source(bad);
    EXPECT_THROW(build_problem(text), Error) << bad;
  }
  ProblemText text = scaled_heat();
  text.scales.values["u"] = source("-1");
  expect_error(Status::usage, {"the scale of 'u' is -1", "above zero"}, [&] { build_problem(text); });
  text.scales.values["u"] = source("3 Kk");
  expect_error(Status::usage, {"unknown unit 'Kk'"}, [&] { build_problem(text); });
  text.scales.values = {{"k", source("1")}};
  text.trained["k"].upper = source("1");
  expect_error(Status::usage, {"'k' has a bound"}, [&] { build_problem(text); });
}

}  // namespace
}  // namespace jetpinn
