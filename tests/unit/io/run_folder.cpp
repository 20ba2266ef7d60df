#include "jetpinn/io/run_folder.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::TemporaryFolder;

TEST(AtomicFile, ReplacesTextAndLeavesNoTemporaryFile) {
  const TemporaryFolder folder;
  write_text_file(folder.file("a.txt"), "one");
  write_text_file(folder.file("a.txt"), "two\n");
  EXPECT_EQ(read_text_file(folder.file("a.txt")), "two\n");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.txt"});
}

TEST(AtomicFile, AbandonedFileDisappears) {
  const TemporaryFolder folder;
  {
    const AtomicFile file(folder.file("a.txt"));
    std::ofstream(file.temporary()) << "half";
    EXPECT_EQ(folder.names().size(), 1u);
  }
  EXPECT_TRUE(folder.names().empty());
}

// Renaming onto /dev/null would take it away from everybody.
TEST(AtomicFile, DevicesAndPipesStayWhatTheyAre) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  expect_error(Status::storage, {folder.file("pipe"), "a device or a pipe"},
               [&] { write_text_file(folder.file("pipe"), "x"); });
  expect_error(Status::usage, {"/dev/null", "a device or a pipe"}, [] { require_file_place("/dev/null"); });
  expect_error(Status::usage, {"a folder"}, [&] { require_file_place(folder.path()); });
  EXPECT_TRUE(fs::is_fifo(folder.file("pipe")));
  EXPECT_EQ(folder.names(), std::vector<std::string>{"pipe"});
}

TEST(AtomicFile, TextIsAppended) {
  const TemporaryFolder folder;
  append_text_file(folder.file("a.txt"), "one\n");
  append_text_file(folder.file("a.txt"), "two\n");
  EXPECT_EQ(read_text_file(folder.file("a.txt")), "one\ntwo\n");
  expect_error(Status::storage, {"/dev/full", "No space left"}, [] { append_text_file("/dev/full", "x"); });
}

TEST(AtomicFile, FailureNamesFileAndReason) {
  expect_error(Status::storage, {"/nowhere/a.txt", "No such file"}, [] { write_text_file("/nowhere/a.txt", "x"); });
  expect_error(Status::usage, {"/nowhere/a.txt"}, [] { write_text_file("/nowhere/a.txt", "x", Status::usage); });
  expect_error(Status::usage, {"/nowhere/a.txt", "No such file"}, [] { read_text_file("/nowhere/a.txt"); });
}

TEST(RunFolder, OfARunThatIsMadeOfAnotherLiesApart) {
  const TemporaryFolder folder;
  const std::string run = folder.file("runs/a");
  fs::create_directories(run + "/windows/0");
  fs::create_directories(folder.file("runs/b"));
  fs::create_directory_symlink(run, folder.file("link"));
  fs::create_directory_symlink(folder.file("runs"), folder.file("all"));
  const auto refused = [&](const std::string& output, const std::string& words) {
    SCOPED_TRACE(output);
    expect_error(Status::usage, {"--output " + output, words, "choose a folder beside it"},
                 [&] { require_apart(output, run, "pruned"); });
  };
  for (const std::string& same :
       {run, run + "/", run + "/.", folder.file("runs/b/../a"), folder.file("runs/new/../a"), folder.file("link"),
        folder.file("link/"), folder.file("all/a"), folder.file("all/b/../../link")})
    refused(same, "is the run that is pruned");
  for (const std::string& inside :
       {run + "/small", run + "/windows/0", run + "/new/deep", folder.file("link/small"), folder.file("all/a/windows")})
    refused(inside, "lies in " + run + ", the run that is pruned");
  for (const std::string& around :
       {folder.path(), folder.file("runs"), folder.file("all"), folder.file("all/.."), std::string("/")})
    refused(around, "holds " + run + ", the run that is pruned");
  for (const std::string& apart : {folder.file("runs/b"), folder.file("runs/a-pruned"), folder.file("runs/new"),
                                   folder.file("all/new"), folder.file("link-small"), folder.file("runs/a/../c")})
    EXPECT_NO_THROW(require_apart(apart, run, "pruned")) << apart;
  EXPECT_THROW(require_apart(run, folder.file("link"), "pruned"), Error);
  EXPECT_NO_THROW(require_apart("small", run, "pruned"));
}

TEST(RunFolder, IsCreatedWithItsParents) {
  const TemporaryFolder folder;
  create_run_folder(folder.file("a/b/c"), false);
  EXPECT_TRUE(fs::is_directory(folder.file("a/b/c")));
  EXPECT_TRUE(fs::is_empty(folder.file("a/b/c")));
  EXPECT_FALSE(find_run(folder.file("a/b/c")).exists);
  create_run_folder(folder.file("a/b/c"), false);   // still empty: nothing to lose
}

// Scratch space for checkpoints may be mounted or linked there beforehand; a checkpoint whose
// config is gone is another thing.
TEST(RunFolder, AnEmptyFolderForCheckpointsIsNoRun) {
  const TemporaryFolder folder;
  fs::create_directories(folder.file("run/checkpoints/lost+found"));
  create_run_folder(folder.file("run"), false);
  EXPECT_TRUE(fs::is_directory(folder.file("run/checkpoints/lost+found")));
  fs::create_directories(folder.file("run/checkpoints/step-00000010"));
  expect_error(Status::usage, {"run", "holds checkpoints but no config.toml", "--force"},
               [&] { create_run_folder(folder.file("run"), false); });
}

TEST(RunFolder, AnotherRunIsRefusedOrRenamedAwayNeverDeleted) {
  const TemporaryFolder folder;
  const std::string run = folder.file("run");
  for (int round = 0; round < 3; ++round) {
    create_run_folder(run + (round == 2 ? "/" : ""), true);
    write_text_file(run + "/config.toml", "name = \"" + std::to_string(round) + "\"\n");
  }
  expect_error(Status::usage, {run, "another run", "--force", "--output"}, [&] { create_run_folder(run, false); });
  EXPECT_EQ(find_run(run + ".old-1").config, "name = \"0\"\n");
  EXPECT_EQ(find_run(run + ".old-2").config, "name = \"1\"\n");
  EXPECT_EQ(find_run(run).config, "name = \"2\"\n");
}

TEST(RunFolder, TellsHowTheRunEnded) {
  const TemporaryFolder folder;
  write_text_file(folder.file("config.toml"), "");
  EXPECT_TRUE(find_run(folder.path()).exists);
  EXPECT_EQ(find_run(folder.path()).status, "");
  write_text_file(folder.file("summary.json"),
                  R"({"status": "completed", "stopped_by": "steps", "steps": 12, "loss": null})");
  EXPECT_EQ(find_run(folder.path()).status, "completed");
  EXPECT_EQ(find_run(folder.path()).stopped_by, "steps");
  EXPECT_EQ(find_run(folder.path()).steps, 12);
  write_text_file(folder.file("summary.json"), "{ damaged");
  EXPECT_EQ(find_run(folder.path()).status, "");
  EXPECT_NO_THROW(require_run(folder.path()));
}

TEST(RunFolder, UnusablePlacesAreUsageErrors) {
  const TemporaryFolder folder;
  write_text_file(folder.file("file"), "");
  expect_error(Status::usage, {"file", "not a folder"}, [&] { create_run_folder(folder.file("file"), false); });
  expect_error(Status::usage, {"cannot create", "file/run"}, [&] { create_run_folder(folder.file("file/run"), false); });
  expect_error(Status::usage, {"no run", "config.toml"}, [&] { require_run(folder.path()); });
  expect_error(Status::usage, {"there is no run folder"}, [&] { require_run(folder.file("none")); });
  // Root may write anywhere but where nobody can.
  const std::string closed = geteuid() == 0 ? "/proc/self" : folder.file("closed");
  if (geteuid() != 0) {
    fs::create_directory(closed);
    fs::permissions(closed, fs::perms::owner_read | fs::perms::owner_exec);
  }
  expect_error(Status::usage, {"cannot write"}, [&] { create_run_folder(closed, false); });
}

}  // namespace
}  // namespace jetpinn
