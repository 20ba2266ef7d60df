#include "jetpinn/app/run_plan.hpp"

#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/kept_surfaces.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <vector>

namespace jetpinn {
namespace {

bool stops_alike(const StopOptions& a, const StopOptions& b) {
  const auto all = [](const StopOptions& s) { return std::tuple(s.time_s, s.loss, s.error, s.stall_steps, s.stall_factor); };
  return all(a) == all(b);
}

bool all_begin_with(const std::string& prefix, const std::vector<std::string>& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](const std::string& text) { return text.rfind(prefix, 0) == 0; });
}

// What goes on from the run in `folder` although these keys differ: stages behind its own, or a run of its
// own that begins with its network.
std::string ways_to_go_on(const std::string& folder, const std::vector<std::string>& differences) {
  if (!all_begin_with("training.", differences)) return "";
  const std::string stages = all_begin_with("training.stages.", differences)
                                 ? "; other settings for what comes next belong into a stage behind those it has"
                                 : "";
  const std::string start =
      "training.start_from=" + std::filesystem::absolute(without_trailing_slash(folder)).lexically_normal().string();
  return stages + "; a new run begins with its network by --set " + start + " and another --output";
}

}  // namespace

Config require_same(const std::string& folder, const std::string& where, const std::string& text, const Config& config) {
  Config old;
  try {
    old = parse_config(text, folder + "/config.toml", {});
  } catch (const Error&) {
    throw Error(Status::usage, where + " is a config that this version cannot read" + ways_around_a_run);
  }
  const std::vector<std::string> differences = matters(old, config);
  if (differences.empty()) return old;
  constexpr std::size_t listed = 5;
  std::string list;
  for (std::size_t i = 0; i < std::min(differences.size(), listed); ++i) list += (i == 0 ? "" : ", ") + differences[i];
  if (differences.size() > listed) list += " and " + std::to_string(differences.size() - listed) + " more";
  throw Error(Status::usage,
              where + " is of another run (" + list + ")" + ways_to_go_on(folder, differences) + ways_around_a_run);
}

namespace {

RunPlan plan_for(const std::string& folder, const Config& config, bool force, const std::string& resume) {
  const FoundRun found = find_run(folder);
  if (!found.exists || force) return {};
  const Config old = require_same(folder, folder + "/config.toml", found.config, config);
  if (resume == "never")
    throw Error(Status::usage,
                "the run folder " + folder + " holds this run already, and --resume is never" + ways_around_a_run);
  const bool completed = found.status == "completed";
  const bool by_stop =
      found.stopped_by == "time" || found.stopped_by == "loss" || found.stopped_by == "error" || found.stopped_by == "stall";
  const bool more = config.training.total_steps() > old.training.total_steps() ||
                    (by_stop && !stops_alike(config.training.stop, old.training.stop));
  if (completed && !more) return {RunPlan::done};
  return {RunPlan::go_on, completed};
}

}  // namespace

OpenRun open_run(Communicator& communicator, const std::string& folder, const Config& config, const Problem& problem,
                 bool force, const std::string& resume) {
  OpenRun run;
  communicator.agree("run folder", [&] {
    if (!communicator.root()) return;
    run.plan = plan_for(folder, config, force, resume);
    if (run.plan.kind == RunPlan::fresh) {
      if (force && find_run(folder).exists) FolderLock{folder};  // a run that goes on there is not renamed away
      create_run_folder(folder, force);
    }
    if (run.plan.kind == RunPlan::done) return;
    run.lock = std::make_unique<FolderLock>(folder);
    keep_tables(problem, folder);
    keep_patterns(config.network, folder);
    keep_surfaces(config.problem.geometry, folder);
  });
  communicator.broadcast("run folder", &run.plan, sizeof run.plan);
  return run;
}

}  // namespace jetpinn
