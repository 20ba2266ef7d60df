// What one core of this machine can do at best, measured once and kept in a file: the denominators
// of every share of the roofline.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/profile/record.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace jetpinn {

// Of one core while the machine's others are idle. 0: not measured.
struct MachinePeaks {
  double fp64_flops = 0, fp32_flops = 0;             // FLOP/s of vector multiply-adds
  double cache_bytes = 0, memory_bytes = 0;          // bytes/s of a triad
  std::int64_t cache_set = 0, memory_set = 0;        // bytes that the triads walked over: half the second-level cache; twice
                                                     // the last level's, 128 MiB at most

  // fp32's arithmetic for tf32, which no processor does differently; none for bf16 and fp16.
  Peaks in(Precision precision) const;
};

// Takes less than 0.5 s. Main memory is left out where there is little of it.
MachinePeaks measure_peaks();

// One file per kind of machine and of build, so that hosts may share the folder.
class PeakCache {
 public:
  // $JETPINN_CACHE, else $XDG_CACHE_HOME/jetpinn, else $HOME/.cache/jetpinn; "", where nothing is kept, without any of them.
  static std::string default_folder();

  explicit PeakCache(const std::string& folder = default_folder());

  // Empty when there is none, or none of this processor, core count, version and build, or when it is damaged.
  std::optional<MachinePeaks> read() const;
  // Creates the folder. A cache is a convenience: what cannot be written is measured again next
  // time, and nobody hears of it.
  void write(const MachinePeaks& peaks) const noexcept;

  const std::string& file() const { return file_; }   // "" without a folder

 private:
  std::string machine_;   // processor, cores, version, build: what the numbers hold for
  std::string file_;
};

// The cached peaks, or measured ones. Cached ones are looked at again for some milliseconds, and what proves faster replaces
// them: a measurement that a neighbour disturbed does not stay.
MachinePeaks read_or_measure_peaks(const PeakCache& cache);

// What `measure` gives on the first rank of `host`, by which ranks say where they are, on all of its ranks: it is called
// there only, while the others wait. Working sets are not passed on. Collective.
MachinePeaks peaks_of_host(Communicator& communicator, const std::string& host,
                           const std::function<MachinePeaks()>& measure);

// The peaks of this rank's core: its host's first rank reads or measures them. Collective.
MachinePeaks machine_peaks(Communicator& communicator);

}  // namespace jetpinn
