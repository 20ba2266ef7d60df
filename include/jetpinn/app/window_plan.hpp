// What a run in windows would do, known before its first step.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/problem/windows.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct WindowPlan {
  std::vector<std::int64_t> rows;  // [terms] of a table that lie in the window
  std::int64_t points = 0;         // over all terms and ranks
  double bytes = 0;                // planned, of all ranks together
};

// [windows]; `whole` is of the problem before it is cut. Not collective. Throws Error (usage) where a window cannot be
// trained: nothing to learn from in it, or more memory than run.memory_limit.
std::vector<WindowPlan> plan_windows(const Assembly& whole, const Config& config, const Windows& windows, int ranks);

// The terms that have points in a window.
std::vector<bool> terms_of_window(const Problem& problem, const Windows& windows, std::size_t window,
                                  const WindowPlan& plan);

// "t from 0.25 to 0.5"
std::string window_text(const Problem& problem, const Windows& windows, std::size_t window);

// The lines of `check`: a window each.
std::string windows_report(const Problem& problem, const Windows& windows, const std::vector<WindowPlan>& plans,
                           bool from_previous);

}  // namespace jetpinn
