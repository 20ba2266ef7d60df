// A folder of feature files by what they were made of, shared by ranks and jobs.
//
// A file's name holds a hash of the data, the representation, its options and the precision, and the version of the
// features. Files are written beside their place and renamed, so that two jobs that make the same one leave a whole one; who
// has one open keeps it. Files that are used are touched, and those that nobody used for longest go when the folder becomes
// too large.
#pragma once

#include "jetpinn/ablate/feature_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// What the numbers of one representation depend on.
struct FeatureKey {
  std::string representation;
  std::uint64_t data = 0;  // hash of the samples
  std::string options;     // chosen layers and decomposition, as text
  FeatureShape shape;

  std::uint64_t identity() const;
  std::string file_name(std::int32_t version = feature_version) const;
};

class FeatureCache {
 public:
  // Makes the folder. Throws Error (usage) where it cannot be made. An empty folder: nothing is kept, nothing is found.
  explicit FeatureCache(std::string folder, double most_bytes = 0);
  bool on() const { return !folder_.empty(); }
  const std::string& folder() const { return folder_; }
  std::string path_of(const FeatureKey& key) const { return folder_ + "/" + key.file_name(); }

  struct Found {
    bool there = false;  // whole and as it was written
    std::string remark;  // why what is there does not serve, as a sentence; empty: nothing is there
  };
  // By one process. Touches what it finds.
  Found look_up(const FeatureKey& key) const;

  // By one process: removes files, those that were used longest ago first, until all take at most `most_bytes`; never those
  // of `used`. What others remove meanwhile is no trouble. Returns how many went.
  std::int64_t evict(const std::vector<std::string>& used) const;

 private:
  std::string folder_;
  double most_bytes_;
};

}  // namespace jetpinn
