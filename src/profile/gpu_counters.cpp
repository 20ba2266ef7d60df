#include "jetpinn/profile/gpu_counters.hpp"

#include "jetpinn/profile/nvml.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

namespace jetpinn {

// The loaded library with one device of it. A function that this driver lacks is null; calls through
// `call` then fail as any other.
class GpuCounters::Library {
 public:
  // Null where there is no such library, driver or device.
  static std::unique_ptr<Library> open(const std::string& device, const char* name) {
    void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return nullptr;
    // Never unloaded: drivers keep threads of their own.
    const auto start = function<nvml::Init>(handle, "nvmlInit_v2");
    if (!start || start() != nvml::success) return nullptr;
    std::unique_ptr<Library> library(new Library(handle));
    return library->find(device) ? std::move(library) : nullptr;
  }
  ~Library() {
    if (const auto stop = function<nvml::Shutdown>(handle_, "nvmlShutdown")) stop();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  // True where the function exists and succeeded.
  template <class Function, class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    const auto callee = function<Function>(handle_, name);
    return callee && callee(arguments...) == nvml::success;
  }
  nvml::Device device() const { return device_; }

 private:
  explicit Library(void* handle) : handle_(handle) {}

  template <class Function>
  static Function* function(void* handle, const char* name) {
    return reinterpret_cast<Function*>(dlsym(handle, name));
  }

  bool find(const std::string& device) {
    if (device.rfind("GPU-", 0) == 0 || device.rfind("MIG-", 0) == 0)
      return call<nvml::DeviceGetHandleByName>("nvmlDeviceGetHandleByUUID", device.c_str(), &device_);
    if (device.find(':') != std::string::npos)
      return call<nvml::DeviceGetHandleByName>("nvmlDeviceGetHandleByPciBusId_v2", device.c_str(), &device_);
    char* end = nullptr;
    const unsigned long index = std::strtoul(device.c_str(), &end, 10);
    if (device.empty() || *end != '\0') return false;
    return call<nvml::DeviceGetHandleByIndex>("nvmlDeviceGetHandleByIndex_v2", static_cast<unsigned int>(index), &device_);
  }

  void* handle_;
  nvml::Device device_ = nullptr;
};

// Two samples of the device's monitors: metrics are what lies between them.
struct GpuCounters::Gpm {
  const Library& library;
  nvml::Sample before = nullptr, after = nullptr;
  bool begun = false;   // `before` holds a sample

  explicit Gpm(const Library& the_library) : library(the_library) {
    if (!library.call<nvml::GpmSampleAlloc>("nvmlGpmSampleAlloc", &before)) before = nullptr;
    if (!library.call<nvml::GpmSampleAlloc>("nvmlGpmSampleAlloc", &after)) after = nullptr;
    begun = usable() && sample(before);
  }
  ~Gpm() {
    for (nvml::Sample one : {before, after})
      if (one) library.call<nvml::GpmSampleFree>("nvmlGpmSampleFree", one);
  }
  Gpm(const Gpm&) = delete;
  Gpm& operator=(const Gpm&) = delete;

  bool usable() const { return before && after; }
  bool sample(nvml::Sample into) const {
    return library.call<nvml::GpmSampleGet>("nvmlGpmSampleGet", library.device(), into);
  }

  void take(std::map<std::string, double>& counters) {
    static constexpr std::pair<nvml::Metric, const char*> wanted[] = {{nvml::metric_sm_util, "sm"},
                                                                      {nvml::metric_any_tensor_util, "tensor"},
                                                                      {nvml::metric_dram_bw_util, "memory_bandwidth"}};
    const bool known = begun;
    if (!sample(after)) {
      begun = false;   // the next interval begins at the next sample
      return;
    }
    std::swap(before, after);   // `after` is now the older one
    begun = true;
    if (!known) return;
    const auto request = std::make_unique<nvml::GpmMetricsGet>();
    request->version = nvml::gpm_version;
    request->sample1 = after;
    request->sample2 = before;
    for (const auto& [metric, name] : wanted) request->metrics[request->count++].id = metric;
    if (!library.call<nvml::GpmMetricsGetCall>("nvmlGpmMetricsGet", request.get())) return;
    for (unsigned int i = 0; i < request->count; ++i) {
      const nvml::GpmMetric& metric = request->metrics[i];
      if (metric.status == nvml::success && std::isfinite(metric.value))
        counters[wanted[i].second] = std::clamp(0.01 * metric.value, 0.0, 1.0);
    }
  }
};

std::string watched_gpu() {
  const char* name = std::getenv("JETPINN_GPU");
  return name ? name : "";
}

GpuCounters::GpuCounters(const std::string& device, const char* library) : library_(Library::open(device, library)) {
  if (!library_) return;
  unsigned long long energy = 0;
  if (library_->call<nvml::DeviceGetTotalEnergyConsumption>("nvmlDeviceGetTotalEnergyConsumption", library_->device(),
                                                            &energy))
    last_mj_ = static_cast<double>(energy);
  nvml::GpmSupport support{nvml::gpm_version, 0};
  if (library_->call<nvml::GpmQueryDeviceSupport>("nvmlGpmQueryDeviceSupport", library_->device(), &support) &&
      support.is_supported)
    gpm_ = std::make_unique<Gpm>(*library_);
  if (gpm_ && !gpm_->usable()) gpm_.reset();
}

GpuCounters::~GpuCounters() { gpm_.reset(); }   // its samples before the library

bool GpuCounters::available() const { return library_ != nullptr; }

std::map<std::string, double> GpuCounters::take() {
  std::map<std::string, double> counters;
  if (!library_) return counters;
  unsigned long long energy = 0;
  if (library_->call<nvml::DeviceGetTotalEnergyConsumption>("nvmlDeviceGetTotalEnergyConsumption", library_->device(),
                                                            &energy)) {
    const double now = static_cast<double>(energy);
    // A count that fell began anew with the driver.
    if (last_mj_ >= 0 && now >= last_mj_) counters["joules"] = 1e-3 * (now - last_mj_);
    last_mj_ = now;
  }
  nvml::Memory memory{};
  if (library_->call<nvml::DeviceGetMemoryInfo>("nvmlDeviceGetMemoryInfo", library_->device(), &memory))
    counters["memory_used"] = static_cast<double>(memory.used);
  nvml::Utilization utilization{};
  if (library_->call<nvml::DeviceGetUtilizationRates>("nvmlDeviceGetUtilizationRates", library_->device(), &utilization))
    counters["busy"] = 0.01 * utilization.gpu;
  if (gpm_) gpm_->take(counters);
  return counters;
}

}  // namespace jetpinn
