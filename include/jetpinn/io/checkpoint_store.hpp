// Checkpoints of a run: folders checkpoints/step-NNNNNNNN with a manifest of hashes and the state in HDF5, each of them
// whole or not there. Columns whose rows the ranks share lie in a file of their own, which all ranks write and look at
// together.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

class CheckpointFolder;
struct CheckpointManifest;

// What the manifest says of a checkpoint besides its hashes. Equal on every rank.
struct CheckpointFacts {
  std::int64_t step = 0, stage = 0;
  double loss = 0;               // the last known; not finite: never the best one
  double time_s = 0;             // training so far, over all continuations
  int ranks = 1;
  std::string reproducibility;   // level
  std::string config_hash;       // of the keys that matter
  std::string version;           // of the program
  std::string pattern_hash;      // of the weights that are kept; empty: all are, or an earlier version wrote it
};

struct CheckpointOptions {
  int keep = 2;         // newest ones, verified
  int keep_every = 0;   // and every k-th that was written; 0: none
};

struct LoadedCheckpoint {
  CheckpointFacts facts;
  StateValues values;                   // replicated; columns are read from the folder when they are asked for
  std::string folder;                   // it came from here
  std::vector<std::string> rejected;    // newer ones: a sentence each with folder and reason
};

class CheckpointStore {
 public:
  CheckpointStore(Communicator& communicator, std::string run_directory, const CheckpointOptions& options);
  ~CheckpointStore();

  // Collective; every rank passes equal state, but for its rows of columns. All ranks first agree that their states have one
  // hash (Error (communication) naming the ranks that differ: nothing is written). Rank 0 writes a temporary folder, all
  // write their rows, everything is flushed to the disk; another rank (where there is one) reads it back and compares every
  // hash, of columns each rank a share; then it is renamed into place and older ones are removed: the newest `keep`, every
  // k-th and the one of the lowest loss stay. Throws Error (storage); what was there before stays as it was, and the
  // temporary folder is removed. Those that load() rejected, and those of later steps, are renamed to rejected-step-NNNNNNNN
  // once the new one is in place.
  void save(const CheckpointFacts& facts, const State& state);

  // Collective. The newest checkpoint whose manifest and hashes hold; the others that are newer are listed in `rejected`.
  // Empty: there are no checkpoints at all. Changes nothing. Throws Error (storage) when there are some and none holds.
  std::optional<LoadedCheckpoint> load();

  const std::string& newest() const { return newest_; }   // folder of the last save; empty: none yet

  // For tests: called on rank 0 with the temporary folder when its files are written and nobody has looked at them.
  std::function<void(const std::string& folder)> before_verification;
  // For tests: called on every rank when there is a file for columns without their values.
  std::function<void(const std::string& folder)> before_columns;

 private:
  struct Search;
  bool find_next(Search& search) const;
  void write_columns(const std::string& task, const std::string& folder, CheckpointManifest& manifest, const State& state);
  void verify_columns(const std::string& task, const std::string& folder, const CheckpointManifest& manifest);

  Communicator& communicator_;
  CheckpointOptions options_;
  std::unique_ptr<CheckpointFolder> folder_;   // <run>/checkpoints; rank 0 changes it
  std::vector<std::string> rejected_;          // names of folders; rank 0
  std::string newest_;
};

}  // namespace jetpinn
