// Graphs of an engine's evaluations on a device: the work of one is given kernel by kernel the first time, recorded the
// second time, and replayed from then on, as long as nothing changes that it was recorded with.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/engine/graph_counts.hpp"
#include "jetpinn/kernels/device_queue.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// All that kernels of an evaluation take as arguments, and where copies read on the host: what must be the same for a graph
// to be replayed. Numbers that may differ are made by the host before each replay (copy_made).
class EvaluationKey {
 public:
  void add(std::int64_t number) { numbers_.push_back(static_cast<std::uint64_t>(number)); }
  void add(const void* address) { numbers_.push_back(reinterpret_cast<std::uintptr_t>(address)); }
  // Where the columns of a term's points lie on the host, how many there are, and in which blocks.
  void add(const TermPoints& points);
  bool operator==(const EvaluationKey& other) const { return numbers_ == other.numbers_; }

 private:
  std::vector<std::uint64_t> numbers_;
};

class EvaluationGraphs {
 public:
  struct Evaluation {
    std::function<EvaluationKey()> key;
    std::string obstacle;                             // why it cannot be recorded; empty: it can
    std::function<void()> sweep;                      // gives all its work to the stream
    std::function<std::function<void()>()> replayed;  // after sweep: what the host does in its place beside a replay
    std::function<void()> undo;                       // what sweep did on the host is forgotten, for it is done again
  };

  explicit EvaluationGraphs(bool on) : on_(on) {}
  // The sweep, or the graph of it. Throws what it throws.
  void run(Stream stream, const Evaluation& evaluation);

  const GraphCounts& counts() const { return counts_; }

  // Chunks of a graph: with more of them kernels are long enough to hide how they are given.
  static constexpr std::int64_t most_chunks = 64;

 private:
  struct Known {
    EvaluationKey key;
    std::int64_t staged = 0;  // bytes that copies of the sweep took, each rounded up
    std::string refused;      // why it is not recorded; empty: it is, or will be
    std::unique_ptr<DeviceGraph> graph;
    std::function<void()> replayed;
  };
  static constexpr std::size_t most_known = 4;  // the points of training, and what is looked at between
  static constexpr std::int64_t most_staged = std::int64_t{64} << 20;  // of pinned memory, for each graph

  void sweep_eagerly(const Evaluation& evaluation, const std::string& reason);
  Known* find(const EvaluationKey& key);
  void remember(DeviceQueue& queue, const Evaluation& evaluation);
  void record(DeviceQueue& queue, const Evaluation& evaluation, Known& known);

  const bool on_;
  std::vector<Known> known_;  // the one that was used last stands last
  GraphCounts counts_;
};

}  // namespace jetpinn
