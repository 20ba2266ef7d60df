#include "jetpinn/app/run_plan.hpp"

#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/kept_surfaces.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>
#include <variant>
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
std::string ways_to_go_on(const std::string& folder, const Config& config, const std::vector<std::string>& differences) {
  if (config.task != ConfigTask::problem || !all_begin_with("training.", differences)) return "";
  const std::string stages = all_begin_with("training.stages.", differences)
                                 ? "; other settings for what comes next belong into a stage behind those it has"
                                 : "";
  const std::string start = "training.start_from=" + absolute_path(without_trailing_slash(folder));
  return stages + "; a new run begins with its network by --set " + start + " and another --output";
}

}  // namespace

Config require_same(const std::string& folder, const std::string& where, const std::string& text, const Config& config) {
  Config old;
  try {
    old = parse_config(text, folder + "/config.toml", {}, config.task);
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
              where + " is of another run (" + list + ")" + ways_to_go_on(folder, config, differences) + ways_around_a_run);
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
  const bool more = config.training.total_steps() > old.training.total_steps() || config.images.epochs > old.images.epochs ||
                    (by_stop && !stops_alike(config.training.stop, old.training.stop));
  if (completed && !more) return {RunPlan::done};
  return {RunPlan::go_on, completed};
}

}  // namespace

OpenRun open_run(Communicator& communicator, const std::string& folder, const Config& config, bool force,
                 const std::string& resume, const std::function<void()>& keep) {
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
    keep();
  });
  communicator.broadcast("run folder", &run.plan, sizeof run.plan);
  return run;
}

OpenRun open_run(Communicator& communicator, const std::string& folder, const Config& config, const Problem& problem,
                 bool force, const std::string& resume) {
  return open_run(communicator, folder, config, force, resume, [&] {
    keep_tables(problem, folder);
    keep_patterns(config.network, folder);
    keep_surfaces(config.problem.geometry, folder);
  });
}

std::optional<LoadedCheckpoint> load_checkpoint(Communicator& communicator, const std::string& folder, const Config& config,
                                                const std::function<void(const LoadedCheckpoint&)>& check) {
  CheckpointStore store(communicator, folder, {});
  std::optional<LoadedCheckpoint> loaded = store.load();
  if (loaded) {
    if (communicator.root())
      for (const std::string& reason : loaded->rejected)
        std::fprintf(stderr, "jetpinn: warning: %s; an older checkpoint is taken\n", reason.c_str());
    communicator.agree("config", [&] {
      const auto text = loaded->values.find("config");
      if (text == loaded->values.end() || !std::holds_alternative<std::string>(text->second))
        throw Error(Status::storage, loaded->folder + " holds no config: it was written by another version of jetpinn");
      require_same(folder, "the config in " + loaded->folder, std::get<std::string>(text->second), config);
      check(*loaded);
    });
    return loaded;
  }
  communicator.agree("run folder", [&] {
    if (communicator.root() && has_steps(folder))
      throw Error(Status::storage, "the run folder " + folder + " holds steps of this run but no checkpoint to go on from" +
                                       ways_around_a_run);
  });
  if (communicator.root())
    std::fprintf(stderr, "jetpinn: the run in %s ended before its first step: it begins again\n", folder.c_str());
  return loaded;
}

}  // namespace jetpinn
