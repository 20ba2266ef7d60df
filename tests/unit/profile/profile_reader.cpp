#include "jetpinn/profile/profile_reader.hpp"

#include "jetpinn/base/error.hpp"
#include "support/expect_error.hpp"
#include "support/profile_records.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace fs = std::filesystem;

namespace {

struct profile_reader : ::testing::Test {
  testing::TemporaryFolder folder;
  std::string run = folder.path();
  std::string profile = run + "/profile";

  profile_reader() { fs::create_directories(profile); }

  std::string file(int rank) const { return profile + "/rank-000" + std::to_string(rank) + ".jsonl"; }
  void append(int rank, const std::string& text) { std::ofstream(file(rank), std::ios::app) << text; }
  void write_healthy(int ranks, int intervals = 3) {
    for (int rank = 0; rank < ranks; ++rank)
      for (int interval = 0; interval < intervals; ++interval) {
        IntervalRecord record = testing::healthy_record(rank, ranks, interval);
        if (interval + 1 == intervals) record.last = "completed";
        append(rank, to_json_line(record) + "\n");
      }
  }
  std::string notes() const {
    std::string text;
    for (const std::string& note : read_profile(run).notes) text += note + "\n";
    return text;
  }
  std::string refusal(int continuation = 0) const {
    try {
      read_profile(run, continuation);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      return error.what();
    }
    return "read";
  }
};

}  // namespace

// Reading the memory of a process at its begin is an error, and no end of a file.
TEST_F(profile_reader, an_error_in_a_file_is_no_end) {
  testing::expect_error(Status::usage, {"cannot read /proc/self/mem: Input/output error"},
                        [] { for_each_line("/proc/self/mem", [](const std::string&, std::int64_t, bool) {}); });
  write_healthy(2);
  fs::remove(file(1));
  fs::create_symlink("/proc/self/mem", file(1));
  const RunProfile found = read_profile(run);
  EXPECT_EQ(found.ranks.size(), 1u);
  EXPECT_NE(found.notes.at(0).find("Input/output error"), std::string::npos) << found.notes.at(0);
}

TEST_F(profile_reader, reads_what_ranks_wrote) {
  write_healthy(2);
  std::string order;
  const RunProfile read = read_profile(
      run, 0, [&](const IntervalRecord& r) { order += std::to_string(r.rank) + std::to_string(r.interval) + " "; });
  ASSERT_EQ(read.ranks.size(), 2u);
  EXPECT_EQ(read.ranks[1].sum.rank, 1);
  EXPECT_EQ(read.ranks[1].intervals, 3);
  EXPECT_EQ(order, "00 01 02 10 11 12 ");
  EXPECT_TRUE(read.notes.empty());
}

TEST_F(profile_reader, files_of_a_killed_run) {
  write_healthy(2);
  const IntervalRecord record = testing::healthy_record(1, 2, 3);
  append(1, to_json_line(record).substr(0, 200));
  EXPECT_EQ(notes(), "rank-0001.jsonl: its last line is half written, as a killed process leaves it\n");
  EXPECT_EQ(read_profile(run).ranks[1].intervals, 3);
  // Whole but for its line end: nothing is lost.
  fs::remove(file(1));
  append(1, to_json_line(record));
  EXPECT_EQ(notes(), "rank-0001.jsonl: 3 intervals are missing\nno end recorded by rank 1: killed, or still running\n");
}

TEST_F(profile_reader, missing_ranks) {
  write_healthy(5);
  fs::remove(file(0));
  fs::remove(file(3));
  fs::create_directory(file(4) + ".d");
  fs::remove(file(4));
  append(4, "");
  EXPECT_EQ(notes(), "rank-0004.jsonl: it is empty\nno records of ranks 0, 3-4 of 5\n");
}

TEST_F(profile_reader, damaged_and_foreign_lines_are_counted) {
  write_healthy(2);
  append(0, "\n[]\n{\"schema\":1}\n");
  append(1, to_json_line(testing::healthy_record(0, 2, 7)) + "\n");
  EXPECT_EQ(notes(),
            "rank-0000.jsonl: 3 lines left out, line 4: it is not JSON\nrank-0001.jsonl: 1 line left out, line 4: it is of "
            "rank 0\n");
  IntervalRecord other = testing::healthy_record(1, 2, 7);
  other.pid = 9;
  fs::remove(file(0));
  fs::remove(file(1));
  write_healthy(2);
  append(1, to_json_line(other) + "\n" + to_json_line(testing::healthy_record(1, 2, 1)) + "\n" +
                to_json_line(testing::healthy_record(1, 3, 9)) + "\n");
  EXPECT_EQ(notes(), "rank-0001.jsonl: 3 lines left out, line 4: it is of another process (9, not 101)\n");
  EXPECT_EQ(read_profile(run).ranks[1].intervals, 3);
}

TEST_F(profile_reader, mixed_versions) {
  write_healthy(2);
  IntervalRecord record = testing::healthy_record(1, 2, 3);
  record.schema = 2;
  append(1, to_json_line(record) + "\n");
  EXPECT_EQ(notes(), "rank-0001.jsonl: 1 line left out, line 4: 'schema' is 2, this version of jetpinn reads 1\n");
  fs::remove(file(1));
  record.schema = 1;
  record.interval = 0;
  record.version = "0.2.0";
  record.last = "completed";
  append(1, to_json_line(record) + "\n");
  EXPECT_EQ(notes(), "versions of jetpinn differ: 0.1.0 (rank 0), 0.2.0 (rank 1)\n");
}

TEST_F(profile_reader, a_file_of_another_job) {
  write_healthy(2);
  append(2, to_json_line(testing::healthy_record(2, 3, 0)) + "\n");
  EXPECT_EQ(notes(), "rank-0002.jsonl: left out, it is of a run on 3 ranks, not 2\n");
  EXPECT_EQ(read_profile(run).ranks.size(), 2u);
}

TEST_F(profile_reader, other_files_are_none_of_its_business) {
  write_healthy(1);
  for (const char* name :
       {"rank-.jsonl", "rank-1x.jsonl", "rank--1.jsonl", "rank-0001.json", "summary.json", "rank-99999999999999.jsonl"})
    std::ofstream(profile + "/" + name) << "x";
  EXPECT_EQ(notes(), "");
}

TEST_F(profile_reader, nothing_to_read) {
  EXPECT_NE(refusal().find("holds no profile"), std::string::npos);
  append(0, "half a li");
  append(1, "{}\n");
  EXPECT_NE(refusal().find("holds a record"), std::string::npos);
  fs::remove_all(profile);
  EXPECT_NE(refusal().find("holds no profile"), std::string::npos);
  fs::remove_all(run);
  EXPECT_NE(refusal().find("there is no run folder"), std::string::npos);
}

TEST_F(profile_reader, earlier_parts_of_a_run) {
  write_healthy(1);
  EXPECT_NE(refusal(1).find("was never continued"), std::string::npos);
  for (int part : {1, 2}) {
    fs::create_directories(profile + "/continuation-" + std::to_string(part));
    std::ofstream(profile + "/continuation-" + std::to_string(part) + "/rank-0000.jsonl")
        << to_json_line(testing::healthy_record(0, 1, 0)) << "\n";
  }
  EXPECT_EQ(read_profile(run, 2).ranks[0].intervals, 1);
  EXPECT_NE(refusal(3).find("there is --continuation 1-2, and 0"), std::string::npos);
}

}  // namespace jetpinn
