#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/app/start_from.hpp"
#include "jetpinn/app/train_run.hpp"
#include "jetpinn/app/window_plan.hpp"
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/profile/peaks.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/card_memory.hpp"
#include "jetpinn/train/gate_plan.hpp"
#include "jetpinn/train/libtorch_need.hpp"
#include "jetpinn/train/precision_need.hpp"
#include "jetpinn/train/scales.hpp"

#include <cstdio>
#include <utility>
#include <vector>

namespace jetpinn {

int run_check(Communicator& communicator, const CommandLine& line) {
  Config config = read_config(communicator, line.subject, line.sets);
  communicator.agree("device", [&] { device_for(communicator, line, config.training); });
  Problem problem = read_problem(communicator, config);
  require_tables(communicator, problem);
  const ReferenceSet reference(communicator, problem);
  Assembly assembly;
  std::vector<double> start;   // rank 0
  communicator.agree("plan", [&] {
    assembly = assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    choose_recomputed(assembly, config);
    require_memory(assembly, config);
    require_libtorch(assembly, config.training, communicator.rank());
    require_precision(config.training);
    gated_terms(assembly, config.training);
    if (line.device == "cuda")
      require_card_memory(assembly, config.training, config.output, communicator.rank(), line.sharing);
    record_scales(config, recorded_scales(*assembly.problem));
    std::string windows_text;
    if (config.training.windows.cut()) {
      const Windows windows = make_windows(*assembly.problem, config.problem, config.training.windows);
      windows_text = windows_report(*assembly.problem, windows, plan_windows(assembly, config, windows, communicator.size()),
                                    config.training.windows.from_previous);
    }
    if (!communicator.root()) return;
    start = read_start(config, assembly.network);
    const auto report = [&] {  // peaks only where a run has measured them: a check is quick
      return plan_report(assembly, config, communicator.size()) + windows_text +
             peaks_report(PeakCache().read().value_or(MachinePeaks{}).in(config.training.precision), assembly, config,
                          communicator.size());
    };
    const std::string text = line.dump_config ? config.resolved : line.quiet ? "" : report();
    std::fputs(text.c_str(), stdout);
    if (!line.dump_config && !line.quiet)
      for (const std::string& note : reference.size_notes()) std::printf("note       %s\n", note.c_str());
  });
  const AuditInput input{assembly, config.network, config.training, reference.facts(communicator), std::move(start)};
  report_warnings(communicator, audit(communicator, input), line.strict);
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
