// The terms of a run whose points are rows of a table that are read while it trains: where each stands in its set, and
// whether every row was trained on once in an epoch. The places are state, the rows are not: a run that goes on reads them
// again, from a file that holds the same bytes.
//
// Where balancing weighs points, each row has a weight of its own, which lies in a file of the run folder and goes through
// the memory with its window (sampling/streamed_weights.hpp). docs/streams.md says when what is written there.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/sampling/streamed_points.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Bytes of a rank that windows of all streamed terms take in a stage.
std::int64_t stream_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank);
// Of the file that holds a weight for each of `rows` rows.
std::int64_t stream_weights_bytes(std::int64_t rows);

class PointStreams {
 public:
  // All outlive it. Weights of rows lie in the run folder.
  PointStreams(Communicator& communicator, const Assembly& assembly, const TrainingOptions& training,
               const std::string& run_directory);

  bool any() const { return !streams_.empty(); }
  // Collective: hashes the files, in a part for each rank. Of a run that goes on, after its state was restored: throws Error
  // (usage) where a file holds other bytes than when it began, and Error (storage) where weights of rows are not those of
  // the state.
  void open(bool goes_on);
  void make_room();  // collective: for the weights of the stage's rows, before a state is restored. Throws Error (storage)
  // The points of the next step of the assembly's stage are in `points`. True: they were not yet. Collective where that may
  // fail. Throws Error (usage, storage).
  bool follow(PointSet& points);
  void forget();  // what is at hand is taken anew, with the weights of another stage
  // After a step that trained on them: the next step takes others. Collective where an epoch ends.
  void left_behind();
  // Collective: the assembly deals its blocks anew before the points are followed again.
  void leave_blocks();

  // Weights of the points at hand of a term, at a place that stays; null: its rows have none. keep_weights: they were
  // changed.
  std::vector<double>* weights_of(std::size_t term);
  void keep_weights();
  // Before a checkpoint, collective: what was written of the weights is on the disk. Throws Error (storage).
  void flush();
  void saved(bool well);  // what came of a checkpoint
  // A checkpoint is due before more of the weights is written over.
  bool wants_checkpoint() const;

  void gather();  // collective: counts what the ranks have trained on, before the state is saved
  State state();
  std::vector<StreamedRows> rows() const;  // since the run began; as they were gathered last

 private:
  struct Stream {
    std::size_t term = 0;
    bool weighed = false;                           // its rows have weights
    std::shared_ptr<const GenerationFile> file;     // of them
    std::unique_ptr<StreamedWeights> weights;       // of the window at work; outlives `points`
    std::int64_t run = 0;                           // in that file: of the run that made it
    std::vector<double> at_hand_weights;            // of the points at hand
    std::int64_t left_epoch = -1, left_window = 0;  // that the ranks put away to take it up under other shares; < 0: none
    std::int64_t saved_epoch = -1;                  // of the weights in the last checkpoint
    std::int64_t tried_epoch = -1;                  // in which one was tried last
    std::vector<std::size_t> shares;                // [ranks] slots of each, by which the rows are read
    std::unique_ptr<StreamedPoints> points;         // of the stage at work
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
  void begin_epoch(Stream& stream);  // the next one
  void retire(Stream& stream);       // its reader

  void open_weights(bool goes_on);
  void make_weights(Stream& stream);  // of the stage, where those at hand are of another one
  void leave_epochs();                // collective where weights of an epoch that is over are in memory: they are put away
  void put_away(Stream& stream);      // its weights, to be taken up where their epoch goes on
  void require_checkpoint(const Stream& stream) const;  // before the window's weights are written
  std::string file_of(const Stream& stream) const;
  std::vector<std::int64_t> own_slots(const Stream& stream) const;
  std::vector<std::size_t> shares_of(const Stream& stream) const;
  bool is_of_stage(const Stream& stream) const;
  void end_epoch(Stream& stream);
  std::string hash_of_file(const std::string& path);

  Communicator& communicator_;
  const Assembly& assembly_;
  const std::string run_directory_;
  std::vector<Stream> streams_;
};

}  // namespace jetpinn
