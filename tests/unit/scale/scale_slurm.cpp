#include "jetpinn/scale/scale_slurm.hpp"

#include "jetpinn/config/config.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace jetpinn {
namespace {

const char* const config_text = R"(
name = "line"
[problem]
coordinates = ["x"]
fields = ["u"]
domain = { x = [0, 1] }
[[problem.equations]]
name = "line"
residual = "u_x - 1"
)";

std::string shape_of(int ranks, int gpus_per_node, int ranks_per_gpu) {
  const testing::TemporaryFolder folder;
  // A project of its own, so that the batch script is found wherever the tests lie.
  std::filesystem::create_directories(folder.file("project/jobs"));
  std::ofstream(folder.file("project/jobs/scale.sbatch")) << "#!/bin/sh\n";
  setenv("JETPINN_ROOT", folder.file("project").c_str(), 1);
  ScaleOptions options;
  options.slurm = true;
  options.gpus_per_node = gpus_per_node;
  options.ranks_per_gpu = ranks_per_gpu;
  options.sbatch = {"--partition=big"};
  const StudyFolder study({folder.file("study"), {}, true, false}, parse_config(config_text, "line.toml", {}));
  const SlurmJob job = scale_job(options, study, ranks, {{study.path() + "/runs/a", {"train", "x y"}}});
  unsetenv("JETPINN_ROOT");
  std::ifstream file(job.stem + ".runs");
  const std::string runs{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(runs.find("measure " + study.path() + "/runs/a train 'x y'\n"), std::string::npos) << runs;
  EXPECT_EQ(job.command.back(), job.stem + ".runs");
  EXPECT_NE(std::find(job.command.begin(), job.command.end(), "--partition=big"), job.command.end());
  std::string shape;
  for (const std::string& word : job.command)
    if (word.rfind("--n", 0) == 0 || word.rfind("--gpus", 0) == 0) shape += word + " ";
  return shape;
}

TEST(ScaleSlurm, AJobHasTheShapeOfItsRanks) {
  EXPECT_EQ(shape_of(6, 0, 1), "--ntasks=6 ");
  EXPECT_EQ(shape_of(2, 4, 1), "--ntasks=2 --nodes=1 --ntasks-per-node=2 --gpus-per-node=2 ");
  EXPECT_EQ(shape_of(16, 4, 1), "--ntasks=16 --nodes=4 --ntasks-per-node=4 --gpus-per-node=4 ");
  EXPECT_EQ(shape_of(16, 4, 2), "--ntasks=16 --nodes=2 --ntasks-per-node=8 --gpus-per-node=4 ");
}

}  // namespace
}  // namespace jetpinn
