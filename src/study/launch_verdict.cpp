#include "jetpinn/study/launch_verdict.hpp"

#include "jetpinn/base/error.hpp"

#include <set>
#include <sstream>

namespace jetpinn {
namespace {

constexpr int any = -1, nobody = -2, no = 0, one = 0;
struct Row {
  int said, launcher, lost, ranks, verdict;
};
constexpr Row rows[] = {
#include JETPINN_VERDICT_TABLE
};

constexpr bool fits(int wanted, int found) { return wanted == any || wanted == found; }

int first_row(int said, int launcher, int lost, int ranks) {
  for (const Row& row : rows)
    if (fits(row.said, said) && fits(row.launcher, launcher) && fits(row.lost, lost) && fits(row.ranks, ranks))
      return row.verdict;
  return static_cast<int>(Status::communication);
}

}  // namespace

int judge_launch(const std::string& statuses, int launcher, int ranks) {
  const auto weight = [](int status) { return status == 0 ? 0 : status == 75 ? 1 : status + 1; };
  std::set<int> seen;
  int worst = nobody;
  std::istringstream lines(statuses);
  for (int rank = 0, status = 0; lines >> rank >> status;) {
    if (seen.empty() || weight(status) > weight(worst)) worst = status;
    seen.insert(rank);
  }
  return first_row(worst, launcher, static_cast<int>(seen.size()) < ranks, ranks > 1);
}

}  // namespace jetpinn
