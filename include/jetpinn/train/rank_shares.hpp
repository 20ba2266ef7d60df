// The shares of the points that ranks have where these follow measured times (docs/streams.md): looks at the times of all
// ranks every so many steps, and finds the dealing that follows from them.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/measured_shares.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace jetpinn {

class RankShares {
 public:
  // What a rank computed in `seconds` while it had so much work: these seconds, or what a test makes of them.
  using Times = std::function<double(double seconds, double work)>;
  // Both outlive it.
  RankShares(Communicator& communicator, const Assembly& assembly, const RunOptions& run, Times times);

  bool active() const { return active_; }
  // Before the step behind `step` steps done. Equal on every rank.
  bool due(std::int64_t step) const { return active_ && step > 0 && step % every_ == 0; }
  // Collective when due. computed_s: of this rank, since the process began. Returns the speeds by which points are to be
  // dealt anew [ranks]; empty: the shares stay.
  std::vector<double> look(double computed_s);
  void count_dealing() { ++dealings_; }  // after the assembly was dealt anew
  DealtShares record() const;            // of this process

 private:
  bool fits(const std::vector<double>& speeds) const;

  Communicator& communicator_;
  const Assembly& assembly_;
  const bool active_;
  const std::int64_t every_;
  const Times times_;
  MeasuredShares measured_;
  double looked_s_ = 0;  // computed_s at the last look
  std::int64_t dealings_ = 0;
};

}  // namespace jetpinn
