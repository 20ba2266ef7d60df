#include "jetpinn/ablate/scratch_folder.hpp"

#include "jetpinn/profile/host.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace jetpinn {
namespace {

TEST(ScratchFolder, ThoseOfProcessesThatAreGoneAreRemoved) {
  const testing::TemporaryFolder folder;
  const std::string output = folder.file("study"), mine = scratch_folder(output), here = "features-" + host_name() + "-";
  const std::string gone = "4194305", linked = here + "4194306";  // above the largest number that Linux gives to a process
  std::set<std::string> left = {std::filesystem::path(mine).filename().string(), "features-elsewhere-" + gone,
                                here + gone + "x", here, "results"};
  for (const std::string& name : left) std::filesystem::create_directories(output + "/" + name);
  std::filesystem::create_directory_symlink(output + "/results", output + "/" + linked);
  left.insert(linked);
  std::filesystem::create_directories(output + "/" + here + gone);
  std::ofstream(output + "/" + here + gone + "/norms.features") << "rows";
  remove_stale_scratch(output);
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(output)) found.insert(entry.path().filename().string());
  EXPECT_EQ(found, left);
  remove_stale_scratch(folder.file("nowhere"));
}

}  // namespace
}  // namespace jetpinn
