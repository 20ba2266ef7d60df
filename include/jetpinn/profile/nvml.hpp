// The part of NVIDIA's management library (NVML) that GpuCounters calls: types and signatures as in its published interface,
// so that no header of it is needed to build. Names as there, without the prefix.
#pragma once

namespace jetpinn::nvml {

using Status = int;   // 0: success
constexpr Status success = 0;

using Device = struct DeviceHandle*;
using Sample = struct SampleHandle*;

struct Memory {
  unsigned long long total, free, used;   // bytes
};
struct Utilization {
  unsigned int gpu, memory;   // percent of the time in which anything ran, in which memory was touched
};

// GPU performance monitoring (GPM): Hopper and later.
enum Metric : unsigned int { metric_sm_util = 2, metric_any_tensor_util = 5, metric_dram_bw_util = 10 };   // all in percent
constexpr unsigned int gpm_version = 1;

struct GpmSupport {
  unsigned int version, is_supported;
};
struct GpmMetric {
  unsigned int id;
  Status status;
  double value;
  struct {
    char *short_name, *long_name, *unit;
  } info;
};
struct GpmMetricsGet {
  unsigned int version, count;
  Sample sample1, sample2;
  GpmMetric metrics[512];   // more than any driver's enumeration has; `count` of them are looked at
};

using Init = Status();
using Shutdown = Status();
using DeviceGetHandleByIndex = Status(unsigned int, Device*);
using DeviceGetHandleByName = Status(const char*, Device*);   // UUID or PCI bus id
using DeviceGetTotalEnergyConsumption = Status(Device, unsigned long long*);   // mJ since the driver was loaded
using DeviceGetMemoryInfo = Status(Device, Memory*);
using DeviceGetUtilizationRates = Status(Device, Utilization*);
using GpmQueryDeviceSupport = Status(Device, GpmSupport*);
using GpmSampleAlloc = Status(Sample*);
using GpmSampleFree = Status(Sample);
using GpmSampleGet = Status(Device, Sample);
using GpmMetricsGetCall = Status(GpmMetricsGet*);

}  // namespace jetpinn::nvml
