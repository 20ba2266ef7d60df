#include "jetpinn/profile/host.hpp"

#include "jetpinn/profile/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

// The number behind `key` in a file of "key: 123 kB" lines, in bytes; 0 when it is not there.
std::int64_t kilobytes_of(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key + ":", 0) != 0) continue;
    return std::strtoll(line.c_str() + key.size() + 1, nullptr, 10) * 1024;   // what is no number is 0
  }
  return 0;
}

std::optional<std::int64_t> energy_in(const std::string& file) {
  std::ifstream in(file);
  std::int64_t number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

}  // namespace

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "unknown";
  return name;
}

int process_id() { return static_cast<int>(getpid()); }

std::int64_t resident_bytes() { return kilobytes_of("/proc/self/status", "VmRSS"); }
std::int64_t peak_resident_bytes() { return kilobytes_of("/proc/self/status", "VmHWM"); }

std::int64_t available_memory_bytes() {
  const std::int64_t machine = kilobytes_of("/proc/meminfo", "MemAvailable");
  return std::min(machine > 0 ? machine : std::numeric_limits<std::int64_t>::max(), left_in_control_groups());
}

EnergyMeter::EnergyMeter() {
  std::error_code trouble;
  for (fs::directory_iterator entry("/sys/class/powercap", trouble), end; !trouble && entry != end;
       entry.increment(trouble)) {
    const std::string name = entry->path().filename().string();
    // intel-rapl:0 is a package (AMD's too); intel-rapl:0:0 a part of it, counted already.
    if (name.rfind("intel-rapl:", 0) != 0 || std::count(name.begin(), name.end(), ':') != 1) continue;
    Package package;
    package.file = entry->path().string() + "/energy_uj";
    const auto now = energy_in(package.file);
    if (!now) continue;
    package.last = *now;
    package.range = energy_in(entry->path().string() + "/max_energy_range_uj").value_or(0);
    packages_.push_back(package);
  }
}

std::optional<double> EnergyMeter::joules() {
  if (packages_.empty()) return std::nullopt;
  for (Package& package : packages_) {
    const auto now = energy_in(package.file);
    if (!now) return std::nullopt;
    const std::int64_t step = *now >= package.last ? *now - package.last : *now + package.range - package.last;
    total_ += 1e-6 * static_cast<double>(step);
    package.last = *now;
  }
  return total_;
}

}  // namespace jetpinn
