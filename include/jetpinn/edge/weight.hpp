// The matrix of a layer, whole or only its numbers that are not 0, and its product with a tile of points: [units, tile], the
// points of a unit behind one another.
//
// In the file: u32 dimensions (1 or 2), u32[dimensions] · u32 storage. 0: all values, inputs x outputs, from a multiple of 8
// bytes on. 1: u32 how many are not 0, from a multiple of 8 bytes on a bit for each value (bit k % 8 of byte k / 8), and
// from a multiple of 8 bytes on those that are not 0.
#pragma once

#include "jetpinn/edge/file_reader.hpp"

#include <utility>

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

template <class T>
struct Values {
  std::vector<std::size_t> shape;
  std::vector<T> all;              // storage 0
  std::vector<T> nonzero;          // storage 1
  std::vector<std::size_t> place;  // of those in `all`
  bool sparse = false;

  void read(FileReader& file) {
    const std::uint32_t dimensions = file.below(3, "dimension");
    std::size_t size = 1;
    for (std::uint32_t d = 0; d < dimensions; ++d) {
      shape.push_back(file.u32());
      if (shape.back() != 0 && size > (std::size_t{1} << 40) / shape.back()) file.fail("a matrix of it has no end");
      size *= file.sound() ? shape.back() : 0;
    }
    sparse = file.below(2, "storage") == 1;
    if (!sparse) {
      file.align();
      all = file.values<T>(size);
      return;
    }
    const std::size_t count = file.u32();
    file.align();
    const unsigned char* bits = file.take((size + 7) / 8);
    for (std::size_t k = 0; bits && k < size; ++k)
      if (bits[k / 8] >> (k % 8) & 1) place.push_back(k);
    file.align();
    if (place.size() != count) file.fail("a sparse matrix of it has another number of values than bits");
    nonzero = file.values<T>(place.size());
  }
};

template <class T>
class Weight {
 public:
  std::size_t inputs = 0, outputs = 0;

  void take(Values<T>&& values) {
    inputs = values.shape[0];
    outputs = values.shape[1];
    sparse_ = values.sparse;
    dense_ = std::move(values.all);
    if (sparse_) by_outputs(values);
  }

  // y [outputs, Tile] = x [inputs, Tile] W, each sum in the order of the inputs: a point's bits do not depend on the others.
  template <std::size_t Tile>
  void multiply(const T* x, T* y) const {
    sparse_ ? multiply_sparse<Tile>(x, y) : multiply_dense<Tile>(x, y);
  }

 private:
  bool sparse_ = false;
  std::vector<T> dense_;              // [inputs, outputs]
  std::vector<std::size_t> begin_;    // [outputs + 1] into the following
  std::vector<std::uint32_t> input_;  // rising within an output
  std::vector<T> value_;

  void by_outputs(const Values<T>& values) {
    begin_.assign(outputs + 1, 0);
    for (std::size_t place : values.place) ++begin_[place % outputs + 1];
    for (std::size_t u = 0; u < outputs; ++u) begin_[u + 1] += begin_[u];
    input_.resize(values.place.size());
    value_.resize(values.place.size());
    std::vector<std::size_t> next(begin_);
    for (std::size_t n = 0; n < values.place.size(); ++n) {
      const std::size_t at = next[values.place[n] % outputs]++;
      input_[at] = static_cast<std::uint32_t>(values.place[n] / outputs);
      value_[at] = values.nonzero[n];
    }
  }

  template <std::size_t Tile>
  void multiply_sparse(const T* x, T* y) const {
    for (std::size_t u = 0; u < outputs; ++u) {
      T sum[Tile] = {};
      for (std::size_t n = begin_[u]; n < begin_[u + 1]; ++n) {
        const T* from = x + input_[n] * Tile;
        for (std::size_t p = 0; p < Tile; ++p) sum[p] += from[p] * value_[n];
      }
      for (std::size_t p = 0; p < Tile; ++p) y[u * Tile + p] = sum[p];
    }
  }

  // Sums of a few outputs at once stay in registers: for one point those of a run of weights, for a tile fewer.
  template <std::size_t Tile>
  void multiply_dense(const T* x, T* y) const {
    constexpr std::size_t width = Tile == 1 ? 64 / sizeof(T) : 16 / sizeof(T);
    std::size_t u = 0;
    for (; u + width <= outputs; u += width) multiply_columns<Tile, width>(x, y, u);
    for (; u < outputs; ++u) multiply_columns<Tile, 1>(x, y, u);
  }

  template <std::size_t Tile, std::size_t Width>
  void multiply_columns(const T* x, T* y, std::size_t u) const {
    T sum[Width][Tile] = {};
    const T* weight = dense_.data() + u;
    for (std::size_t k = 0; k < inputs; ++k, weight += outputs)
      for (std::size_t c = 0; c < Width; ++c)
        for (std::size_t p = 0; p < Tile; ++p) sum[c][p] += x[k * Tile + p] * weight[c];
    for (std::size_t c = 0; c < Width; ++c)
      for (std::size_t p = 0; p < Tile; ++p) y[(u + c) * Tile + p] = sum[c][p];
  }
};

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
