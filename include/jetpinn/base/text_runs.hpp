// Lists for people: what only counts on is written by its two ends.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

// The items with `joint` between them. Of four or more neighbours that differ in one number which grows by one ("d/dx1",
// "d/dx2", ...) only the first and the last stand, with `gap` between them.
std::string join_runs(const std::vector<std::string>& items, const std::string& joint, const std::string& gap);

}  // namespace jetpinn
