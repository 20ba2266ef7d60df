#include "jetpinn/profile/trace_export.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "support/profile_records.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

namespace jetpinn {
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct trace_export : ::testing::Test {
  testing::TemporaryFolder folder;
  std::string run = folder.path();

  trace_export() { fs::create_directories(run + "/profile"); }
  void write(const std::string& name, const std::string& text) { std::ofstream(run + "/profile/" + name) << text; }
  void write_records(int ranks) {
    for (int rank = 0; rank < ranks; ++rank)
      write("rank-000" + std::to_string(rank) + ".jsonl", to_json_line(testing::healthy_record(rank, ranks, 0)) + "\n" +
                                                              to_json_line(testing::healthy_record(rank, ranks, 1)) + "\n");
  }
  Json exported(TraceFacts* facts = nullptr) {
    const TraceFacts written = export_trace(run + "/trace.json", read_profile(run));
    if (facts) *facts = written;
    return Json::parse(read_text_file(run + "/trace.json"));
  }
};

// Every event lies within the one that is open when it begins; ns, for a trace rounds to them.
void expect_nested(const Json& trace) {
  std::map<int, std::vector<std::int64_t>> open;
  std::map<int, std::int64_t> last;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    const auto begin = std::llround(1e3 * event["ts"].get<double>()),
               end = begin + std::llround(1e3 * event["dur"].get<double>());
    auto& ends = open[event["pid"].get<int>()];
    EXPECT_GE(begin, last[event["pid"].get<int>()]);
    last[event["pid"].get<int>()] = begin;
    while (!ends.empty() && ends.back() <= begin) ends.pop_back();
    EXPECT_TRUE(ends.empty() || end <= ends.back()) << event;
    ends.push_back(end);
  }
}

}  // namespace

TEST_F(trace_export, events_of_all_ranks_nest) {
  write_records(2);
  for (int rank : {0, 1})
    write("trace-000" + std::to_string(rank) + ".jsonl",
          "{\"rank\":" + std::to_string(rank) +
              R"(,"step":7,"begin_s":2.5,"events":[["jetpinn::step",0,100,0],["jetpinn::product",10.5,40.25,1],)"
              R"(["jetpinn::tape",60,40.0009,1],["jetpinn::adjoint",60,20,2]]})"
              "\n");
  TraceFacts facts;
  const Json trace = exported(&facts);
  EXPECT_TRUE(facts.notes.empty());
  EXPECT_EQ(facts.steps, 2);
  EXPECT_EQ(facts.events, 8);
  expect_nested(trace);
  std::map<std::string, int> kinds;
  for (const Json& event : trace["traceEvents"]) {
    ++kinds[event["ph"]];
    if (event["name"] == "process_name") {
      EXPECT_EQ(event["args"]["name"], "rank " + std::to_string(event["pid"].get<int>()) + " on node-0");
    }
    if (event["name"] == "jetpinn::step") {
      EXPECT_DOUBLE_EQ(event["ts"], 2.5e6);
      EXPECT_DOUBLE_EQ(event["dur"], 100);
      EXPECT_EQ(event["args"]["step"], 7);
    }
    if (event["name"] == "jetpinn::product") {
      EXPECT_DOUBLE_EQ(event["ts"], 2.5e6 + 10.5);
    }
    if (event["name"] == "jetpinn::tape") {
      EXPECT_DOUBLE_EQ(event["dur"], 40);   // cut to the step around it
    }
  }
  EXPECT_EQ(kinds["X"], 8);
  EXPECT_EQ(kinds["C"], 8);   // two values of two intervals of two ranks
  EXPECT_EQ(kinds["M"], 6);
}

TEST_F(trace_export, steps_that_overlap_are_cut) {
  write_records(1);
  write("trace-0000.jsonl", R"({"rank":0,"step":1,"begin_s":1,"events":[["a",0,100,0]]})"
                            "\n"
                            R"({"rank":0,"step":2,"begin_s":1.00005,"events":[["b",0,20,0],["c",30,50,0],["d",31,9,1]]})"
                            "\n");
  const Json trace = exported();
  expect_nested(trace);
}

TEST_F(trace_export, damaged_lines_and_unknown_ranks_are_said) {
  write_records(1);
  write("trace-0000.jsonl",
        "{\"rank\":0,\"step\":1,\"begin_s\":1,\"events\":[[\"a\\n\\\"\",0,10,0]]}\n{\"rank\":0}\n{\"rank\":1,\"step\":1,"
        "\"begin_s\":1,\"events\":[]}\n"
        "{\"rank\":0,\"step\":1,\"begin_s\":-1,\"events\":[[\"a\",0,10,0]]}\nhalf a l");
  write("trace-0005.jsonl", "");
  TraceFacts facts;
  const Json trace = exported(&facts);
  EXPECT_EQ(facts.events, 1);
  ASSERT_EQ(facts.notes.size(), 2u);
  EXPECT_EQ(facts.notes[0], "trace-0000.jsonl: 4 lines left out, not a traced step of rank 0");
  EXPECT_EQ(facts.notes[1], "trace-0005.jsonl: left out, there is no record of rank 5");
}

TEST_F(trace_export, a_place_that_cannot_be_written_is_an_error) {
  write_records(1);
  EXPECT_THROW(export_trace(run + "/absent/trace.json", read_profile(run)), Error);
}

}  // namespace jetpinn
