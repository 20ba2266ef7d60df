// The text of comma-separated values as a table.
#pragma once

#include "jetpinn/io/point_table.hpp"

#include <string>
#include <string_view>

namespace jetpinn {

// A line of names, then a line a row; empty lines at the end do not count. Any text ends as a table or as an Error (usage)
// naming `path` and the line.
PointTable parse_csv(std::string_view text, const std::string& path);

}  // namespace jetpinn
