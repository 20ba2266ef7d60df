#include "jetpinn/profile/trace_export.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

struct Event {
  std::string name;
  std::int64_t begin = 0, end = 0;   // ns since the program began
  std::int64_t step = 0;
};

// ns; a time that no run has is an error of the line.
std::int64_t nanoseconds(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) throw Error(Status::usage, "a time is negative or too large");
  return std::llround(1e9 * seconds);
}

std::vector<Event> events_of(const std::string& line, int rank) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) throw Error(Status::usage, "it is not JSON");
  std::vector<Event> events;
  try {
    if (json.at("rank").get<int>() != rank) throw Error(Status::usage, "it is of another rank");
    const double begin_s = json.at("begin_s").get<double>();
    for (const Json& entry : json.at("events")) {
      const double begin = begin_s + 1e-6 * entry.at(1).get<double>();
      Event event{entry.at(0).get<std::string>(), nanoseconds(begin), 0, json.at("step").get<std::int64_t>()};
      event.end = event.begin + nanoseconds(1e-6 * entry.at(2).get<double>());
      events.push_back(std::move(event));
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(Status::usage, "it is no traced step");
  }
  // Outer events first: viewers nest by this order.
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  return events;
}

// Rounding may let an event end a little after the one around it; a viewer would draw them side by side.
class Nesting {
 public:
  void begin_step() {
    floor_ = latest_;
    ends_.clear();
  }
  // False: the event lies within an earlier step.
  bool fit(Event& event) {
    event.begin = std::max(event.begin, floor_);
    while (!ends_.empty() && ends_.back() <= event.begin) ends_.pop_back();
    if (!ends_.empty()) event.end = std::min(event.end, ends_.back());
    if (event.end < event.begin) return false;
    ends_.push_back(event.end);
    latest_ = std::max(latest_, event.end);
    return true;
  }
  bool outermost() const { return ends_.size() == 1; }

 private:
  std::vector<std::int64_t> ends_;   // of the events that are open, outermost first
  std::int64_t floor_ = 0, latest_ = 0;   // end of all events of earlier steps, and so far
};

std::string json_text(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }
std::string microseconds(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

class TraceFile {
 public:
  explicit TraceFile(const std::string& path) : file_(path), out_(file_.temporary(), std::ios::binary | std::ios::trunc) {
    out_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  }

  void add(const std::string& event) {
    out_ << (first_ ? "\n" : ",\n") << event;
    first_ = false;
  }

  void close() {
    out_ << "\n]}\n";
    out_.close();
    if (!out_)
      throw Error(Status::usage,
                  "cannot write " + file_.path() + "; check that its folder may be written and has space left");
    file_.commit(Status::usage);
  }

 private:
  AtomicFile file_;
  std::ofstream out_;
  bool first_ = true;
};

// Names of the processes, in the order of ranks.
void add_process(TraceFile& file, const IntervalRecord& rank) {
  file.add(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"tid":0,"args":{{"name":{}}}}})", rank.rank,
                       json_text(fmt::format("rank {} on {}", rank.rank, rank.host))));
  file.add(
      fmt::format(R"({{"ph":"M","name":"process_sort_index","pid":{0},"tid":0,"args":{{"sort_index":{0}}}}})", rank.rank));
  file.add(fmt::format(R"({{"ph":"M","name":"thread_name","pid":{},"tid":0,"args":{{"name":"traced steps"}}}})", rank.rank));
}

void add_steps(TraceFile& file, int rank, const std::string& path, TraceFacts& facts) {
  Nesting nesting;
  std::int64_t damaged = 0;
  for_each_line(path, [&](const std::string& line, std::int64_t, bool) {
    std::vector<Event> events;
    try {
      events = events_of(line, rank);
    } catch (const Error&) {
      ++damaged;
      return;
    }
    nesting.begin_step();
    for (Event& event : events) {
      if (!nesting.fit(event)) continue;
      const std::string step = nesting.outermost() ? fmt::format(R"(,"args":{{"step":{}}})", event.step) : "";
      file.add(fmt::format(R"({{"ph":"X","name":{},"cat":"region","pid":{},"tid":0,"ts":{},"dur":{}{}}})",
                           json_text(event.name), rank, microseconds(event.begin), microseconds(event.end - event.begin),
                           step));
      ++facts.events;
    }
    ++facts.steps;
  });
  if (damaged > 0)
    facts.notes.push_back(fmt::format("{}: {} line{} left out, not a traced step of rank {}",
                                      path.substr(path.rfind('/') + 1), damaged, damaged == 1 ? "" : "s", rank));
}

// Share of an interval that each region had, as a step function.
void add_counter(TraceFile& file, const IntervalRecord& record, TraceFacts& facts) {
  const double seconds = record.seconds();
  if (seconds <= 0 || record.regions.empty()) return;
  std::string shares;
  for (const auto& [name, value] : record.regions)
    shares += fmt::format("{}{}:{:.4f}", shares.empty() ? "" : ",", json_text(name), value / seconds);
  file.add(fmt::format(R"({{"ph":"C","name":"share of time","pid":{},"tid":0,"ts":{},"args":{{{}}}}})", record.rank,
                       microseconds(nanoseconds(record.begin_s)), shares));
  file.add(fmt::format(R"({{"ph":"C","name":"resident MiB","pid":{},"tid":0,"ts":{},"args":{{"resident":{:.1f}}}}})",
                       record.rank, microseconds(nanoseconds(record.end_s)),
                       static_cast<double>(record.memory.resident) / 1048576.0));
  facts.counters += 2;
}

}  // namespace

TraceFacts export_trace(const std::string& path, const RunProfile& profile) {
  TraceFacts facts;
  TraceFile file(path);
  for (const RankTotals& rank : profile.ranks) add_process(file, rank.sum);
  for (const RankTotals& rank : profile.ranks)
    for (const auto& [number, records] : profile_files(profile.folder, "rank"))
      if (number == rank.sum.rank)
        for_each_line(records, [&](const std::string& line, std::int64_t, bool) {
          try {
            const IntervalRecord record = interval_from_json(line);
            if (record.rank == rank.sum.rank && record.ranks == rank.sum.ranks && record.pid == rank.sum.pid)
              add_counter(file, record, facts);
          } catch (const Error&) {   // read_profile has said it
          }
        });
  for (const auto& [number, steps] : profile_files(profile.folder, "trace")) {
    const int rank = number;
    if (std::any_of(profile.ranks.begin(), profile.ranks.end(),
                    [&](const RankTotals& totals) { return totals.sum.rank == rank; }))
      add_steps(file, rank, steps, facts);
    else
      facts.notes.push_back(fmt::format("trace-{:04}.jsonl: left out, there is no record of rank {}", rank, rank));
  }
  file.close();
  return facts;
}

}  // namespace jetpinn
