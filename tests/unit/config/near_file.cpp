#include "jetpinn/config/near_file.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

TEST(NearFile, OffersTheNeighbourWithASimilarName) {
  const testing::TemporaryFolder folder;
  for (const char* name : {"burgers.toml", "heat_1d.toml", "burgers.h5"}) std::ofstream(folder.file(name)) << "\n";
  std::filesystem::create_directories(folder.file("runs/burgers"));
  std::filesystem::create_directories(folder.file("runs/burgert"));   // no run
  std::ofstream(folder.file("runs/burgers/config.toml")) << "\n";
  EXPECT_EQ(near_config(folder.file("burger.toml")), "; did you mean '" + folder.file("burgers.toml") + "'?");
  EXPECT_EQ(near_config(folder.file("heat_1d")), "; did you mean '" + folder.file("heat_1d.toml") + "'?");
  EXPECT_EQ(near_config(folder.file("pendulum.toml")), "");
  EXPECT_EQ(near_config(folder.file("nowhere/burgers.toml")), "");
  std::ofstream(folder.file("burgers.csv")) << "\n";
  EXPECT_EQ(near_table(folder.file("burger.csv")), "; did you mean '" + folder.file("burgers.csv") + "'?");
  EXPECT_EQ(near_table(folder.file("pendulum.csv")), "");
  EXPECT_EQ(near_run(folder.file("runs/burgerz/")), "; did you mean '" + folder.file("runs/burgers") + "'?");
  EXPECT_EQ(near_run(folder.file("runs/heat")), "");
}

}  // namespace
}  // namespace jetpinn
