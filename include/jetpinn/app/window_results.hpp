// What the folder of a run in windows tells of all of them together: metrics.jsonl, summary.json and network.h5.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/problem/windows.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/trained_values.hpp"
#include "jetpinn/train/window_metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// The folder of a window's run, and that of what it reads: its rows of tables, and the last state of the window before.
std::string window_folder(const std::string& run, std::size_t window);
std::string window_tables(const std::string& run, std::size_t window);
std::string window_table(const std::string& run, std::size_t window, const std::string& term);

// What a window's run tells of its end; losses that are not known are not numbers.
struct WindowEnd {
  double loss = 0, loss_independent = 0;
  std::string status, stopped_by;
};
std::optional<WindowEnd> window_end(const std::string& run, std::size_t window);

// Each trained number (problem.trainable) of the first `windows` windows, whose runs tell a value each.
struct WindowsTrained {
  std::vector<CombinedValue> numbers;
  std::vector<std::size_t> unread;  // windows that left a network and no summary that can be read: they tell nothing
};
WindowsTrained windows_trained(const std::string& run, std::size_t windows);

// "k over all 3 windows: 0.7 ± 1.0e-03, the mean of independent windows weighted by their errors, Birge ratio 0.9"
std::string combined_text(const CombinedValue& number, std::size_t windows);
// What is missing in combined values, and values of windows that lie more than three times as far apart as their errors say.
Warnings warnings_of(const WindowsTrained& trained);

// What was verified when a window took over from the one before it: tables/<window>/last_state.json.
struct LastStateNote {
  double coordinate_value = 0;
  std::int64_t points = 0;
  WindowEnd end;  // of the window before
  std::string parameter_hash;
};
void write_last_state_note(const std::string& run, std::size_t window, const LastStateNote& note);

// Whether what a window reads was taken from a network with this hash.
bool begins_with(const std::string& run, std::size_t window, const std::string& parameter_hash);

// The windows, from the first one on, of which each began with the network that the one before it has now. Behind them may
// be others of an earlier training, whose first windows have gone on since.
std::size_t windows_begun(const std::string& run, std::size_t windows);

// How the whole run stands. Errors and monitors are those over the whole domain; empty where not all windows are trained.
struct WindowedRunEnd {
  std::string status, stopped_by;
  std::size_t begun = 0;   // windows, from the first one on
  WindowsTrained trained;  // of these
  std::vector<FieldError> errors;
  std::vector<MonitorValue> monitors;
  std::string parameter_hash;
  Warnings warnings;  // beside those of the windows
};

// One rank writes. Counts are summed over the windows that have begun and tell them; losses and terms are means over those
// that have them; trained numbers are combined, and each window's own stand in its entry.
void write_windows_summary(const std::string& run, const Problem& problem, const Windows& windows,
                           const WindowedRunEnd& end);
// The lines of the first windows, each with its number, their steps counted on. Returns what the next window counts on from.
WindowOfRun write_windows_metrics(const std::string& run, std::size_t windows);
// Every window's network.h5 as a group of one file, with the edges and the trained numbers of all of them.
void write_windows_network(const std::string& run, const Problem& problem, const Windows& windows,
                           const std::vector<CombinedValue>& numbers);

}  // namespace jetpinn
