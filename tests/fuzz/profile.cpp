// Bytes as a file of a rank's profile: every line is a record or is refused, and whatever the records
// hold can be summed up and printed.
#include "jetpinn/profile/profile_table.hpp"
#include "jetpinn/profile/prometheus.hpp"
#include "jetpinn/profile/rank_totals.hpp"
#include "jetpinn/profile/summary.hpp"

#include "fuzz/expect.hpp"

#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace jetpinn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  std::map<int, RankTotals> ranks;
  for (std::string line; std::getline(lines, line);)
    fuzz::usage_errors_only([&] {
      const IntervalRecord record = interval_from_json(line);
      const std::string written = to_json_line(record);
      fuzz::expect(to_json_line(interval_from_json(written)) == written, "a record reads back differently");
      ranks[record.rank].accumulate(record);
    });
  std::vector<RankTotals> totals;
  for (const auto& [rank, sum] : ranks) totals.push_back(sum);
  if (totals.empty()) return 0;
  const ProfileSummary summary = summarize(totals);
  fuzz::expect(profile_table(summary).find("\nbottleneck") != std::string::npos, "a table without its last line");
  fuzz::expect(!summary_json(summary).empty() && !prometheus_text("fuzz", totals, summary).empty(), "nothing was written");
  return 0;
}
