// Which weights of a sparse network an output depends on: those on a path from an input to an output. A weight that reads a
// unit which depends on no input, or leads to one that no output depends on, is stored and multiplied and serves nothing
// (Vysogorets and Kempe, "Connectivity matters: neural network pruning through the lens of effective sparsity", 2021).
#pragma once

#include "jetpinn/compress/weight_stack.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn {

// A weight by its layer and its number among the kept ones of that layer.
struct WeightPlace {
  std::size_t layer, number;
};

// Units that the weight at `place` of a pattern leads from and to.
struct WeightEnds {
  std::size_t input, output;
};
inline WeightEnds ends_of(const SparsePattern& pattern, std::int64_t place) {
  return {static_cast<std::size_t>(place / pattern.outputs), static_cast<std::size_t>(place % pattern.outputs)};
}

class ServingWeights {
 public:
  // Of all kept weights of the stack, which must outlive this object.
  explicit ServingWeights(const WeightStack& stack);

  bool serves(WeightPlace weight) const { return serves_[weight.layer][weight.number]; }
  std::int64_t count() const;

  // Takes a weight away. Returns those that stop serving by it: itself, if it served, and what was on a path through it
  // alone.
  std::vector<WeightPlace> take_away(WeightPlace weight);
  // Undoes the last take_away(), by what it returned.
  void put_back(const std::vector<WeightPlace>& weights);

 private:
  WeightEnds ends(WeightPlace weight) const;
  void spread(std::vector<WeightPlace>& stopped);  // to what served by these weights alone
  void stop(WeightPlace weight, std::vector<WeightPlace>& stopped);
  void stop_into(std::size_t layer, std::size_t output, std::vector<WeightPlace>& stopped);
  void stop_from(std::size_t layer, std::size_t input, std::vector<WeightPlace>& stopped);

  const WeightStack* stack_;
  std::vector<std::vector<bool>> serves_;                     // [layers][kept]
  std::vector<std::vector<std::int64_t>> sources_, readers_;  // [layers][outputs], [layers][inputs]: serving weights there
  std::vector<std::vector<std::vector<std::size_t>>> into_, from_;  // [layers][outputs or inputs] numbers of weights
};

}  // namespace jetpinn
