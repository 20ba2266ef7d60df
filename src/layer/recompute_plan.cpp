#include "jetpinn/layer/recompute_plan.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/layer/sweep_order.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

using Holds = BufferPlan::Life::Holds;

using Work = RecomputeWork;
Work operator+(const Work& a, const Work& b) { return {a.first + b.first, a.second + b.second}; }

// What dynamic programming knows of the hidden layers [0, end): the last one is kept or recomputed, `segments` are
// recomputed.
struct State {
  std::int64_t kept = 0;  // columns that lie there from the forward sweep on, until the reverse comes to these layers
  Work work;
  int begin = 0;  // of the last segment
  bool recomputed = false;
  int segments = 0;
  std::size_t before = 0;  // number of the state of [0, begin)
};

struct Found {
  RecomputedLayers ranges;
  Work work;
};

// Columns of a run of hidden layers, where it is a segment and where it is kept.
struct Segment {
  LayerRange layers;
  bool possible = false;         // to recompute: it is swept in reverse, and is of one network
  std::int64_t start = 0;        // while it is recomputed
  std::int64_t peak = 0;         // the most in the passes of its layers, with what is there of no segment
  std::int64_t kept = 0;         // from the forward sweep on, where it is kept
  std::int64_t kept_anyway = 0;  // from the forward sweep on, where it is recomputed: for passes before
  Work work;                     // to recompute it
  std::vector<int> begins_with;  // layers below it whose outputs it is recomputed from, rising
};

class Chain {
 public:
  Chain(const Network& network, bool all_layers)
      : network_(network), order_(network, all_layers), steps_(hidden_layers(network, all_layers)) {
    const BufferPlan plan = plan_buffers(network, BufferUse::training, all_layers);
    others_.assign(2 * plan.passes.size() + 1, 0);
    for (const BufferPlan::Life& life : plan.lives)
      if (!life.tile && life.holds != Holds::value)
        for (int time = life.from; time <= life.to; ++time) others_[static_cast<std::size_t>(time)] += life.units;
    for (int l = 0; l < static_cast<int>(network.layers.size()); ++l) reads_.push_back(order_.reads_in_reverse(l));
    for (const LayerRange& step : steps_) first_pass_.push_back(first_pass(step));
    for (int begin = 0; begin < steps(); ++begin)
      for (int end = begin + 1; end <= steps(); ++end) segments_.push_back(segment(begin, end));
  }

  int steps() const { return static_cast<int>(steps_.size()); }

  // The least work of at most `limit` columns; `count` > 0: with all but the last of so many segments recomputed.
  std::optional<Found> plan(std::int64_t limit, int count) {
    limit_ = limit;
    count_ = count;
    states_.assign(static_cast<std::size_t>(steps() + 1), {});
    fronts_.assign(static_cast<std::size_t>(steps() + 1), std::vector<Front>(static_cast<std::size_t>(2 * (count + 1))));
    states_[0].push_back({});
    for (int begin = 0; begin < steps(); ++begin) {
      for (std::size_t s = 0; s < at(begin).size(); ++s) {
        keep(begin, s);
        for (int end = begin + 1; end < steps(); ++end) recompute(begin, end, s);  // the last segment is kept
      }
      gather(begin + 1);  // nothing is offered there any more
    }
    return best();
  }

 private:
  std::vector<State>& at(int end) { return states_[static_cast<std::size_t>(end)]; }
  const Segment& of(int begin, int end) const {
    const auto n = static_cast<std::size_t>(steps()), b = static_cast<std::size_t>(begin);
    return segments_[b * n - b * (b - 1) / 2 - b + static_cast<std::size_t>(end - 1)];
  }
  std::int64_t units(int l) const { return network_.layers[static_cast<std::size_t>(l)].units; }
  const std::vector<int>& reads(int l) const { return reads_[static_cast<std::size_t>(l)]; }
  std::int64_t others(int time) const { return others_[static_cast<std::size_t>(time)]; }
  int first_pass_of(int step) const { return first_pass_[static_cast<std::size_t>(step)]; }
  int passes() const { return static_cast<int>(order_.passes.size()); }
  // The first pass in which a step takes part; its reverse ends before that of the step below it.
  int first_pass(const LayerRange& step) const {
    int first = passes() + 1;
    for (int l = step.begin; l < step.end; ++l)
      if (const int pass = order_.pass_of[static_cast<std::size_t>(l)]; pass > 0) first = std::min(first, pass);
    return first;
  }

  // Columns of layers whose output the reverse reads, and reads as `which` says of the first and the last such pass.
  template <class Which>
  std::int64_t columns(const LayerRange& range, const Which& which) const {
    std::int64_t sum = 0;
    for (int l = range.begin; l < range.end; ++l)
      if (!reads(l).empty() && which(reads(l).front(), reads(l).back())) sum += units(l);
    return sum;
  }

  Segment segment(int begin, int end) const {
    Segment result;
    const LayerRange range =
        result.layers = {steps_[static_cast<std::size_t>(begin)].begin, steps_[static_cast<std::size_t>(end - 1)].end};
    const int first = first_pass_of(end - 1), behind = begin == 0 ? passes() + 1 : first_pass_of(begin - 1);
    const auto member = [&](int l) { return network_.layers[static_cast<std::size_t>(l)].member; };
    result.possible = first <= passes() && member(range.begin) == member(range.end - 1);
    const auto in_pass = [&](int pass) { return columns(range, [&](int, int last) { return last >= pass; }); };
    if (result.possible) result.start = in_pass(first) + others(2 * first - 1);
    for (int pass = first; pass < behind; ++pass) result.peak = std::max(result.peak, in_pass(pass) + others(2 * pass));
    result.kept = in_pass(0);
    result.kept_anyway = columns(range, [&](int earliest, int) { return earliest < first; });
    for (int l = 0; l < range.begin; ++l) {
      const std::vector<int>& consumers = order_.consumers[static_cast<std::size_t>(l)];
      const auto reads = [&](int c) { return range.begin <= c && c < range.end; };
      if (std::any_of(consumers.begin(), consumers.end(), reads)) result.begins_with.push_back(l);
    }
    for (int l = range.begin; l < range.end; ++l) {
      const Layer& layer = network_.layers[static_cast<std::size_t>(l)];
      const double weights = layer_kind(layer).product_weights(layer);
      result.work.first += weights;
      if (weights == 0) result.work.second += static_cast<double>(units(l));
    }
    return result;
  }

  // Columns that a segment is recomputed from, from step `begin` on, and that the segment below it does not keep anyway.
  std::int64_t checkpoint(const Segment& segment, int begin, const State& below) const {
    std::int64_t sum = 0;
    for (int l : segment.begins_with) {
      const bool in_last = l >= steps_[static_cast<std::size_t>(below.begin)].begin;
      const int until = in_last && below.recomputed ? first_pass_of(begin - 1) : passes() + 1;
      if (reads(l).empty() || reads(l).front() >= until) sum += units(l);
    }
    return sum;
  }

  void keep(int step, std::size_t from) {
    const State& below = at(step)[from];
    const Segment& own = of(step, step + 1);
    if (below.kept + own.peak > limit_) return;
    offer(step + 1, {below.kept + own.kept, below.work, step, false, below.segments, from});
  }

  void recompute(int begin, int end, std::size_t from) {
    const State& below = at(begin)[from];
    const Segment& own = of(begin, end);
    if (!own.possible || below.kept + std::max(own.peak, own.start) > limit_) return;
    if (count_ > 0 && (below.segments + 1 >= count_ || (begin > 0 && !below.recomputed))) return;
    const std::int64_t from_there = begin == 0 ? 0 : checkpoint(own, begin, below);
    if (below.kept + from_there + own.start > limit_) return;
    offer(end, {below.kept + from_there + own.kept_anyway, below.work + own.work, begin, true, below.segments + 1, from});
  }

  // States of which none beats another in both: more and more columns, less and less work.
  using Front = std::vector<State>;

  // What another state beats in both is left out, and leaves again when that one comes later.
  void offer(int end, const State& state) {
    if (state.kept > limit_) return;
    const std::size_t group = 2 * static_cast<std::size_t>(count_ == 0 ? 0 : state.segments) + state.recomputed;
    Front& front = fronts_[static_cast<std::size_t>(end)][group];
    const auto above = std::upper_bound(front.begin(), front.end(), state.kept,
                                        [](std::int64_t kept, const State& other) { return kept < other.kept; });
    if (above != front.begin() && std::prev(above)->work <= state.work) return;
    auto first = above, last = above;
    if (first != front.begin() && std::prev(first)->kept == state.kept) --first;
    while (last != front.end() && last->work >= state.work) ++last;
    front.insert(front.erase(first, last), state);
  }
  // From here on they have numbers, to which later ones point.
  void gather(int end) {
    std::vector<Front>& fronts = fronts_[static_cast<std::size_t>(end)];
    for (const Front& front : fronts) at(end).insert(at(end).end(), front.begin(), front.end());
    fronts.clear();
  }

  std::optional<Found> best() {
    const State* chosen = nullptr;
    for (const State& state : at(steps()))
      if ((count_ == 0 || state.segments == count_ - 1) && (!chosen || state.work < chosen->work)) chosen = &state;
    if (!chosen) return std::nullopt;
    Found found{{}, chosen->work};
    for (int end = steps(); end > 0; end = std::exchange(chosen, &at(chosen->begin)[chosen->before])->begin)
      if (chosen->recomputed) found.ranges.insert(found.ranges.begin(), of(chosen->begin, end).layers);
    return found;
  }

  const Network& network_;
  const SweepOrder order_;
  const std::vector<LayerRange> steps_;
  std::vector<std::vector<int>> reads_;  // [layers] passes
  std::vector<int> first_pass_;          // [steps]
  std::vector<std::int64_t> others_;     // [times] columns of adjoints and of what layers restore
  std::vector<Segment> segments_;        // [begin < end]
  std::int64_t limit_ = 0;
  int count_ = 0;
  std::vector<std::vector<State>> states_;  // [steps + 1]
  std::vector<std::vector<Front>> fronts_;  // [steps + 1][segments, kept or recomputed]
};

}  // namespace

std::vector<LayerRange> hidden_layers(const Network& network, bool all_layers) {
  const SweepOrder order(network, all_layers);
  std::vector<LayerRange> steps;
  bool trained = false;  // some layer of the step takes part in the reverse
  for (int l = 0; l < static_cast<int>(network.layers.size()); ++l) {
    const auto at = static_cast<std::size_t>(l);
    const bool takes_part = order.pass_of[at] > 0;
    const bool begins = l == 0 || network.layers[at].member != network.layers[at - 1].member ||
                        (trained && takes_part && order.needs[at].heads_pass);
    if (begins) steps.push_back({l, l}), trained = false;
    steps.back().end = l + 1;
    trained = trained || takes_part;
  }
  return steps;
}

class RecomputeSearch::Parts {
 public:
  Parts(const Network& network, bool all_layers) : network_(network), all_layers_(all_layers), chain_(network, all_layers) {}

  int steps() const { return chain_.steps(); }
  std::optional<RecomputePlan> within(std::int64_t columns, int segments = 0) {
    std::optional<Found> found = chain_.plan(columns, segments);
    if (!found) return std::nullopt;
    const std::int64_t live = plan_buffers(network_, BufferUse::training, all_layers_, found->ranges).live_units();
    return RecomputePlan{std::move(found->ranges), live, found->work};
  }
  // Fewer columns have no plan where more have none.
  std::optional<RecomputePlan> least(int segments = 0) {
    std::optional<RecomputePlan> least = within(std::numeric_limits<std::int64_t>::max(), segments);
    if (!least) return least;
    for (std::int64_t none = 0, limit = least->columns; limit - none > 1;) {
      const std::int64_t middle = none + (limit - none) / 2;
      std::optional<RecomputePlan> found = within(middle, segments);
      if (!found) {
        none = middle;
      } else {
        limit = std::min(middle, found->columns);
        least = std::move(found);
      }
    }
    return least;
  }

 private:
  const Network& network_;
  const bool all_layers_;
  Chain chain_;
};

RecomputeSearch::RecomputeSearch(const Network& network, bool all_layers)
    : parts_(std::make_unique<Parts>(network, all_layers)) {}
RecomputeSearch::~RecomputeSearch() = default;

std::optional<RecomputePlan> RecomputeSearch::within(std::int64_t columns) { return parts_->within(columns); }
RecomputePlan RecomputeSearch::keeps_all() { return *within(std::numeric_limits<std::int64_t>::max()); }
RecomputePlan RecomputeSearch::least() { return *parts_->least(); }

RecomputedLayers plan_segments(const Network& network, int segments, bool all_layers) {
  RecomputeSearch::Parts search(network, all_layers);
  const std::optional<RecomputePlan> least = search.least(segments);
  if (!least)
    throw Error(Status::usage, "training.recompute = " + std::to_string(segments) +
                                   " divides the hidden layers into as many segments; this network has " +
                                   std::to_string(search.steps()) + " hidden layer" + (search.steps() == 1 ? "" : "s") +
                                   ": lower it, or choose \"auto\"");
  return least->layers;
}

double recomputed_weights(const Network& network, const std::vector<bool>& members, const BufferPlan& plan) {
  double weights = 0;
  for (const std::vector<int>& layers : plan.again)
    for (int l : layers) {
      const Layer& layer = network.layers[static_cast<std::size_t>(l)];
      if (members[static_cast<std::size_t>(layer.member)]) weights += layer_kind(layer).product_weights(layer);
    }
  return weights;
}

}  // namespace jetpinn
