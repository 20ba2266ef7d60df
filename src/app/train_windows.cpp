#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/app/run_plan.hpp"
#include "jetpinn/app/start_from.hpp"
#include "jetpinn/app/train_run.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/app/window_plan.hpp"
#include "jetpinn/app/window_results.hpp"
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/publish_records.hpp"
#include "jetpinn/config/window_config.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/train/gate_plan.hpp"
#include "jetpinn/train/last_state.hpp"
#include "jetpinn/train/libtorch_need.hpp"
#include "jetpinn/train/monitors.hpp"
#include "jetpinn/train/precision_need.hpp"
#include "jetpinn/train/run_summary.hpp"
#include "jetpinn/train/scales.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

const char* const run_from_window = "../..";  // so configs of windows are right wherever the run folder is moved
constexpr double shortest_s = 1e-3;           // of a window whose time is over when it begins
constexpr double gap = 10;  // loss on independent points over that trained to, beyond which a last state is doubtful

class WindowedRun {
 public:
  WindowedRun(Communicator& communicator, const CommandLine& line, const RunRequest& request)
      : communicator_(communicator), line_(line), request_(request), config_(request.config), folder_(request.folder) {}

  RunOutcome train() {
    const Problem given = read_problem(communicator_, config_);
    Problem problem = given;
    request_.force ? require_tables(communicator_, problem) : take_kept_tables(communicator_, problem, folder_);
    make_plan(std::move(problem));
    const bool complete = open_folder();
    if (complete) return RunOutcome::complete_before;
    for (Warning& warning : changed_tables(communicator_, given, *whole_.problem))
      end_.warnings.push_back(std::move(warning));
    report_warnings(communicator_, end_.warnings, false);
    publish_rank_records(communicator_, folder_);
    try {
      return train_all();
    } catch (const Error& error) {
      leave_failed(error);
      throw;
    }
  }

 private:
  // Before anything is written: what cannot run leaves nothing behind.
  void make_plan(Problem problem) {
    communicator_.agree("plan", [&] {
      whole_ = assemble(std::move(problem), config_.network, config_.sampling, config_.training.seed, communicator_.size());
      record_scales(config_, recorded_scales(*whole_.problem));
      windows_ = make_windows(*whole_.problem, config_.problem, config_.training.windows);
      plans_ = plan_windows(whole_, config_, windows_, communicator_.size());
      require_libtorch(whole_, config_.training, communicator_.rank());
      require_precision(config_.training);
      gated_terms(whole_, config_.training);
      if (communicator_.root() && (request_.force || !find_run(folder_).exists))
        start_ = read_start(config_, whole_.network);
    });
    reference_.emplace(communicator_, *whole_.problem);
    end_.warnings =
        audit(communicator_, {whole_, config_.network, config_.training, reference_->facts(communicator_), start_});
    if (line_.strict) report_warnings(communicator_, end_.warnings, true);
  }

  // True: the run in it is complete.
  bool open_folder() {
    run_ = open_run(communicator_, folder_, config_, *whole_.problem, request_.force, line_.resume);
    if (run_.plan.kind == RunPlan::done) return true;
    communicator_.agree("run folder", [&] {
      if (!communicator_.root()) return;
      retire_summary(folder_);
      std::error_code trouble;  // there may be none
      std::filesystem::remove(folder_ + "/network.h5", trouble);
      write_text_file(folder_ + "/config.toml", config_.resolved);
    });
    return false;
  }

  RunOutcome train_all() {
    for (std::size_t k = 0; k < windows_.count(); ++k) {
      if (asked_to_stop()) return stop();
      RunRequest request = request_;
      request.part = true;
      request.window.emplace();  // on rank 0, which writes, with what it counts on from
      request.folder = window_folder(folder_, k);
      communicator_.agree("window", [&] {
        if (!communicator_.root()) return;
        make_folder(window_tables(folder_, k));
        request.window = write_windows_metrics(folder_, k);
      });
      request.force = false;  // what was in the way is renamed away already
      if (k == 0)
        request.start = start_;
      else
        hand_over(k);
      const bool compared =
          reference_->has_rows_between(communicator_, windows_.coordinate, windows_.edges[k], windows_.edges[k + 1]);
      communicator_.agree("window", [&] { request.config = config_of(k, compared); });
      request.begin = k == 0 ? request_.begin : wall_seconds();
      if (k > 0) begin_regions(request.begin);
      if (request_.max_time_s > 0)  // 0 would be no limit
        request.max_time_s = std::max(request_.max_time_s - (request.begin - request_.begin), shortest_s);
      say(fmt::format("window {} of {}, {}", k, windows_.count(), window_text(*whole_.problem, windows_, k)));
      const RunOutcome outcome = train_run(communicator_, line_, request);
      if (outcome == RunOutcome::stopped) return stop();
    }
    finish();
    return RunOutcome::completed;
  }

  bool asked_to_stop() {
    const double left = request_.max_time_s - (wall_seconds() - request_.begin);
    double stop = stop_requested() ? 1 : request_.max_time_s > 0 && left <= 0 ? 2 : 0;
    communicator_.max("window", &stop, 1);
    if (stop > 0) stopped_by_ = stop > 1 ? "time" : "signal";
    return stop > 0;
  }

  Config config_of(std::size_t k, bool compared) {
    const Problem& problem = *whole_.problem;
    WindowParts parts;
    parts.terms = terms_of_window(problem, windows_, k, plans_[k]);
    for (std::size_t t = 0; t < problem.terms.size(); ++t) {
      const Term& term = problem.terms[t];
      const bool reads = parts.terms[t] && (term.table || (windows_.begins[t] && k > 0));
      parts.tables.push_back(reads ? window_table(run_from_window, k, term.name) : "");
      if (!reads || !term.table || !communicator_.root()) continue;
      const double above = k == 0 ? -std::numeric_limits<double>::infinity() : windows_.edges[k];
      copy_rows_between(problem, term, windows_.coordinate, above, windows_.edges[k + 1],
                        window_table(folder_, k, term.name));
    }
    parts.reference = compared;
    if (k == 0)
      parts.start_from = config_.training.start_from;
    else if (config_.training.windows.from_previous)
      parts.start_from = window_folder(run_from_window, k - 1);
    return window_config(config_, problem, windows_, k, parts, window_folder(folder_, k) + "/config.toml");
  }

  // The last state of window k - 1, verified, in the tables of window k. A run in window k's folder that began with another
  // one is renamed away: it must begin again. Collective.
  void hand_over(std::size_t k) {
    const Trained last = load_trained(communicator_, window_folder(folder_, k - 1), {});
    const std::string hash = parameter_hash(last.parameters);
    char same = 0, known = 0;
    communicator_.agree("last state", [&] {
      if (!communicator_.root()) return;
      same = begins_with(folder_, k, hash);
      known = same && tables_are_there(k);
    });
    communicator_.broadcast("last state", &known, sizeof known);
    if (known) return;

    EngineOptions options = last.engine;
    options.reproducibility = Reproducibility::ranks;  // the same state on any number of ranks
    const std::unique_ptr<Engine> engine = make_engine(options, last.assembly.network, whole_.terms);
    std::int64_t points = 0;
    communicator_.agree("last state", [&] {
      for (std::size_t t = 0; t < windows_.begins.size(); ++t) {
        if (!windows_.begins[t]) continue;
        const PointTable table =
            last_state(whole_, windows_, t, windows_.edges[k], *engine, last.parameters.data(), last_state_column);
        if (communicator_.root()) write_point_table(window_table(folder_, k, whole_.problem->terms[t].name), table);
        points += table.rows();
      }
    });
    communicator_.agree("last state", [&] {
      if (!communicator_.root()) return;
      if (!same && find_run(window_folder(folder_, k)).exists) rename_away(window_folder(folder_, k));
      verify(k, points, hash);
    });
  }

  bool tables_are_there(std::size_t k) const {
    std::error_code trouble;
    for (std::size_t t = 0; t < windows_.begins.size(); ++t)
      if (windows_.begins[t] &&
          !std::filesystem::is_regular_file(window_table(folder_, k, whole_.problem->terms[t].name), trouble))
        return false;
    return true;
  }

  // Rank 0. Throws Error (numerical) where the network of window k - 1 is none that a window can begin with.
  void verify(std::size_t k, std::int64_t points, const std::string& hash) {
    const std::optional<WindowEnd> end = window_end(folder_, k - 1);
    if (!end) throw Error(Status::storage, window_folder(folder_, k - 1) + " holds no summary.json of the window's end");
    if (!std::isfinite(end->loss) || !std::isfinite(end->loss_independent))
      throw Error(
          Status::numerical,
          fmt::format("the loss of window {} is not finite on independent points, so no window can begin with its last "
                      "state; look at {}/metrics.jsonl",
                      k - 1, window_folder(folder_, k - 1)));
    const double ratio = end->loss > 0 ? end->loss_independent / end->loss : 1;
    const std::string found = fmt::format(
        "the last state of window {}, at {} points, is finite; its loss on independent points is {:.2g}, {:.2g} "
        "times that which it was trained to",
        k - 1, points, end->loss_independent, ratio);
    if (ratio > gap) {
      end_.warnings.push_back(
          {"last state", found + ": later windows inherit what is wrong with it; raise sampling.points"});
      std::fprintf(stderr, "jetpinn: warning: %s\n", end_.warnings.back().text.c_str());
    } else {
      say(found);
    }
    write_last_state_note(folder_, k, {windows_.edges[k], points, *end, hash});
  }

  RunOutcome stop() {
    communicator_.agree("summary", [&] {
      if (!communicator_.root()) return;
      end_.status = "stopped";
      end_.stopped_by = stopped_by_;
      for (std::size_t k = 0; k < windows_.count() && stopped_by_.empty(); ++k)
        if (const auto window = window_end(folder_, k); window && window->status == "stopped")
          end_.stopped_by = window->stopped_by;
      gather();
      leave();
    });
    return RunOutcome::stopped;
  }

  void finish() {
    const Trained all = load_trained(communicator_, folder_, {});
    const std::unique_ptr<Engine> engine = make_engine(all.engine, all.assembly.network, all.assembly.evaluated());
    end_.errors = reference_->errors(communicator_, *engine, all.parameters.data());
    if (!all.assembly.monitors.empty()) {
      Monitors monitors(communicator_, all.assembly);
      monitors.measure_all(communicator_, *engine, all.parameters);
      RunSummary measured;
      monitors.tell(measured);
      end_.monitors = measured.monitors;
    }
    end_.parameter_hash = parameter_hash(all.parameters);
    communicator_.agree("summary", [&] {
      if (!communicator_.root()) return;
      const std::optional<WindowEnd> last = window_end(folder_, windows_.count() - 1);
      end_.status = "completed";
      end_.stopped_by = last ? last->stopped_by : "steps";
      gather();
      write_windows_network(folder_, *whole_.problem, windows_, end_.trained.numbers);
      leave();
      for (const FieldError& error : end_.errors)
        std::printf("%s over all %zu windows: relative L2 error %.4e, largest error %.4e\n", error.field.c_str(),
                    windows_.count(), error.rel_l2, error.max_abs);
      for (const CombinedValue& number : end_.trained.numbers)
        std::printf("%s\n", combined_text(number, windows_.count()).c_str());
      std::fflush(stdout);
    });
  }

  // What the windows that have begun tell; of a complete run these are all, whatever became of their files.
  void gather() {
    end_.begun = end_.status == "completed" ? windows_.count() : windows_begun(folder_, windows_.count());
    end_.trained = windows_trained(folder_, end_.begun);
    for (Warning& warning : warnings_of(end_.trained)) {
      std::fprintf(stderr, "jetpinn: warning: %s\n", warning.text.c_str());
      end_.warnings.push_back(std::move(warning));
    }
  }

  void leave() {
    write_windows_metrics(folder_, end_.begun);
    write_windows_summary(folder_, *whole_.problem, windows_, end_);
  }

  // Not collective: others may be lost. The error itself is on its way to the user.
  void leave_failed(const Error& error) noexcept {
    if (!communicator_.root()) return;
    try {
      end_.status = "failed";
      end_.stopped_by = error.status() == Status::numerical ? "not finite"
                        : error.status() == Status::storage ? "storage"
                        : error.status() == Status::usage   ? "input"
                                                            : "communication";
      gather();
      leave();
    } catch (const std::exception&) {
    }
  }

  void say(const std::string& sentence) {
    if (!communicator_.root() || line_.quiet) return;
    std::printf("%s\n", sentence.c_str());
    std::fflush(stdout);
  }

  Communicator& communicator_;
  const CommandLine& line_;
  RunRequest request_;  // with the device that its terms allow
  Config config_;  // with the scales that were chosen
  const std::string folder_;
  Assembly whole_;
  Windows windows_;
  std::vector<WindowPlan> plans_;          // [windows]
  std::optional<ReferenceSet> reference_;  // of the whole domain
  std::vector<double> start_;              // rank 0: the network of training.start_from; empty: none, or a run goes on
  OpenRun run_;
  WindowedRunEnd end_;
  std::string stopped_by_;  // between two windows; empty: the run was stopped inside of one
};

}  // namespace

RunOutcome train_windows(Communicator& communicator, const CommandLine& line, const RunRequest& request) {
  return WindowedRun(communicator, line, request).train();
}

}  // namespace jetpinn
