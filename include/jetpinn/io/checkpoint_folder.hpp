// The folder of a run's checkpoints as one process sees and changes it; who may do what when is the store's affair.
//
//   step-00000120        a checkpoint; it came here by one rename and is whole
//   .tmp-120-4711        being written or removed by process 4711, or left by a dead one
//   .old-step-00000120   moved aside while step-00000120 is replaced
//   rejected-step-...    could not be loaded, or lies beyond the step from which the run went on;
//                        kept for whoever wants to know why
//   latest               link to the newest
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::string directory) : directory_(std::move(directory)) {}

  struct Entry {
    std::int64_t step;
    std::string name;   // step-... or, when that one is replaced by a process that died, .old-step-...
  };
  // Newest first; empty when there is no folder. Throws Error (storage) where it cannot be looked at.
  std::vector<Entry> entries() const;
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  static std::string name_of(std::int64_t step);   // step-00000120

  // Creates the folder (its parent must exist), removes what dead processes left, and moves back
  // what one of them moved aside.
  void prepare();
  std::string create_temporary(std::int64_t step);
  // Which number a checkpoint of this step has: that of the one it replaces, else the next.
  std::int64_t ordinal_for(std::int64_t step);
  // Renames a temporary folder into place; what was there stays until then.
  void publish(const std::string& temporary, std::int64_t step);
  void reject(const std::string& name) noexcept;
  // Removes all but the newest `keep`, every k-th and the one of the lowest loss, and rejects what lies beyond `step`. Never
  // fails: what cannot be removed today goes tomorrow.
  void prune(const CheckpointOptions& options, std::int64_t step) noexcept;

 private:
  struct Known {
    std::int64_t ordinal = 0;   // 0: its manifest cannot be read
    double loss = 0;
  };
  const Known& known(const std::string& name);
  void remove(const std::string& name) noexcept;
  void remove_leftovers() noexcept;
  void point_latest_to(const std::string& name);

  std::string directory_;
  std::map<std::string, Known> known_;   // manifests that were read already
};

}  // namespace jetpinn
