// The config of one window: an ordinary config, whose run is an ordinary run.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/problem/windows.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace jetpinn {

// What a window has instead of what the whole problem states.
struct WindowParts {
  // [terms] file of its points, seen from the window's folder; empty: none, or the term keeps what it has
  std::vector<std::string> tables;
  std::vector<bool> terms;          // [terms] whether it has points there
  bool reference = true;            // some of the reference lies there
  std::string start_from;           // run folder, absolute or seen from the window's; empty: parameters are drawn
};

// The column of a table that holds residual k of a condition, counted from 0, on the network of the window before.
std::string last_state_column(std::size_t residual);

// Of window k. Conditions at the first edge read their table's columns last_state_column(...); without a table they hold
// where the window begins, which serves plans alone. `path` is where the config will lie; in the resolved text, paths
// stay as they are given, so that a run folder can be moved. Throws Error (usage).
Config window_config(const Config& whole, const Problem& problem, const Windows& windows, std::size_t k,
                     const WindowParts& parts, const std::string& path);

}  // namespace jetpinn
