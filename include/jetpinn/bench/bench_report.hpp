// What every benchmark reports: repeated timings as median and spread, the machine they were taken on, whether the result
// was right; one JSON envelope for all of them, which perf/compare reads.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/study/machine.hpp"
#include "jetpinn/study/sample_spread.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace jetpinn {

// Ordered names and values; text() and json() keep the order.
using BenchValue = std::variant<bool, std::int64_t, double, std::string>;
using BenchValues = std::vector<std::pair<std::string, BenchValue>>;

struct BenchResult {
  std::string name;          // what was timed; name and parameters together are unique in a report
  BenchValues parameters;    // with what: sizes, methods, levels
  SampleSpread seconds;            // per repetition, the slowest rank's
  BenchValues figures;       // derived from the median, or counted: points_per_s, mb_per_s, share
  bool verified = false;     // what was timed gave the right result
  std::string trouble;       // why it did not
};

struct BenchReport {
  static constexpr int schema = 1;
  std::string benchmark;     // predict, io, ...
  MachineDescription machine;
  BenchValues config;        // what all results share: the config's file, network, precision
  std::vector<BenchResult> results;

  bool verified() const;     // there are results, and all of them are
  std::string json() const;  // {schema, benchmark, verified, machine{}, config{}, results[{name, parameters{},
                             // seconds{}, figures{}, verified}]}
  std::string text() const;  // a table for people
};

// Timing of repetitions.
struct BenchTiming {
  double seconds = 1;        // at least this long ...
  int repeats = 5;           // ... and at least this often, behind one that does not count
};
// Seconds of each repetition on the slowest rank; all ranks begin together. `work` may be collective, and may throw on any
// rank; `before` each repetition is not timed. Collective.
std::vector<double> time_repeats(Communicator& communicator, const char* phase, const BenchTiming& timing,
                                 const std::function<void()>& work, const std::function<void()>& before = {});

// Rank 0 prints the table unless `quiet`, and writes the JSON to `file` unless that is empty. Then Error (numerical) where a
// result was not verified: a wrong result has no time. Collective.
void finish_report(Communicator& communicator, const BenchReport& report, const std::string& file, bool quiet);

}  // namespace jetpinn
