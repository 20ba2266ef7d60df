#include "jetpinn/layer/buffer_plan.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/layer_kinds.hpp"

#include <algorithm>
#include <limits>

namespace jetpinn {
namespace {

constexpr int none = BufferPlan::none;

// When something lies in a buffer, both ends included. Tiles count layers; chunks count the forward sweep as 0, then the
// passes from 1 on.
struct Span {
  int from = std::numeric_limits<int>::max(), to = -1;
  bool empty() const { return to < 0; }
  void include(int time) { from = std::min(from, time), to = std::max(to, time); }
  void include(const Span& span) { from = std::min(from, span.from), to = std::max(to, span.to); }
};

struct Wish {
  Span span;
  bool tile = false;
  std::int64_t units = 0;
  std::vector<int*> places;  // what receives the buffer's number
};

class Planner {
 public:
  Planner(const Network& network, BufferUse use, bool all_layers)
      : network_(network), use_(use), layers_(static_cast<int>(network.layers.size())), all_layers_(all_layers) {
    for (const Layer& layer : network.layers) needs_.push_back(layer_kind(layer).needs(layer));
  }

  BufferPlan plan() {
    find_consumers();
    find_passes();
    plan_.jets.resize(network_.layers.size());
    for (int l = 0; l < layers_; ++l) use_ == BufferUse::training ? wish_for_values(l) : wish_to_keep(l);
    wish_for_adjoints();
    grant_wishes();
    return std::move(plan_);
  }

 private:
  const Layer& layer(int l) const { return network_.layers[static_cast<std::size_t>(l)]; }
  const LayerNeeds& needs(int l) const { return needs_[static_cast<std::size_t>(l)]; }
  const std::vector<int>& consumers(int l) const { return consumers_[static_cast<std::size_t>(l)]; }
  int pass_of(int l) const { return pass_of_[static_cast<std::size_t>(l)]; }  // from 1; 0: it takes no part in the reverse
  BufferPlan::Jets& jets(int l) { return plan_.jets[static_cast<std::size_t>(l)]; }

  void find_consumers() {
    consumers_.resize(network_.layers.size());
    for (int l = 0; l < layers_; ++l)
      for (int input : layer(l).inputs) {
        JETPINN_CHECK(input >= 0 && input < l, "layer " + std::to_string(l) + " reads layer " + std::to_string(input));
        consumers_[static_cast<std::size_t>(input)].push_back(l);
      }
  }

  void find_passes() {
    std::vector<bool> trained;  // it or a layer below it is
    for (const Layer& layer : network_.layers) {
      const bool below = std::any_of(layer.inputs.begin(), layer.inputs.end(),
                                     [&](int input) { return trained[static_cast<std::size_t>(input)]; });
      trained.push_back(all_layers_ || layer.trained() || below);
    }
    pass_of_.assign(network_.layers.size(), 0);
    for (int l = layers_ - 1; l >= 0; --l) {
      if (!trained[static_cast<std::size_t>(l)]) continue;
      if (plan_.passes.empty() || needs(l).heads_pass) plan_.passes.emplace_back();
      plan_.passes.back().push_back(l);
      pass_of_[static_cast<std::size_t>(l)] = static_cast<int>(plan_.passes.size());
    }
  }

  // When the reverse reads the output of layer l.
  Span read_in_reverse(int l, bool LayerNeeds::*when) const {
    Span span;
    for (int c : consumers(l))
      if (pass_of(c) > 0 && needs(c).*when) span.include(pass_of(c));
    return span;
  }

  // In a tile until the last layer has read it.
  void wish_for_tile(int l, int& place) {
    Wish tile{{}, true, layer(l).units, {&place}};
    tile.span.include(l);
    tile.span.include(consumers(l).back());
    wishes_.push_back(tile);
  }

  // The value until the last pass has ended, for another one may follow; its change until the next layers have read it.
  void wish_to_keep(int l) {
    if (consumers(l).empty()) return;
    Span always;
    always.include(0);
    always.include(static_cast<int>(plan_.passes.size()));
    wishes_.push_back({always, false, layer(l).units, {&jets(l).value, &jets(l).restored}});
    wish_for_tile(l, jets(l).tangent);
  }

  void wish_for_values(int l) {
    if (consumers(l).empty()) return;
    const Span reverse = read_in_reverse(l, &LayerNeeds::values_in_reverse),
               gather = read_in_reverse(l, &LayerNeeds::values_in_gather);
    // A layer restores its output in the pass in which it takes part: in time for those that gather at the end of that pass.
    const bool restored =
        reverse.empty() && !gather.empty() && needs(l).restores && gather.from == pass_of(l) && gather.to == pass_of(l);
    Span kept = reverse;
    if (!gather.empty()) kept.include(gather);
    if (kept.empty() || restored) {
      wish_for_tile(l, jets(l).value);
      if (restored) wishes_.push_back({gather, false, layer(l).units, {&jets(l).restored}});
      return;
    }
    kept.include(0);
    wishes_.push_back({kept, false, layer(l).units, {&jets(l).value, &jets(l).restored}});
  }

  // A layer that works in place hands the buffer of its output's adjoint down to its input.
  void wish_for_adjoints() {
    plan_.adds.resize(network_.layers.size());
    std::vector<int> wish_of(network_.layers.size(), none);
    for (int l = layers_ - 1; l >= 0; --l) {
      if (pass_of(l) == 0) continue;
      const std::vector<int>& inputs = layer(l).inputs;
      plan_.adds[static_cast<std::size_t>(l)].assign(inputs.size(), false);
      if (wish_of[static_cast<std::size_t>(l)] != none) wish(wish_of, l).span.include(pass_of(l));
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
          adjoints_.push_back({{}, false, layer(input).units, {&jets(input).adjoint}});
        } else {
          plan_.adds[static_cast<std::size_t>(l)][k] = true;
        }
        wish(wish_of, input).span.include(pass_of(l));
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
    }
  }

  const Network& network_;
  const BufferUse use_;
  const int layers_;
  const bool all_layers_;
  std::vector<LayerNeeds> needs_;
  std::vector<std::vector<int>> consumers_;
  std::vector<int> pass_of_;
  std::vector<Wish> wishes_, adjoints_;
  BufferPlan plan_;
};

}  // namespace

int BufferPlan::chunk_buffers() const {
  return static_cast<int>(std::count_if(buffers.begin(), buffers.end(), [](const Buffer& buffer) { return !buffer.tile; }));
}

std::int64_t BufferPlan::widest() const {
  std::int64_t units = 0;
  for (const Buffer& buffer : buffers) units = std::max(units, buffer.units);
  return units;
}

BufferPlan plan_buffers(const Network& network, BufferUse use, bool all_layers) {
  return Planner(network, use, all_layers).plan();
}

}  // namespace jetpinn
