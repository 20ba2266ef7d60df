#include "jetpinn/scale/scale_slurm.hpp"

#include "jetpinn/base/plural.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <fmt/format.h>

namespace jetpinn {
namespace {

void add_shape(const ScaleOptions& options, int ranks, std::vector<std::string>& command) {
  command.push_back(fmt::format("--ntasks={}", ranks));
  if (options.gpus_per_node == 0) return;
  const int per_node = options.gpus_per_node * options.ranks_per_gpu, nodes = (ranks + per_node - 1) / per_node;
  const int on_a_node = (ranks + nodes - 1) / nodes, gpus = (on_a_node + options.ranks_per_gpu - 1) / options.ranks_per_gpu;
  command.push_back(fmt::format("--nodes={}", nodes));
  command.push_back(fmt::format("--ntasks-per-node={}", on_a_node));
  command.push_back(fmt::format("--gpus-per-node={}", gpus));
}

}  // namespace

std::string scale_stem(const StudyFolder& folder, int ranks) { return folder.jobs() + fmt::format("/p{:04d}", ranks); }

SlurmJob scale_job(const ScaleOptions& options, const StudyFolder& folder, int ranks,
                   const std::vector<std::pair<std::string, std::vector<std::string>>>& runs) {
  SlurmJob job;
  job.stem = scale_stem(folder, ranks);
  job.what = "the job of " + plural(ranks, "rank");
  const std::string runs_file = job.stem + ".runs";
  std::string text = "# Read by jobs/scale.sbatch: the folder of a run, and what jetpinn is started with.\n";
  for (const auto& [run, arguments] : runs) text += "measure " + shell_word(run) + " " + shell_line(arguments) + "\n";
  write_text_file(runs_file, text, Status::usage);
  job.command = {"sbatch", "--parsable", fmt::format("--job-name=scale-p{}", ranks), "--output=" + job.stem + "-%j.out"};
  add_shape(options, ranks, job.command);
  job.command.insert(job.command.end(), options.sbatch.begin(), options.sbatch.end());
  job.command.insert(job.command.end(), {batch_script(scale_script), runs_file});
  return job;
}

}  // namespace jetpinn
