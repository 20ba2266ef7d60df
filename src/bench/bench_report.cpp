#include "jetpinn/bench/bench_report.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const BenchValues& values) {
  Json out = Json::object();
  for (const auto& [name, value] : values) std::visit([&, &name = name](const auto& v) { out[name] = v; }, value);
  return out;
}

std::string text_of(const BenchValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:.4g}", *real);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

std::string text_of(const BenchValues& values) {
  std::string out;
  for (const auto& [name, value] : values) out += (out.empty() ? "" : ", ") + name + " " + text_of(value);
  return out;
}

}  // namespace

bool BenchReport::verified() const {
  return !results.empty() &&
         std::all_of(results.begin(), results.end(), [](const BenchResult& result) { return result.verified; });
}

std::string BenchReport::json() const {
  Json out{{"schema", schema},          {"benchmark", benchmark},
           {"verified", verified()},    {"machine", Json::parse(to_json(machine))},
           {"config", json_of(config)}, {"results", Json::array()}};
  for (const BenchResult& result : results) {
    Json row{{"name", result.name},
             {"parameters", json_of(result.parameters)},
             {"seconds", Json::parse(to_json(result.seconds))},
             {"figures", json_of(result.figures)},
             {"verified", result.verified}};
    if (!result.trouble.empty()) row["trouble"] = result.trouble;
    out["results"].push_back(row);
  }
  return out.dump(2) + "\n";
}

std::string BenchReport::text() const {
  std::string out = fmt::format("bench {} on {} rank{} of {}, {} processors", benchmark, machine.ranks,
                                machine.ranks == 1 ? "" : "s", machine.processor, machine.processors);
  if (machine.load_average >= 0) out += fmt::format(", load average {:.2f} at the start", machine.load_average);
  out += "\n" + (config.empty() ? "" : text_of(config) + "\n");
  std::size_t width = 0;
  for (const BenchResult& result : results)
    width = std::max(width, result.name.size() + text_of(result.parameters).size() + 1);
  for (const BenchResult& result : results) {
    out += fmt::format("{:<{}}  {:10.4g} ms +- {:4.1f} %  {}{}\n", result.name + " " + text_of(result.parameters), width,
                       result.seconds.median * 1e3, result.seconds.noise() * 100, text_of(result.figures),
                       result.verified ? "" : "  WRONG: " + result.trouble);
  }
  return out;
}

std::vector<double> time_repeats(Communicator& communicator, const char* phase, const BenchTiming& timing,
                                 const std::function<void()>& work, const std::function<void()>& before) {
  std::vector<double> samples;
  double elapsed = 0;   // equal on every rank
  for (int repeat = -1; repeat < timing.repeats || elapsed < timing.seconds; ++repeat) {
    if (before) communicator.agree(phase, before);
    communicator.barrier(phase);
    const double start = wall_seconds();
    double seconds = 0;
    communicator.agree(phase, [&] {
      work();
      seconds = wall_seconds() - start;
    });
    communicator.max(phase, &seconds, 1);
    if (repeat < 0) continue;   // caches and buffers are warm from here on
    elapsed += seconds;
    samples.push_back(seconds);
  }
  return samples;
}

void finish_report(Communicator& communicator, const BenchReport& report, const std::string& file, bool quiet) {
  communicator.agree("report", [&] {
    if (communicator.root() && !quiet) std::fputs(report.text().c_str(), stdout);
    if (communicator.root() && !file.empty()) write_text_file(file, report.json());
    for (const BenchResult& result : report.results) {
      if (!result.verified)
        throw Error(Status::numerical, "bench " + report.benchmark + ": " + result.name + " (" + text_of(result.parameters) +
                                           ") gave a wrong result, so its time says nothing: " + result.trouble);
    }
  });
}

}  // namespace jetpinn
