#include "jetpinn/study/machine.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/runtime/versions.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <set>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

std::string processor_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

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

std::string to_json(const MachineDescription& machine) {
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
  return out.dump();
}

}  // namespace jetpinn
