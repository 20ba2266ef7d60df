#include "jetpinn/layer/buffer_plan.hpp"

#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/layer/recompute_plan.hpp"
#include "support/divisions.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr int none = BufferPlan::none;

Network network_of(const std::string& kind, std::vector<std::int64_t> hidden, std::int64_t fourier_features = 0) {
  NetworkOptions options;
  options.fourier_features = fourier_features;
  options.kind = kind;
  options.hidden = std::move(hidden);
  return make_network(options, {"t", "x"}, 1, {0, 0}, {1, 1});
}

// Pre-activations are kept for the chunk, the output of all hidden layers but the last lies in one tile and is computed
// again.
TEST(BufferPlan, KeepsOfAnMlpWhatTheReverseNeeds) {
  for (const std::size_t hidden : {1u, 2u, 3u, 6u}) {
    const Network network = network_of("mlp", std::vector<std::int64_t>(hidden, 8));
    const BufferPlan plan = plan_buffers(network);
    EXPECT_EQ(plan.chunk_buffers(), static_cast<int>(hidden) + 2);
    EXPECT_EQ(plan.passes.size(), hidden + 1);
    EXPECT_EQ(plan.passes.front(), (BufferPlan::Pass{static_cast<int>(2 * hidden), static_cast<int>(2 * hidden) - 1}));
    EXPECT_EQ(plan.passes.back(), BufferPlan::Pass{0});
    for (std::size_t l = 0; l < hidden; ++l) {
      const BufferPlan::Jets &z = plan.jets[2 * l], &h = plan.jets[2 * l + 1];
      EXPECT_FALSE(plan.buffers[static_cast<std::size_t>(z.value)].tile);
      EXPECT_EQ(z.restored, z.value);
      EXPECT_EQ(z.adjoint, h.adjoint) << "an activation works in place";
      EXPECT_EQ(plan.buffers[static_cast<std::size_t>(h.value)].tile, l + 1 < hidden);
      EXPECT_FALSE(plan.buffers[static_cast<std::size_t>(h.restored)].tile);
    }
    EXPECT_EQ(plan.jets.back().value, none) << "the outputs are columns";
  }
}

TEST(BufferPlan, IsAsWideAsTheWidestLayer) { EXPECT_EQ(plan_buffers(network_of("mlp", {5, 70, 9})).widest(), 70); }

// Replays the sweep: no jet may be overwritten while somebody has yet to read it. Buffers hold the name of what was written
// last; those of a tile lose it when the next sweep over the tiles begins.
class Replay {
 public:
  explicit Replay(const Network& network, BufferUse use = BufferUse::training, bool all_layers = false,
                  const RecomputedLayers& recomputed = {})
      : network_(network), plan_(plan_buffers(network, use, all_layers, recomputed)) {}

  void forward() {
    begin_sweep();
    for (int l = 0; l < layers(); ++l) {
      for (int input : layer(l).inputs) expect(jets(input).value, value(input), l);
      if (needs(l).leaves_memo) write(jets(layer(l).inputs[0]).value, marked(layer(l).inputs[0]));
      write(jets(l).value, value(l));
    }
  }
  // A layer reads the values and the changes of its inputs.
  void tangents() {
    begin_sweep();
    for (int l = 0; l < layers(); ++l) {
      for (int input : layer(l).inputs) {
        expect(jets(input).value, needs(l).leaves_memo ? marked(input) : value(input), l);
        expect(jets(input).tangent, "tangent " + std::to_string(input), l);
      }
      write(jets(l).tangent, "tangent " + std::to_string(l));
    }
  }
  void backward() {
    for (std::size_t p = 0; p < plan_.passes.size(); ++p) {
      begin_sweep();
      for (int l : plan_.again[p]) again(l);
      begin_sweep();
      for (int l : plan_.passes[p]) reverse(l);
      const int head = plan_.passes[p].front();
      if (needs(head).values_in_gather)
        for (std::size_t k = 0; k < layer(head).inputs.size(); ++k)
          expect(reads(head)[k].in_reverse, value(layer(head).inputs[k]), head);
      if (jets(head).adjoint != none && needs(head).heads_pass) expect(jets(head).adjoint, adjoint(head), head);
    }
  }

 private:
  void begin_sweep() {
    for (std::size_t b = 0; b < plan_.buffers.size(); ++b)
      if (plan_.buffers[b].tile) held_[static_cast<int>(b)] = "of another tile";
  }
  void again(int l) {
    for (std::size_t k = 0; k < layer(l).inputs.size(); ++k) expect(reads(l)[k].again, value(layer(l).inputs[k]), l);
    if (needs(l).leaves_memo) write(reads(l)[0].again, marked(layer(l).inputs[0]));
    write(jets(l).again, value(l));
  }
  void reverse(int l) {
    if (jets(l).adjoint != none) expect(jets(l).adjoint, adjoint(l), l);
    const std::vector<int>& inputs = layer(l).inputs;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const BufferPlan::Jets& input = jets(inputs[k]);
      if (needs(l).values_in_reverse)
        expect(reads(l)[k].in_reverse, needs(l).leaves_memo ? marked(inputs[k]) : value(inputs[k]), l);
      if (input.adjoint == none) continue;
      if (plan_.adds[static_cast<std::size_t>(l)][k]) expect(input.adjoint, adjoint(inputs[k]), l);
    }
    if (jets(l).restores) write(jets(l).restored, value(l));
    for (std::size_t k = 0; k < inputs.size(); ++k) write(jets(inputs[k]).adjoint, adjoint(inputs[k]));
  }

  int layers() const { return static_cast<int>(network_.layers.size()); }
  const Layer& layer(int l) const { return network_.layers[static_cast<std::size_t>(l)]; }
  LayerNeeds needs(int l) const { return layer_kind(layer(l)).needs(layer(l)); }
  const BufferPlan::Jets& jets(int l) const { return plan_.jets[static_cast<std::size_t>(l)]; }
  const std::vector<BufferPlan::Read>& reads(int l) const { return plan_.reads[static_cast<std::size_t>(l)]; }
  static std::string value(int l) { return "value " + std::to_string(l); }
  static std::string marked(int l) { return "marked value " + std::to_string(l); }
  static std::string adjoint(int l) { return "adjoint " + std::to_string(l); }
  void write(int buffer, const std::string& what) {
    if (buffer != none) held_[buffer] = what;
  }
  void expect(int buffer, const std::string& what, int reader) {
    ASSERT_NE(buffer, none) << what << " for layer " << reader;
    EXPECT_EQ(held_[buffer], what) << "read by layer " << reader;
  }

  const Network network_;
  const BufferPlan plan_;
  std::map<int, std::string> held_;
};

TEST(BufferPlan, OverwritesNothingThatIsStillRead) {
  for (const std::string kind : {"mlp", "modified_mlp", "residual", "piratenet"})
    for (const std::size_t hidden : {1u, 2u, 3u, 5u}) {
      SCOPED_TRACE(kind + " with " + std::to_string(hidden) + " hidden layers");
      const Network network = network_of(kind, std::vector<std::int64_t>(hidden, 8));
      Replay replay(network);
      replay.forward();
      replay.backward();
      Replay down_to_the_features(network_of(kind, std::vector<std::int64_t>(hidden, 8), 4), BufferUse::training, true);
      down_to_the_features.forward();
      down_to_the_features.backward();
    }
}

// Every division of the hidden layers into segments of which some are recomputed, on networks whose layers read the one
// before or many before.
TEST(BufferPlan, OverwritesNothingOfWhatIsRecomputed) {
  for (const std::string kind : {"mlp", "modified_mlp", "residual", "piratenet"})
    for (const std::size_t hidden : {1u, 2u, 3u})
      for (const bool all_layers : {false, true}) {
        const Network network = network_of(kind, std::vector<std::int64_t>(hidden, 8), all_layers ? 4 : 0);
        for (const RecomputedLayers& ranges : test::all_divisions(hidden_layers(network, all_layers), 5000)) {
          SCOPED_TRACE(kind + " with " + std::to_string(hidden) + " hidden layers: " + test::text_of(ranges));
          Replay replay(network, BufferUse::training, all_layers, ranges);
          replay.forward();
          replay.backward();
          if (::testing::Test::HasFailure()) return;
        }
      }
}

// The jets of a linearisation are all kept, whatever training recomputes.
TEST(BufferPlan, ALinearisationRecomputesNothing) {
  const Network network = network_of("mlp", {8, 8, 8});
  const BufferPlan plan = plan_buffers(network, BufferUse::linearisation, false, plan_segments(network, 2));
  EXPECT_EQ(plan.chunk_buffers(), 2 * 3 + 2);
  for (const std::vector<int>& layers : plan.again) EXPECT_TRUE(layers.empty());
}

// After one sweep forward, in reverse and along directions in any order.
TEST(BufferPlan, ALinearisationKeepsItsValues) {
  for (const std::string kind : {"mlp", "modified_mlp", "residual", "piratenet"})
    for (const std::size_t hidden : {1u, 2u, 3u, 5u})
      for (const bool embedded : {false, true}) {
        SCOPED_TRACE(kind + " with " + std::to_string(hidden) + " hidden layers");
        Replay replay(network_of(kind, std::vector<std::int64_t>(hidden, 8), embedded ? 3 : 0), BufferUse::linearisation);
        replay.forward();
        replay.backward();
        replay.tangents();
        replay.backward();
        replay.tangents();
        replay.tangents();
      }
}

// Values of a chunk, changes of a tile: what is kept decides the size of a chunk.
TEST(BufferPlan, ALinearisationTakesTilesForChanges) {
  const BufferPlan plan = plan_buffers(network_of("mlp", {8, 8, 8}), BufferUse::linearisation);
  EXPECT_EQ(plan.chunk_buffers(), 2 * 3 + 2);
  for (std::size_t l = 0; l + 1 < plan.jets.size(); ++l) {
    EXPECT_FALSE(plan.buffers[static_cast<std::size_t>(plan.jets[l].value)].tile);
    EXPECT_TRUE(plan.buffers[static_cast<std::size_t>(plan.jets[l].tangent)].tile);
  }
  EXPECT_EQ(plan_buffers(network_of("mlp", {8, 8, 8})).jets[0].tangent, none);
}

// Trained coefficients want the adjoints of layers that are not trained themselves.
TEST(BufferPlan, PassesDownToTheFeaturesWhereItIsTold) {
  const Network network = network_of("mlp", {8, 8}, 4);
  const BufferPlan plan = plan_buffers(network), all = plan_buffers(network, BufferUse::training, true);
  EXPECT_FALSE(network.layers[0].trained() || network.layers[1].trained());
  EXPECT_EQ(plan.jets[0].adjoint, none);
  EXPECT_NE(all.jets[0].adjoint, none);
  EXPECT_EQ(all.passes.back(), BufferPlan::Pass{0});
  EXPECT_EQ(all.passes.size(), plan.passes.size() + 1);
}

TEST(BufferPlan, AddsTheSharesOfAllGates) {
  const Network network = network_of("modified_mlp", {8, 8, 8});
  const BufferPlan plan = plan_buffers(network);
  std::vector<bool> adds;  // of the first encoder's adjoint, from the last gate down
  for (std::size_t l = network.layers.size(); l-- > 0;)
    if (network.layers[l].kind == "gate") adds.push_back(plan.adds[l][1]);
  EXPECT_EQ(adds, (std::vector<bool>{false, true, true}));
}

}  // namespace
}  // namespace jetpinn
