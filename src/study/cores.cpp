#include "jetpinn/study/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

int number_in(const std::string& file, int otherwise) {
  std::ifstream in(file);
  int number = otherwise;
  return in >> number ? number : otherwise;
}

// Processors of the affinity mask, each core counted once.
int cores_of_affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  std::set<std::pair<int, int>> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) continue;
    const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    cores.insert({number_in(topology + "physical_package_id", 0), number_in(topology + "core_id", cpu)});
  }
  return static_cast<int>(cores.size());
}

}  // namespace

int available_cores() {
  int cores = cores_of_affinity();
  std::ifstream limit("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;   // "max" is no number
  if (limit >> quota >> period && period > 0) cores = std::min(cores, static_cast<int>(std::ceil(quota / period)));
  return std::max(cores, 1);
}

}  // namespace jetpinn
