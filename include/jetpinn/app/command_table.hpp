// The table of commands and options as CLI11 holds it: what parsing, --help, completion and manual pages are made from.
#pragma once

#include "jetpinn/app/command_line.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace jetpinn {

struct CommandTable {
  CommandLine line;
  // Options whose text is read after parsing.
  std::vector<std::string> seed;
  std::string max_time;
  std::string kind, ranks, scale_points, until;   // scale
  std::string count;                              // sample
  std::string cache_limit;                        // ablate
  std::string score = "taylor", schedule = "geometric";  // prune
  bool uniform = false;
  CLI::App app{"jetpinn trains physics-informed neural networks from one TOML file, on any number of MPI ranks.", "jetpinn"};

  CommandTable();
  CommandTable(const CommandTable&) = delete;   // CLI11 writes to the members above
  CommandTable& operator=(const CommandTable&) = delete;
};

const std::vector<std::string>& available_commands();

}  // namespace jetpinn
