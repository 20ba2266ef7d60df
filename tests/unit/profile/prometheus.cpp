#include "jetpinn/profile/prometheus.hpp"

#include "support/profile_records.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace jetpinn {

namespace {

// The text format's grammar: HELP and TYPE once, before the samples of their metric, all of one
// metric together, no sample twice.
void expect_grammar(const std::string& text) {
  static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*)"),
      type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge))");
  static const std::regex sample(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="(\\[\\"n]|[^\\"])*",?)*\}) )re"
      R"re((-?[0-9.]+(e[-+]?[0-9]+)?|NaN|[+-]Inf))re");
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(text.back(), '\n');
  std::set<std::string> seen, finished;
  std::string name, kind, line;
  std::smatch match;
  for (std::istringstream lines(text); std::getline(lines, line);) {
    if (std::regex_match(line, match, help)) {
      EXPECT_TRUE(finished.insert(match[1]).second) << line;
      name = match[1];
      kind.clear();
    } else if (std::regex_match(line, match, type)) {
      EXPECT_EQ(match[1], name);
      kind = match[2];
    } else {
      ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
      EXPECT_EQ(match[1], name);
      EXPECT_FALSE(kind.empty()) << line;
      EXPECT_EQ(kind == "counter", name.size() > 6 && name.substr(name.size() - 6) == "_total") << line;
      EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
    }
  }
}

}  // namespace

TEST(prometheus, keeps_the_grammar) {
  auto ranks = testing::healthy_run(3);
  ranks[0].sum.counters.joules = 12.5;
  ranks[2].sum.host = "odd\\host \"x\"\n\xff";
  ranks[2].sum.regions["balance"] = 1e-9;
  const std::string text = prometheus_text("my run", ranks, summarize(ranks));
  expect_grammar(text);
  for (const char* line :
       {"jetpinn_region_seconds_total{run=\"my run\",rank=\"1\",host=\"node-0\",region=\"product\"} 42\n",
        "host=\"odd\\\\host \\\"x\\\"\\n?\"", "jetpinn_energy_joules_total{run=\"my run\",host=\"node-0\"} 12.5\n",
        "jetpinn_bottleneck{run=\"my run\",kind=\"compute-bound\"} 1\n", "region=\"balance\"} 1e-09\n",
        "jetpinn_ranks{run=\"my run\"} 3\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
}

TEST(prometheus, energy_that_nobody_reads_is_no_metric) {
  const auto ranks = testing::healthy_run(1);
  const std::string text = prometheus_text("r", ranks, summarize(ranks));
  expect_grammar(text);
  EXPECT_EQ(text.find("energy"), std::string::npos);
}

}  // namespace jetpinn
