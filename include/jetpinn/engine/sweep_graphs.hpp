// Evaluations of the jets engine on a device as graphs: what belongs to their keys, and what the host does beside a replay.
#pragma once

#include "jetpinn/engine/evaluation_graphs.hpp"
#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/engine/run_sums.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

template <class A>
class SweepGraphs {
 public:
  using Terms = std::vector<std::unique_ptr<JetSweeper<A>>>;
  using Sums = RunSums<typename A::Space>;

  // The sweepers and their sums outlive it.
  SweepGraphs(bool on, Terms& terms, Sums& sums) : terms_(terms), sums_(sums), graphs_(on) {}

  // The sweep of all points, or the graph of it. by_blocks: block by block instead of in chunks. key: of what else kernels
  // are given; left_out(term): terms that are not swept.
  template <class LeftOut>
  void run(Stream stream, const PointSet& points, bool by_blocks, const std::function<EvaluationKey()>& key,
           std::string obstacle, const LeftOut& left_out, const std::function<void()>& sweep) {
    const std::vector<EngineWork> before = works();
    if (obstacle.empty()) obstacle = too_many(points, by_blocks, left_out);
    const auto whole_key = [&] {
      EvaluationKey all = key();
      all.add(sums_.address());
      for (std::size_t t = 0; t < points.terms.size(); ++t) {
        all.add(std::int64_t{left_out(t)});
        all.add(points.terms[t]);
      }
      return all;
    };
    const auto undo = [&] {
      for (std::size_t t = 0; t < terms_.size(); ++t) terms_[t]->recount(before[t]);
    };
    graphs_.run(stream, {whole_key, obstacle, sweep, [&] { return beside_replay(before); }, undo});
  }

  const GraphCounts& counts() const { return graphs_.counts(); }

 private:
  template <class LeftOut>
  std::string too_many(const PointSet& points, bool by_blocks, const LeftOut& left_out) const {
    std::int64_t chunks = 0;
    for (std::size_t t = 0; t < points.terms.size(); ++t) {
      if (left_out(t)) continue;
      const TermPoints& term = points.terms[t];
      chunks += by_blocks ? static_cast<std::int64_t>(term.blocks.size())
                          : (term.local_count + terms_[t]->chunk() - 1) / terms_[t]->chunk();
    }
    if (chunks <= EvaluationGraphs::most_chunks) return "";
    return fmt::format("its points are swept in more than {} chunks", EvaluationGraphs::most_chunks);
  }

  std::vector<EngineWork> works() const {
    std::vector<EngineWork> all;
    for (const auto& sweeper : terms_) all.push_back(sweeper->work());
    return all;
  }
  // The host's part of the sweeps that were recorded last: their work is counted, their runs are known.
  std::function<void()> beside_replay(const std::vector<EngineWork>& before) {
    std::vector<EngineWork> work = works();
    for (std::size_t t = 0; t < work.size(); ++t) add(work[t], before[t], -1);
    return [this, work, runs = sums_.runs()] {
      for (std::size_t t = 0; t < work.size(); ++t) {
        EngineWork total = terms_[t]->work();
        add(total, work[t]);
        terms_[t]->recount(total);
      }
      sums_.take_up(runs);
    };
  }

  Terms& terms_;
  Sums& sums_;
  EvaluationGraphs graphs_;
};

}  // namespace jetpinn
