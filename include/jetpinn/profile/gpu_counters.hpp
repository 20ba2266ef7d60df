// What an NVIDIA GPU counted, through its management library (NVML), looked for at run time: a machine without it has no
// such counters, and no build needs it.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace jetpinn {

// The GPU that the environment says to count, $JETPINN_GPU, by a name that GpuCounters takes; "" for none.
std::string watched_gpu();

class GpuCounters {
 public:
  // `device`: a UUID ("GPU-..."), a PCI bus id ("0000:3b:00.0") or NVML's index ("0"), which counts all of the machine's
  // GPUs whatever CUDA_VISIBLE_DEVICES says. Silent where library, driver or device are not there.
  explicit GpuCounters(const std::string& device, const char* library = "libnvidia-ml.so.1");
  ~GpuCounters();
  GpuCounters(const GpuCounters&) = delete;
  GpuCounters& operator=(const GpuCounters&) = delete;

  bool available() const;

  // Since the last call, or since construction; only what the device offers:
  //   sm, tensor, memory_bandwidth   shares 0..1 of the peak, by GPM (Hopper and later; calls 0.1 s apart or more)
  //   busy                           share 0..1 of the time in which any kernel ran: no measure of how well;
  //                                  driver's last window
  //   joules                         of the whole device
  //   memory_used                    bytes taken on the device now, by every process
  std::map<std::string, double> take();

 private:
  class Library;
  struct Gpm;
  std::unique_ptr<Library> library_;   // null without a device
  std::unique_ptr<Gpm> gpm_;           // null where the device has none
  double last_mj_ = -1;                // energy at the last call; negative: unknown
};

}  // namespace jetpinn
