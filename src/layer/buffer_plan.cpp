#include "jetpinn/layer/buffer_plan.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/sweep_order.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr int none = BufferPlan::none;
using Holds = BufferPlan::Life::Holds;

// When something lies in a buffer, both ends included (BufferPlan::Life).
struct Span {
  int from = std::numeric_limits<int>::max(), to = -1;
  bool empty() const { return to < 0; }
  void include(int time) { from = std::min(from, time), to = std::max(to, time); }
};

struct Wish {
  Holds holds = Holds::value;
  int layer = 0;
  Span span;
  bool tile = false;
  std::int64_t units = 0;
  std::vector<int*> places;  // what receives the buffer's number
};

class Planner {
 public:
  Planner(const Network& network, BufferUse use, bool all_layers, const RecomputedLayers& recomputed)
      : network_(network), use_(use), layers_(static_cast<int>(network.layers.size())), order_(network, all_layers) {
    plan_.passes = order_.passes;
    plan_.again.resize(plan_.passes.size());
    plan_.jets.resize(network.layers.size());
    plan_.reads.resize(network.layers.size());
    range_of_.assign(network.layers.size(), none);
    again_at_.assign(network.layers.size(), 0);
    if (use == BufferUse::training)
      for (const LayerRange& range : recomputed) take(range);
  }

  BufferPlan plan() {
    find_reads();
    find_recomputed();
    for (int l = 0; l < layers_; ++l) use_ == BufferUse::training ? wish_for_values(l) : wish_to_keep(l);
    wish_for_adjoints();
    grant_wishes();
    tell_reads();
    return std::move(plan_);
  }

 private:
  const Layer& layer(int l) const { return network_.layers[static_cast<std::size_t>(l)]; }
  const LayerNeeds& needs(int l) const { return order_.needs[static_cast<std::size_t>(l)]; }
  const std::vector<int>& consumers(int l) const { return order_.consumers[static_cast<std::size_t>(l)]; }
  int pass_of(int l) const { return order_.pass_of[static_cast<std::size_t>(l)]; }
  BufferPlan::Jets& jets(int l) { return plan_.jets[static_cast<std::size_t>(l)]; }
  int range_of(int l) const { return range_of_[static_cast<std::size_t>(l)]; }  // none: it is kept
  int again_at(int l) const { return again_at_[static_cast<std::size_t>(l)]; }  // when its range is swept again; 0: never
  const Span& before(int l) const { return before_[static_cast<std::size_t>(l)]; }
  const Span& after(int l) const { return after_[static_cast<std::size_t>(l)]; }
  bool recomputed(int l) const { return recomputed_[static_cast<std::size_t>(l)]; }

  // A range is swept again before the first pass in which one of its layers takes part.
  void take(const LayerRange& range) {
    JETPINN_CHECK(last_end_ <= range.begin && range.begin < range.end && range.end <= layers_,
                  "layers [" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ") are recomputed");
    JETPINN_CHECK(layer(range.begin).member == layer(range.end - 1).member,
                  "layers of two networks are recomputed at once, of which a term may read one");
    last_end_ = range.end;
    int first = 0;
    for (int l = range.begin; l < range.end; ++l)
      if (pass_of(l) > 0 && (first == 0 || pass_of(l) < first)) first = pass_of(l);
    if (first == 0) return;
    JETPINN_CHECK(std::count(again_at_.begin(), again_at_.end(), 2 * first - 1) == 0, "two ranges are recomputed at once");
    for (int l = range.begin; l < range.end; ++l) {
      range_of_[static_cast<std::size_t>(l)] = range.begin;
      again_at_[static_cast<std::size_t>(l)] = 2 * first - 1;
    }
  }

  // When a layer's output is read after the forward sweep: before it is recomputed, from the buffer in which it was kept,
  // and from then on.
  void find_reads() {
    before_.resize(network_.layers.size());
    after_.resize(network_.layers.size());
    for (int l = 0; l < layers_; ++l) {
      const auto include = [&](int time) {
        const bool early = again_at(l) == 0 || time < again_at(l);
        (early ? before_ : after_)[static_cast<std::size_t>(l)].include(time);
      };
      for (int pass : order_.reads_in_reverse(l)) include(2 * pass);
      for (int c : consumers(l))
        if (range_of(c) != none && range_of(c) != range_of(l)) {
          JETPINN_CHECK(again_at(l) == 0 || again_at(c) < again_at(l), "a layer is recomputed before one that it reads");
          include(again_at(c));
        }
    }
  }

  // Of a range, the layers whose outputs are read again, those that leave something in them, and what these read.
  void find_recomputed() {
    recomputed_.assign(network_.layers.size(), false);
    for (int l = layers_ - 1; l >= 0; --l) {
      JETPINN_CHECK(!needs(l).leaves_memo || range_of(l) == range_of(layer(l).inputs[0]),
                    "layer " + std::to_string(l) + " leaves something in its input, and one of them is recomputed alone");
      if (range_of(l) == none) continue;
      const auto in_range = [&](int other) { return range_of(other) == range_of(l); };
      const bool leaves_a_memo = needs(l).leaves_memo && in_range(layer(l).inputs[0]) && !after(layer(l).inputs[0]).empty();
      const bool read =
          std::any_of(consumers(l).begin(), consumers(l).end(), [&](int c) { return in_range(c) && recomputed(c); });
      if (!leaves_a_memo && !read && after(l).empty()) continue;
      recomputed_[static_cast<std::size_t>(l)] = true;
      std::vector<int>& before_pass = plan_.again[static_cast<std::size_t>((again_at(l) + 1) / 2 - 1)];
      before_pass.insert(before_pass.begin(), l);
    }
  }

  // In a tile until the last layer has read it.
  void wish_for_tile(Holds holds, int l, int& place) {
    Wish tile{holds, l, {}, true, layer(l).units, {&place}};
    tile.span.include(l);
    tile.span.include(consumers(l).back());
    wishes_.push_back(tile);
  }

  // The value until the last pass has ended, for another one may follow; its change until the next layers have read it.
  void wish_to_keep(int l) {
    if (consumers(l).empty()) return;
    Span always;
    always.include(0);
    always.include(2 * static_cast<int>(plan_.passes.size()));
    wishes_.push_back({Holds::value, l, always, false, layer(l).units, {&jets(l).value, &jets(l).restored}});
    wish_for_tile(Holds::tangent, l, jets(l).tangent);
  }

  void wish_for_values(int l) {
    if (consumers(l).empty()) return;
    jets(l).restores = order_.restores(l);
    wish_for_forward(l);
    if (recomputed(l)) wish_for_again(l);
    if (!jets(l).restores) return;
    Span gather;
    gather.include(2 * pass_of(l));
    wishes_.push_back({Holds::restored, l, gather, false, layer(l).units, {&jets(l).restored}});
  }

  void wish_for_forward(int l) {
    if (before(l).empty()) return wish_for_tile(Holds::value, l, jets(l).value);
    Span kept = before(l);
    kept.include(0);
    wishes_.push_back({Holds::value, l, kept, false, layer(l).units, {&jets(l).value}});
    if (again_at(l) == 0 && !jets(l).restores) wishes_.back().places.push_back(&jets(l).restored);
  }

  // For the chunk where the reverse reads it, else in a tile until the last layer of the range has read it.
  void wish_for_again(int l) {
    Wish again{Holds::recomputed, l, after(l), after(l).empty(), layer(l).units, {&jets(l).again}};
    if (again.tile) {
      again.span.include(layers_ + l);
      for (int c : consumers(l))
        if (range_of(c) == range_of(l) && recomputed(c)) again.span.include(layers_ + c);
    } else {
      again.span.include(again_at(l));
      if (!jets(l).restores) again.places.push_back(&jets(l).restored);
    }
    wishes_.push_back(again);
  }

  // A layer that works in place hands the buffer of its output's adjoint down to its input.
  void wish_for_adjoints() {
    plan_.adds.resize(network_.layers.size());
    std::vector<int> wish_of(network_.layers.size(), none);
    for (int l = layers_ - 1; l >= 0; --l) {
      if (pass_of(l) == 0) continue;
      const std::vector<int>& inputs = layer(l).inputs;
      plan_.adds[static_cast<std::size_t>(l)].assign(inputs.size(), false);
      if (wish_of[static_cast<std::size_t>(l)] != none) wish(wish_of, l).span.include(2 * pass_of(l));
      for (std::size_t k = 0; k < inputs.size(); ++k) {
        const int input = inputs[k];
        if (pass_of(input) == 0) continue;
        int& number = wish_of[static_cast<std::size_t>(input)];
        if (static_cast<int>(k) == needs(l).in_place) {
          JETPINN_CHECK(consumers(input).size() == 1,
                        "layer " + std::to_string(l) + " works in place, but its input is read by others");
          number = wish_of[static_cast<std::size_t>(l)];
          wish(wish_of, input).places.push_back(&jets(input).adjoint);
        } else if (number == none) {
          number = static_cast<int>(adjoints_.size());
          adjoints_.push_back({Holds::adjoint, input, {}, false, layer(input).units, {&jets(input).adjoint}});
        } else {
          plan_.adds[static_cast<std::size_t>(l)][k] = true;
        }
        wish(wish_of, input).span.include(2 * pass_of(l));
      }
    }
    wishes_.insert(wishes_.end(), adjoints_.begin(), adjoints_.end());
  }
  Wish& wish(const std::vector<int>& wish_of, int l) {
    return adjoints_[static_cast<std::size_t>(wish_of[static_cast<std::size_t>(l)])];
  }

  // First fit, in the order in which they begin.
  void grant_wishes() {
    std::stable_sort(wishes_.begin(), wishes_.end(), [](const Wish& a, const Wish& b) { return a.span.from < b.span.from; });
    std::vector<int> free_after;  // [buffers]
    for (const Wish& wish : wishes_) {
      std::size_t b = 0;
      while (b < plan_.buffers.size() && (plan_.buffers[b].tile != wish.tile || free_after[b] >= wish.span.from)) ++b;
      if (b == plan_.buffers.size()) {
        plan_.buffers.push_back({wish.tile, 0});
        free_after.push_back(0);
      }
      plan_.buffers[b].units = std::max(plan_.buffers[b].units, wish.units);
      free_after[b] = wish.span.to;
      for (int* place : wish.places) *place = static_cast<int>(b);
      plan_.lives.push_back({wish.holds, wish.layer, wish.tile, wish.units, wish.span.from, wish.span.to});
    }
  }

  // Layers of one range read what their range left; others what was kept, until that is recomputed.
  void tell_reads() {
    for (int l = 0; l < layers_; ++l)
      for (int input : layer(l).inputs) {
        const BufferPlan::Jets& read = jets(input);
        const bool kept = again_at(input) > 0 && 2 * pass_of(l) < again_at(input);
        BufferPlan::Read places{none, kept ? read.value : read.restored};
        if (recomputed(l)) places.again = range_of(input) == range_of(l) ? read.again : read.value;
        plan_.reads[static_cast<std::size_t>(l)].push_back(places);
      }
  }

  const Network& network_;
  const BufferUse use_;
  const int layers_;
  const SweepOrder order_;
  int last_end_ = 0;                  // of the ranges that were taken
  std::vector<int> range_of_;         // [layers] the first layer of its range
  std::vector<int> again_at_;         // [layers]
  std::vector<Span> before_, after_;  // [layers]
  std::vector<bool> recomputed_;      // [layers]
  std::vector<Wish> wishes_, adjoints_;
  BufferPlan plan_;
};

}  // namespace

int BufferPlan::chunk_buffers() const {
  return static_cast<int>(std::count_if(buffers.begin(), buffers.end(), [](const Buffer& buffer) { return !buffer.tile; }));
}

std::int64_t BufferPlan::chunk_units() const {
  std::int64_t units = 0;
  for (const Buffer& buffer : buffers)
    if (!buffer.tile) units += buffer.units;
  return units;
}

std::int64_t BufferPlan::live_units() const {
  std::int64_t most = 0;
  for (int time = 0; time <= 2 * static_cast<int>(passes.size()); ++time) {
    std::int64_t units = 0;
    for (const Life& life : lives)
      if (!life.tile && life.from <= time && time <= life.to) units += life.units;
    most = std::max(most, units);
  }
  return most;
}

std::int64_t BufferPlan::widest() const {
  std::int64_t units = 0;
  for (const Buffer& buffer : buffers) units = std::max(units, buffer.units);
  return units;
}

BufferPlan plan_buffers(const Network& network, BufferUse use, bool all_layers, const RecomputedLayers& recomputed) {
  return Planner(network, use, all_layers, recomputed).plan();
}

}  // namespace jetpinn
