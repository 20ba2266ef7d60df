// The numbers of every representation of all samples, made once by all ranks or found in a cache.
#pragma once

#include "jetpinn/ablate/ablate_options.hpp"
#include "jetpinn/ablate/feature_cache.hpp"
#include "jetpinn/ablate/feature_file.hpp"
#include "jetpinn/ablate/representation.hpp"
#include "jetpinn/ablate/weight_source.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace jetpinn {

// Seconds of the slowest rank.
struct FeatureTimes {
  double hash = 0, look_up = 0;  // of the data; of the cache
  double read = 0, spectra = 0;  // for all representations together
  double whole = 0;              // from the beginning to the last file
};

struct FeatureSet {
  const Representation* representation = nullptr;
  FeatureKey key;
  FeatureFile file;
  bool cached = false;  // it was there
  double seconds = 0;   // of its own function, on the slowest rank
};

class Features {
 public:
  // scratch: a folder for what no cache keeps, removed at the end. say: one line for a person, called by rank 0.
  using Say = std::function<void(const std::string& line)>;
  Features(Communicator& communicator, const WeightSource& source, const AblateOptions& options, std::string scratch,
           Say say);
  ~Features();
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;

  // Makes or finds those of `wanted`. Collective. False: asked to stop. Throws Error: usage for weights that are not finite,
  // storage where neither cache nor scratch has room.
  bool make(const std::vector<const Representation*>& wanted);

  const std::vector<FeatureSet>& sets() const { return sets_; }
  const FeatureTimes& times() const { return times_; }
  const std::vector<std::int64_t>& chosen_layers() const { return chosen_; }
  std::uint64_t data_hash() const { return data_hash_; }

 private:
  struct Output;
  template <class T>
  class Pass;
  void find();
  void reserve(std::vector<Output>& outputs);
  template <class T>
  void run_pass(std::vector<Output>& outputs);
  void finish(std::vector<Output>& outputs);
  void open();

  Communicator& communicator_;
  const WeightSource& source_;
  const AblateOptions& options_;
  std::string scratch_;
  Say say_;
  FeatureCache cache_;
  std::vector<std::int64_t> chosen_;
  std::uint64_t data_hash_ = 0;
  std::vector<FeatureSet> sets_;
  std::vector<std::string> paths_;  // [sets] where each lies
  FeatureTimes times_;
  bool stopped_ = false;
};

}  // namespace jetpinn
