// Manual pages (man 7 man-pages, man 7 groff_man) from the table of commands: `jetpinn manual train | man -l -`.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

// jetpinn, jetpinn-train, ...: each the page of a command, "jetpinn" that of the program.
std::vector<std::string> manual_names();

// The page in roff; name: one of manual_names().
std::string manual_page(const std::string& name);

}  // namespace jetpinn
