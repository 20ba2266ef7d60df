// The profile of a run as its ranks have left it: what is there is read, what is not is said.
#pragma once

#include "jetpinn/profile/rank_totals.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct RunProfile {
  std::string folder;                 // of the files
  std::vector<RankTotals> ranks;      // of those with records, ascending
  std::vector<std::string> notes;     // a sentence for each thing that is missing or damaged, none
                                      // longer than a few hundred characters
};

// continuation: 0 for the files in RUN/profile, n for those in RUN/profile/continuation-n, where an earlier
// part of a resumed run lies. `each` sees every record that counts, rank after rank in their order in time.
// Memory: O(ranks), not O(records).
// Throws Error (usage) when there is no record at all.
RunProfile read_profile(const std::string& run_folder, int continuation = 0,
                        const std::function<void(const IntervalRecord&)>& each = {});

// Files of a kind ("rank", "trace") in a profile folder with the number in their names, ascending.
std::vector<std::pair<int, std::string>> profile_files(const std::string& folder, const std::string& kind);

// Lines of a file, with their numbers from 1; `whole` is false for a last line without an end. Longer lines than 64 MiB
// are cut. Throws Error (usage).
void for_each_line(const std::string& path,
                   const std::function<void(const std::string& line, std::int64_t number, bool whole)>& each);

}  // namespace jetpinn
