// Values with units in text: "10 min", "1 GiB", and runs of names: "x1..x10".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// Seconds of "250 ms", "2 s", "10 min", "1.5 h", "2 d", or of a plain number. Empty where it is none of them.
std::optional<double> parse_duration(const std::string& text);

// Bytes of "512 MiB", "1 GiB", "2e9", "4 GB", ...; empty where it is none of them.
std::optional<double> parse_bytes(const std::string& text);

// "512 MiB": for people.
std::string format_bytes(double bytes);

// "x1..x10" as x1, x2, ..., x10; any other text as itself. Empty where a run makes no sense ("x3..x1", "x1..y4", more than
// 1000 names).
std::vector<std::string> expand_names(const std::string& text);

}  // namespace jetpinn
