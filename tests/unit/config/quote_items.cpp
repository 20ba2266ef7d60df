#include "jetpinn/config/quote_items.hpp"

#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(QuoteItems, ExpressionsGetTheirQuotes) {
  EXPECT_EQ(quote_items("[10/a^2, 1]"), "[\"10/a^2\", \"1\"]");
  EXPECT_EQ(quote_items(" [ min(a, b), 'c d' , \"e\"] "), "[\"min(a, b)\", 'c d', \"e\"]");
  EXPECT_EQ(quote_items("{ k = 2*pi, x = [0, 2*pi] }"), "{ k = \"2*pi\", x = [\"0\", \"2*pi\"] }");
  for (const char* wrong : {"[1, 2", "[1, , 2]", "[(1, 2]", "['a, b]", "{ 2*pi }", "2*pi", "[", "[a\"b]"})
    EXPECT_EQ(quote_items(wrong), "") << wrong;
}

TEST(QuoteItems, AreOfferedForValuesThatLookLikeListsAndTables) {
  EXPECT_EQ(message_of_override("problem.conditions.0.weight=[10/a^2, 1]"),
            "--set problem.conditions.0.weight: this list is not TOML; expressions in it need quotes: [\"10/a^2\", \"1\"]\n"
            "      | problem.conditions.0.weight=[10/a^2, 1]\n"
            "      |                             ^~~~~~~~~~~");
  EXPECT_NE(message_of_override("problem.constants={ k = 2*pi }")
                .find("this table is not TOML; expressions in it need quotes: { k = \"2*pi\" }"),
            std::string::npos);
  EXPECT_NE(message_of_override("network.hidden=[8, 8")
                .find("this list is not TOML: its brackets or quotes do not close, or something lacks between two commas"),
            std::string::npos);
  EXPECT_EQ(small({"problem.conditions.0.residual=[\"u\", \"u_x\"]"}).problem.terms[1].residuals.size(), 2u);
  EXPECT_EQ(small({"problem.conditions.0.residual=\"[u, u_x]\""}).problem.terms[1].residuals.size(), 1u);
  EXPECT_EQ(small({"problem.conditions.0.residual=[u, u_x] - [x, 1]"}).problem.terms[1].residuals[0].text,
            "[u, u_x] - [x, 1]");
}

}  // namespace
}  // namespace jetpinn
