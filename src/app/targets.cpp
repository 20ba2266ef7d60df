#include "jetpinn/bench/bench_targets.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/driver.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <cstdio>

namespace jetpinn {

int run_bench_targets(StopRequests& stops, const CommandLine& line) {
  BenchTargetsOptions options;
  options.rows = choose_rows(line.rows);
  if (!line.output.empty()) options.folder = line.output;
  options.ranks = available_cores();
  options.device = line.device;
  for (TargetRow& row : options.rows)
    if (line.bench_seconds > 0) row.train_s = line.bench_seconds;
  if (!line.quiet) options.progress = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); };
  const std::string file = !line.json.empty()   ? line.json
                           : !line.file.empty() ? line.file
                                                : options.folder + "/targets.json";
  prepare_file(file);

  const TargetReport report = bench_targets(stops, options);
  std::fputs(report.text().c_str(), stdout);
  write_text_file(file, report.json());
  if (report.status() != 0) return report.status();
  return line.strict && !report.met() ? 1 : 0;
}

}  // namespace jetpinn
