#include "jetpinn/study/launch_verdict.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

struct Case {
  int verdict = 0, launcher = 0, ranks = 0;
  std::string statuses;   // a line each
};

// The cases that this test shares with that of jobs/verdict.
std::vector<Case> read_cases(const std::string& path) {
  std::vector<Case> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string verdict, lost, launcher, ranks, words;
    std::getline(fields, verdict, '|'), std::getline(fields, lost, '|'), std::getline(fields, launcher, '|');
    std::getline(fields, ranks, '|'), std::getline(fields, words);
    for (char& letter : words)
      if (letter == ',') letter = '\n';
    cases.push_back({std::stoi(verdict), std::stoi(launcher), std::stoi(ranks), words + "\n"});
  }
  return cases;
}

TEST(LaunchVerdict, TheRanksWordsAreTheStatus) {
  const char* root = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "JETPINN_SOURCE_DIR is not set: ctest sets it";
  const std::vector<Case> cases = read_cases(std::string(root) + "/tests/data/launch_verdicts.txt");
  ASSERT_GE(cases.size(), 20u);
  for (const Case& one : cases)
    EXPECT_EQ(judge_launch(one.statuses, one.launcher, one.ranks), one.verdict)
        << "launcher " << one.launcher << ", ranks " << one.ranks << ":\n"
        << one.statuses;
}

}  // namespace
}  // namespace jetpinn
