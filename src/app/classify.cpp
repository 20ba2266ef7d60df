#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/run_plan.hpp"
#include "jetpinn/app/time_limit.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/classify/classifier.hpp"
#include "jetpinn/comm/publish_records.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/vision/read_images.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

// The images and the plan come before the folder: a config that cannot run leaves nothing behind.
ImageData read_planned_images(Communicator& communicator, const CommandLine& line, Config& config) {
  ImageData images = read_images(communicator, config.images.dataset);
  communicator.agree("plan", [&] {
    set_steps(config.training, config.images, images.training.count());
    blocks_of(model_of(config.images, images.training));
    load_libtorch(libtorch_purposes::images);
    if (line.device != "cpu")
      throw Error(Status::usage, "--device " + line.device + ": classify computes on the processor; leave --device away");
    // The images are held already, and what LibTorch takes for the layers of a pass depends on how many it is given.
    const std::int64_t certain =
        parameter_bytes(config.images, config.training, images.training, communicator.rank(), communicator.size());
    if (certain > available_memory_bytes())
      throw Error(Status::usage, fmt::format("a training of this model takes {:.3g} GiB at least, more than is left of this "
                                             "machine's memory; take a smaller model",
                                             static_cast<double>(certain) / 1073741824.0));
    double planned = 0;
    for (int rank = 0; rank < communicator.size(); ++rank)
      planned += static_cast<double>(planned_bytes(config.images, config.training, images, rank, communicator.size()));
    if (const double limit = config.run.memory_limit_bytes; limit > 0 && planned > limit)
      throw Error(
          Status::usage,
          fmt::format("planned are {:.0f} MiB for {} rank{}, above run.memory_limit of {:.0f} MiB; take fewer images "
                      "(dataset.limit) or fewer ranks, each of which holds all of them",
                      planned / 1048576, communicator.size(), communicator.size() == 1 ? "" : "s", limit / 1048576));
  });
  return images;
}

}  // namespace

int run_classify(Communicator& communicator, const CommandLine& line, double program_start) {
  Config config = read_config(communicator, line.subject, line.sets, ConfigTask::images);
  const std::string folder = line.output.empty() ? "runs/" + config.name : line.output;
  const ImageData images = read_planned_images(communicator, line, config);
  const OpenRun run = open_run(communicator, folder, config, line.force, line.resume, [] {});
  if (run.plan.kind == RunPlan::done) {
    if (communicator.root())
      std::printf("%s: this run is complete; more epochs, another --output or --force would train again\n", folder.c_str());
    return static_cast<int>(Status::done);
  }
  publish_rank_records(communicator, folder);
  ClassifySetup setup;
  setup.task = config.images;
  setup.run.name = config.name;
  setup.run.run_directory = folder;
  setup.run.resolved_config = config.resolved;
  setup.run.config_hash = hex(hash_of(config.resolved));
  setup.run.training = config.training;
  setup.run.output = config.output;
  setup.run.run = config.run;
  setup.run.max_time_s = time_limit_s(line.max_time_s, program_start);
  setup.run.quiet = line.quiet;
  setup.run.program_start = program_start;
  setup.run.stop_requested = stop_requested;
  setup.run.longer = run.plan.longer;
  if (run.plan.kind == RunPlan::go_on)
    setup.run.resume = load_checkpoint(communicator, folder, config, [](const LoadedCheckpoint&) {});
  const TrainResult result = classify(communicator, images, std::move(setup));
  return static_cast<int>(result.status == "stopped" ? Status::stopped : Status::done);
}

}  // namespace jetpinn
