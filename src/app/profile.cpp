#include "jetpinn/app/commands.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/profile_compare.hpp"
#include "jetpinn/profile/profile_reader.hpp"
#include "jetpinn/profile/profile_table.hpp"
#include "jetpinn/profile/prometheus.hpp"
#include "jetpinn/profile/trace_export.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace jetpinn {
namespace {

struct ReadRun {
  std::string name;          // as the user gave it
  RunProfile profile;
  ProfileSummary summary;
  IntervalTimes times;       // only for a comparison: it grows with the number of intervals
};

ReadRun read_run(const std::string& folder, int continuation, bool with_times) {
  ReadRun run;
  run.name = folder;
  const auto gather = [&](const IntervalRecord& record) { run.times.add(record); };
  run.profile = with_times ? read_profile(folder, continuation, gather) : read_profile(folder, continuation);
  run.summary = summarize(run.profile.ranks);
  return run;
}

void print_notes(const ReadRun& run, bool name_run) {
  for (const std::string& note : run.profile.notes) fmt::print("note: {}{}\n", name_run ? run.name + ": " : "", note);
  if (!run.profile.notes.empty()) fmt::print("\n");
}

const std::string& json_file(const CommandLine& line) { return line.json.empty() ? line.file : line.json; }

void write_files(const CommandLine& line, const ReadRun& run) {
  const std::string& json = json_file(line);
  if (!json.empty()) write_text_file(json, summary_json(run.summary), Status::usage);
  if (!line.prometheus.empty())
    write_text_file(line.prometheus, prometheus_text(own_name(line.subject), run.profile.ranks, run.summary), Status::usage);
  if (line.trace.empty()) return;
  const TraceFacts facts = export_trace(line.trace, run.profile);
  if (line.quiet) return;
  for (const std::string& note : facts.notes) fmt::print("note: {}\n", note);
  fmt::print("{}: {} of {}, {} of intervals\n", line.trace, plural(facts.events, "event"),
             plural(facts.steps, "traced step"), plural(facts.counters, "value"));
}

}  // namespace

// One rank does it all: there is nothing to compute.
int run_profile(Communicator& communicator, const CommandLine& line) {
  communicator.agree("profile", [&] {
    if (!communicator.root()) return;
    for (const std::string& file : {line.trace, line.prometheus, json_file(line)})
      if (!file.empty()) prepare_file(file);
    const bool comparing = !line.compare.empty();
    const ReadRun run = read_run(line.subject, line.continuation, comparing);
    if (!line.quiet) print_notes(run, comparing);
    if (comparing) {
      const ReadRun other = read_run(line.compare, 0, true);
      if (!line.quiet) print_notes(other, true);
      fmt::print("{}", compare_profiles({run.name, &run.summary, &run.times}, {other.name, &other.summary, &other.times}));
    } else if (const bool exporting = !(line.trace + line.prometheus + json_file(line)).empty(); !exporting || !line.quiet) {
      fmt::print("{}", profile_table(run.summary));
    }
    std::fflush(stdout);
    write_files(line, run);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
