// A management library with one device, whose counters the tests set by environment variables: JETPINN_STUB_TIME, s, and
// JETPINN_STUB_JOULES, used up to now. JETPINN_STUB_FAILS names, separated by spaces, functions that fail, or what a device
// may lack: support (of GPM), traffic (its metric), number (a metric that is none).
#include "jetpinn/profile/nvml.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

namespace nvml = jetpinn::nvml;

namespace jetpinn::nvml {
struct DeviceHandle {
  unsigned long long millijoules;
};
struct SampleHandle {
  double time;
};
}  // namespace jetpinn::nvml

namespace {

constexpr nvml::Status unknown = 999;
nvml::DeviceHandle the_device{5'000'000};
int users = 0, samples = 0;

bool fails(const char* function) {
  const char* list = std::getenv("JETPINN_STUB_FAILS");
  return list && (" " + std::string(list) + " ").find(" " + std::string(function) + " ") != std::string::npos;
}
double number(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::atof(value) : 0;
}

}  // namespace

#define STUB_MAY_FAIL \
  if (fails(__func__) || users == 0) return unknown

extern "C" {

int jetpinn_stub_users() { return users; }
int jetpinn_stub_samples() { return samples; }

nvml::Status nvmlInit_v2() {
  if (fails(__func__)) return unknown;
  ++users;
  return nvml::success;
}
nvml::Status nvmlShutdown() {
  STUB_MAY_FAIL;
  --users;
  return nvml::success;
}
nvml::Status nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvml::Device* device) {
  STUB_MAY_FAIL;
  *device = &the_device;
  return index == 0 ? nvml::success : unknown;
}
nvml::Status nvmlDeviceGetHandleByUUID(const char* uuid, nvml::Device* device) {
  STUB_MAY_FAIL;
  *device = &the_device;
  return std::strcmp(uuid, "GPU-stub") == 0 ? nvml::success : unknown;
}
nvml::Status nvmlDeviceGetHandleByPciBusId_v2(const char* id, nvml::Device* device) {
  STUB_MAY_FAIL;
  *device = &the_device;
  return std::strcmp(id, "0000:3b:00.0") == 0 ? nvml::success : unknown;
}
nvml::Status nvmlDeviceGetTotalEnergyConsumption(nvml::Device device, unsigned long long* millijoules) {
  STUB_MAY_FAIL;
  *millijoules = device->millijoules + static_cast<unsigned long long>(number("JETPINN_STUB_JOULES") * 1000);
  return nvml::success;
}
nvml::Status nvmlDeviceGetMemoryInfo(nvml::Device, nvml::Memory* memory) {
  STUB_MAY_FAIL;
  *memory = {80ull << 30, 79ull << 30, 1ull << 30};
  return nvml::success;
}
nvml::Status nvmlDeviceGetUtilizationRates(nvml::Device, nvml::Utilization* utilization) {
  STUB_MAY_FAIL;
  *utilization = {60, 30};
  return nvml::success;
}
nvml::Status nvmlGpmQueryDeviceSupport(nvml::Device, nvml::GpmSupport* support) {
  STUB_MAY_FAIL;
  support->is_supported = support->version == nvml::gpm_version && !fails("support");
  return nvml::success;
}
nvml::Status nvmlGpmSampleAlloc(nvml::Sample* sample) {
  STUB_MAY_FAIL;
  *sample = new nvml::SampleHandle{};
  ++samples;
  return nvml::success;
}
nvml::Status nvmlGpmSampleFree(nvml::Sample sample) {
  STUB_MAY_FAIL;
  delete sample;
  --samples;
  return nvml::success;
}
nvml::Status nvmlGpmSampleGet(nvml::Device, nvml::Sample sample) {
  STUB_MAY_FAIL;
  sample->time = number("JETPINN_STUB_TIME");
  return nvml::success;
}
// A device that does 10 % more in every second: 10 * (t2 - t1) percent of its SMs, half of that in
// tensor products, no traffic known.
nvml::Status nvmlGpmMetricsGet(nvml::GpmMetricsGet* get) {
  STUB_MAY_FAIL;
  if (get->version != nvml::gpm_version || get->sample2->time <= get->sample1->time) return unknown;
  const double busy = 10 * (get->sample2->time - get->sample1->time);
  for (unsigned int i = 0; i < get->count; ++i) {
    nvml::GpmMetric& metric = get->metrics[i];
    metric.status = nvml::success;
    if (metric.id == nvml::metric_sm_util) metric.value = busy;
    else if (metric.id == nvml::metric_any_tensor_util) metric.value = busy / 2;
    else if (metric.id == nvml::metric_dram_bw_util && !fails("traffic"))
      metric.value = fails("number") ? std::nan("") : 5 * busy;
    else metric.status = unknown;
  }
  return nvml::success;
}

}  // extern "C"
