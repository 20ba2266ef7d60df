#include "jetpinn/study/bench_report.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/runtime/versions.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <set>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

// The sample below which a share q of the ordered samples lies.
double quantile(const std::vector<double>& ordered, double q) {
  const double place = q * static_cast<double>(ordered.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ordered.size() - 1);
  return ordered[below] + (place - static_cast<double>(below)) * (ordered[above] - ordered[below]);
}

std::string processor_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

Json json_of(const SampleSpread& spread) {
  return {{"samples", spread.samples}, {"median", spread.median}, {"min", spread.min},    {"lower", spread.lower},
          {"upper", spread.upper},     {"max", spread.max},       {"noise", spread.noise()}};
}

Json json_of(const MachineDescription& machine) {
  Json out{{"hosts", machine.hosts},
           {"processor", machine.processor},
           {"processors", machine.processors},
           {"ranks", machine.ranks},
           {"memory_bytes", machine.memory_bytes},
           {"load_average", machine.load_average < 0 ? Json() : Json(machine.load_average)},
           {"jetpinn", machine.version},
           {"date", machine.date},
           {"libraries", Json::object()}};
  for (const auto& [name, number] : machine.libraries) out["libraries"][name] = number;
  return out;
}

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

double SampleSpread::noise() const { return median > 0 ? 0.5 * (upper - lower) / median : 0; }

SampleSpread spread_of(std::vector<double> samples) {
  SampleSpread spread;
  if (samples.empty()) return spread;
  std::sort(samples.begin(), samples.end());
  spread.samples = static_cast<std::int64_t>(samples.size());
  spread.min = samples.front();
  spread.lower = quantile(samples, 0.25);
  spread.median = quantile(samples, 0.5);
  spread.upper = quantile(samples, 0.75);
  spread.max = samples.back();
  return spread;
}

MachineDescription describe_machine() {
  MachineDescription machine;
  machine.hosts = {host_name()};
  machine.processor = processor_model();
  machine.processors = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  machine.memory_bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  if (getloadavg(&machine.load_average, 1) != 1) machine.load_average = -1;
  machine.version = version;
  machine.date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  machine.libraries = library_versions();
  return machine;
}

MachineDescription describe_machine(Communicator& communicator) {
  MachineDescription machine = describe_machine();
  const std::vector<std::string> hosts = communicator.gather("machine", host_name());
  const std::set<std::string> distinct(hosts.begin(), hosts.end());
  machine.hosts.assign(distinct.begin(), distinct.end());
  machine.ranks = communicator.size();
  return machine;
}

bool BenchReport::verified() const {
  return !results.empty() && std::all_of(results.begin(), results.end(), [](const BenchResult& result) { return result.verified; });
}

std::string BenchReport::json() const {
  Json out{{"schema", schema},           {"benchmark", benchmark}, {"verified", verified()}, {"machine", json_of(machine)},
           {"config", json_of(config)}, {"results", Json::array()}};
  for (const BenchResult& result : results) {
    Json row{{"name", result.name},
             {"parameters", json_of(result.parameters)},
             {"seconds", json_of(result.seconds)},
             {"figures", json_of(result.figures)},
             {"verified", result.verified}};
    if (!result.trouble.empty()) row["trouble"] = result.trouble;
    out["results"].push_back(row);
  }
  return out.dump(2) + "\n";
}

std::string BenchReport::text() const {
  std::string out = fmt::format("bench {} on {} rank{} of {}, {} processors", benchmark, machine.ranks, machine.ranks == 1 ? "" : "s",
                                machine.processor, machine.processors);
  if (machine.load_average >= 0) out += fmt::format(", load average {:.2f} at the start", machine.load_average);
  out += "\n" + (config.empty() ? "" : text_of(config) + "\n");
  std::size_t width = 0;
  for (const BenchResult& result : results) width = std::max(width, result.name.size() + text_of(result.parameters).size() + 1);
  for (const BenchResult& result : results) {
    out += fmt::format("{:<{}}  {:10.4g} ms +- {:4.1f} %  {}{}\n", result.name + " " + text_of(result.parameters), width,
                       result.seconds.median * 1e3, result.seconds.noise() * 100, text_of(result.figures),
                       result.verified ? "" : "  WRONG: " + result.trouble);
  }
  return out;
}

std::vector<double> time_repeats(Communicator& communicator, const char* phase, const BenchTiming& timing, const std::function<void()>& work,
                                 const std::function<void()>& before) {
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

std::string to_json(const SampleSpread& spread) { return json_of(spread).dump(); }
std::string to_json(const MachineDescription& machine) { return json_of(machine).dump(); }

}  // namespace jetpinn
