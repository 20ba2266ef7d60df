// What this process runs on and what it takes: host name, process id, memory, energy. Linux files under /proc and /sys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

std::string host_name();
int process_id();

std::int64_t resident_bytes();        // now; 0 where the system does not tell
std::int64_t peak_resident_bytes();   // high-water mark of this process
// What could still be taken: free and reclaimable memory of the machine, or less inside a control group with a limit.
std::int64_t available_memory_bytes();

// Energy of this machine's processor packages since construction (RAPL).
class EnergyMeter {
 public:
  EnergyMeter();
  // Empty where the counters cannot be read. A counter may wrap once between calls (it takes minutes to hours).
  std::optional<double> joules();

 private:
  struct Package {
    std::string file;         // energy_uj
    std::int64_t last = 0;    // microjoules
    std::int64_t range = 0;   // the counter wraps here
  };
  std::vector<Package> packages_;
  double total_ = 0;          // joules
};

}  // namespace jetpinn
