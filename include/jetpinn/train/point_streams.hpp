// The terms of a run whose points are rows of a table that are read while it trains: where each stands in its set, and
// whether every row was trained on once in an epoch. The places are state, the rows are not: a run that goes on reads them
// again, from a file that holds the same bytes.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/sampling/streamed_points.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Bytes of a rank that windows of all streamed terms take in a stage.
std::int64_t stream_bytes(const Assembly& assembly, std::size_t stage, int rank);

class PointStreams {
 public:
  PointStreams(Communicator& communicator, const Assembly& assembly);  // both outlive it

  bool any() const { return !streams_.empty(); }
  // Collective: hashes the files, in a part for each rank. Of a run that goes on, after its state was restored: throws Error
  // (usage) where a file holds other bytes than when it began.
  void open(bool goes_on);
  // The points of the next step of the assembly's stage are in `points`. True: they were not yet. Collective where that may
  // fail. Throws Error (usage, storage).
  bool follow(PointSet& points);
  void forget();  // what is at hand is taken anew, with the weights of another stage
  // After a step that trained on them: the next step takes others. Collective where an epoch ends.
  void left_behind();

  void gather();  // collective: counts what the ranks have trained on, before the state is saved
  State state();
  std::vector<StreamedRows> rows() const;  // since the run began; as they were gathered last

 private:
  struct Stream {
    std::size_t term = 0;
    std::unique_ptr<StreamedPoints> points;  // of the stage at work
    StreamPlace next, taken{-1, -1};
    RowsRead at_hand, left;                          // of this rank: the step's; those behind it since the last sum
    std::int64_t rows = 0, numbers = 0;              // of the epoch, over all ranks, as they were summed last
    std::int64_t whole_rows = 0, whole_numbers = 0;  // of the last whole epoch
    std::string hash;                                // of the file
    double waited_s = 0;                             // for rows, before the stage's began
    std::int64_t read_bytes = 0;
  };
  bool at_hand() const;
  bool may_fail() const;  // where more is read, or weights are looked at
  void take(PointSet& points);
  void enter_stage(Stream& stream);
  bool is_of_stage(const Stream& stream) const;
  void end_epoch(Stream& stream);
  std::string hash_of_file(const std::string& path);

  Communicator& communicator_;
  const Assembly& assembly_;
  std::vector<Stream> streams_;
};

}  // namespace jetpinn
