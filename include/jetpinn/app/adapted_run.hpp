// The folder that `adapt` leaves: an ordinary run folder, whose network.h5 counts updates as its steps.
//
//   adapt.json      what was asked for, and of which run and measurements: who goes on is compared with it
//   updates.jsonl   a line for each update; what lies behind the last update of network.h5 is made again
//   network.h5      from the beginning on; that of the run before the first update
//   summary.json    how it ended, counts and latencies of all updates
#pragma once

#include "jetpinn/app/measurement_stream.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/compress/adapt.hpp"
#include "jetpinn/io/folder_lock.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// What an adaptation is asked for.
struct AdaptRequest {
  std::string run;  // the folder that is adapted
  AdaptOptions options;
  std::vector<std::string> sets;  // --set
};

// Rank 0 alone. No other process adapts in the folder while this lives.
class AdaptedRun {
 public:
  // Makes the folder, or goes on with the adaptation in it. Throws Error (usage) where the folder is in the way, is damaged,
  // lies in the run or holds it, where another process works in it, and where it was adapted from another network or to
  // other measurements; (storage) where it cannot be written.
  AdaptedRun(std::string folder, const AdaptRequest& request, const Trained& trained, const MeasurementStream& stream);

  std::string network() const { return folder_ + "/network.h5"; }
  std::int64_t rows() const { return rows_; }                    // that the updates took
  const std::vector<double>& errors() const { return errors_; }  // [updates]
  // Of options that differ from those before; empty: none does.
  const std::string& warning() const { return warning_; }

  void write(const AdaptUpdate& update, const Assembly& assembly, const std::vector<double>& parameters);
  // Writes summary.json and says how it went. stopped: on request, before the measurements were at their end. Throws Error
  // (storage).
  void finish(bool stopped, const MeasurementStream& stream) const;
  void finish_failed(const Error& error, const MeasurementStream& stream) const noexcept;

 private:
  void require_no_update(const std::string& run) const;
  void begin(const std::string& run, const Trained& trained);
  void read_updates(const MeasurementStream& stream);
  double median_seconds() const;  // of an update; 0: there is none
  double largest_seconds() const;
  void write_summary(const char* status, const char* stopped_by, const MeasurementStream& stream) const;
  void tell() const;
  std::string updates_path() const { return folder_ + "/updates.jsonl"; }

  std::string folder_, warning_;
  std::unique_ptr<FolderLock> lock_;
  std::int64_t rows_ = 0, taken_back_ = 0, made_ = 0;  // made: by this process
  std::vector<double> errors_, seconds_;               // [updates]
};

}  // namespace jetpinn
