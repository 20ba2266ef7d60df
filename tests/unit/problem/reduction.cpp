// Terms that square the mean of their residual.
#include "jetpinn/problem/problem.hpp"
#include "support/burgers_text.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::source;
using testing::term;
using testing::text_of;

TEST(Reduction, HaveNumbersAsWeights) {
  ProblemText text = text_of({term("heat", "u_t - u_xx"), term("mass", "u - 1")});
  text.terms[1].reduction = Reduction::square_of_mean;
  EXPECT_EQ(build_problem(text).terms[1].reduction, Reduction::square_of_mean);
  text.terms[1].weight = {source("2")};
  EXPECT_NO_THROW(build_problem(text));
  text.terms[1].weight = {source("1 + x")};
  EXPECT_NE(testing::message_of(text).find("weight of a mean is a number"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
