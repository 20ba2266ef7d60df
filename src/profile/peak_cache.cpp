#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/peaks.hpp"

#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr int method = 1;   // raised when the kernels or the working sets change: older numbers are then not comparable

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
  utsname machine{};
  return uname(&machine) == 0 ? machine.machine : "unknown";
}

// A build for other instructions, or a slow one for finding errors, has other peaks on the same machine.
std::string build() {
#if defined(__AVX512F__)
  std::string text = "avx512";
#elif defined(__AVX__)
  std::string text = "avx";
#else
  std::string text = "portable";
#endif
#if defined(__FMA__)
  text += "+fma";
#endif
#if !defined(__OPTIMIZE__)
  text += ", not optimised";
#endif
#if defined(__SANITIZE_ADDRESS__)
  text += ", sanitized";
#endif
  return text;
}

const char* set_variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : nullptr;
}

double rate(const nlohmann::json& json, const char* key, bool may_be_zero = false) {
  const double value = json.at(key).get<double>();
  if (!std::isfinite(value) || value < 0 || (value == 0 && !may_be_zero)) throw Error(Status::usage, "not a rate");
  return value;
}

}  // namespace

std::string PeakCache::default_folder() {
  if (const char* folder = set_variable("JETPINN_CACHE")) return folder;
  const char* common = set_variable("XDG_CACHE_HOME");
  if (common && *common == '/') return std::string(common) + "/jetpinn";   // the XDG rules ignore relative ones
  if (const char* home = set_variable("HOME")) return std::string(home) + "/.cache/jetpinn";
  return "";
}

PeakCache::PeakCache(const std::string& folder) {
  machine_ = processor() + ", " + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " cores, jetpinn " + version + ", " +
             build() + ", method " + std::to_string(method);
  char name[40];
  std::snprintf(name, sizeof name, "/peaks-%016zx.json", std::hash<std::string>{}(machine_));
  if (!folder.empty()) file_ = folder + name;
}

std::optional<MachinePeaks> PeakCache::read() const {
  if (file_.empty()) return std::nullopt;
  try {
    const nlohmann::json json = nlohmann::json::parse(read_text_file(file_));
    if (json.at("machine").get<std::string>() != machine_) return std::nullopt;
    MachinePeaks peaks;
    peaks.fp64_flops = rate(json, "fp64_flops");
    peaks.fp32_flops = rate(json, "fp32_flops");
    peaks.cache_bytes = rate(json, "cache_bytes_per_s");
    peaks.memory_bytes = rate(json, "memory_bytes_per_s", true);
    peaks.cache_set = json.at("cache_working_set").get<std::int64_t>();
    peaks.memory_set = json.at("memory_working_set").get<std::int64_t>();
    return peaks;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void PeakCache::write(const MachinePeaks& peaks) const noexcept {
  if (file_.empty()) return;
  try {
    fs::create_directories(fs::path(file_).parent_path());
    const nlohmann::json json = {{"machine", machine_},
                                 {"fp64_flops", peaks.fp64_flops},
                                 {"fp32_flops", peaks.fp32_flops},
                                 {"cache_bytes_per_s", peaks.cache_bytes},
                                 {"cache_working_set", peaks.cache_set},
                                 {"memory_bytes_per_s", peaks.memory_bytes},
                                 {"memory_working_set", peaks.memory_set}};
    write_text_file(file_, json.dump(2) + "\n");
  } catch (const std::exception&) {
    // measured again next time
  }
}

}  // namespace jetpinn
