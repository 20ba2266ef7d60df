// What a collection of weights holds: samples of layers of equal matrices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {

struct WeightShape {
  std::int64_t samples = 0, layers = 0;
  std::int64_t rows = 0, columns = 0;  // of each layer's matrix W
  std::int64_t rank = 0;               // of LoRA factors, W = B A with B [rows, rank] and A [rank, columns]; 0: W as it is

  std::int64_t smaller() const { return std::min(rows, columns); }
  std::int64_t numbers_of_layer() const { return rank > 0 ? rank * (rows + columns) : rows * columns; }
  std::int64_t numbers_of_sample() const { return layers * numbers_of_layer(); }
};

// The numbers of one sample as a source delivers them, and the layers of it that a study looks at.
template <class T>
struct SampleLayers {
  WeightShape shape;  // layers: all that the sample has
  const std::vector<std::int64_t>& chosen;
  const T* a = nullptr;       // [layers, rank, columns]
  const T* b = nullptr;       // [layers, rows, rank]
  const T* weight = nullptr;  // [layers, rows, columns] where rank is 0

  std::int64_t count() const { return static_cast<std::int64_t>(chosen.size()); }
  bool factored() const { return shape.rank > 0; }
  // Of the k-th chosen layer.
  const T* a_of(std::int64_t k) const { return a + at(k) * shape.rank * shape.columns; }
  const T* b_of(std::int64_t k) const { return b + at(k) * shape.rows * shape.rank; }
  const T* weight_of(std::int64_t k) const { return weight + at(k) * shape.rows * shape.columns; }

 private:
  std::int64_t at(std::int64_t k) const { return chosen[static_cast<std::size_t>(k)]; }
};

// Of `layers`, a share of them that lie evenly: the middles of as many equal parts. 0 < share <= 1; at least one.
std::vector<std::int64_t> chosen_layers(std::int64_t layers, double share);

}  // namespace jetpinn
