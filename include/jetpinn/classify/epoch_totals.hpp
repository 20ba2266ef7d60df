// What the steps of an epoch come to, so far.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstdint>

namespace jetpinn {

// Of the run so far.
struct RunSpent {
  double time_s = 0;
  double joules = 0;  // < 0: not readable
  double modelled_joules = 0;
};

// Equal on every rank, and state of the run: a run that goes on in the middle of an epoch tells of all of it.
class EpochTotals {
 public:
  // After a step over so many images, of which `trained` gave their gradient: its means are over these.
  void account(const Agreed& agreed, std::int64_t images, std::int64_t trained);
  // With what they came to.
  void tell(EpochRecord& record, const RunSpent& spent) const;
  void begin(const RunSpent& spent);  // the next one
  std::int64_t trained_in_all() const { return trained_in_all_; }
  std::int64_t images_in_all() const { return images_in_all_; }

  State state();

 private:
  double loss_ = 0, wrong_ = 0;  // sums over images
  std::int64_t images_ = 0, trained_ = 0, images_in_all_ = 0, trained_in_all_ = 0;
  RunSpent begin_;
};

}  // namespace jetpinn
