// Z = H W: every channel of a jet goes through the same matrix, whole or sparse. The three products of such a layer are most
// of a wide network's work.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/jet_layer.hpp"

#include <cstdint>
#include <type_traits>

namespace jetpinn {

// When layers with a matrix read what.
inline LayerNeeds needs_of_matrix() {
  LayerNeeds needs;
  needs.heads_pass = needs.values_in_gather = true;
  return needs;
}

// What a matrix's products cost. Bytes are of the matrix itself.
struct MatrixWork {
  double weights = 0;                                      // that a product multiplies by
  double row_bytes = 0;                                    // of one row of H and one of Z
  double forward_tile_bytes = 0;                           // that a tile reads
  double reverse_tile_bytes = 0, reverse_chunk_bytes = 0;  // with the gradient
};

// The products of one term. Matrix has, for rows that begin at these places:
//   forward(stream, rows, x, y)         y = x W
//   backward(stream, rows, y, add, x)   x = y Wᵀ, or x += y Wᵀ
//   add_along(stream, rows, x, y)       y += x dW of its direction; not in bf16, in which nothing is swept along directions
//   gather(stream, rows, x, y)          W̄ += xᵀ y
//   work()                              its MatrixWork
template <class A, class Matrix>
class MatrixModule : public JetModule<A> {
 public:
  MatrixModule(Matrix& matrix, const ModuleSetting<A>& setting)
      : matrix_(matrix),
        input_(setting.inputs[0]),
        value_(setting.value),
        again_(setting.again),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()) {}

  // Z = H W
  void forward(Stream stream, TileRange tile) override {
    matrix_.forward(stream, channels_ * tile.points, input_.value.at(tile), value_.at(tile));
  }
  void again(Stream stream, TileRange tile) override {
    matrix_.forward(stream, channels_ * tile.points, input_.again.at(tile), again_.at(tile));
  }
  // H̄ = Z̄ Wᵀ, or H̄ += Z̄ Wᵀ
  void reverse(Stream stream, TileRange tile) override {
    if (!input_.adjoint.data) return;
    matrix_.backward(stream, channels_ * tile.points, adjoint_.at(tile), input_.adds, input_.adjoint.at(tile));
  }
  // dZ = dH W + H dW
  void tangent(Stream stream, TileRange tile) override {
    if constexpr (std::is_same_v<A, HostBf16>) {
      JETPINN_CHECK(false, "a sweep along a direction in bf16");
    } else {
      const std::int64_t rows = channels_ * tile.points;
      matrix_.forward(stream, rows, input_.tangent.at(tile), tangent_.at(tile));
      matrix_.add_along(stream, rows, input_.value.at(tile), tangent_.at(tile));
    }
  }
  // W̄ += Hᵀ Z̄
  void gather(Stream stream, std::int64_t points) override {
    matrix_.gather(stream, channels_ * points, input_.restored.data, adjoint_.data);
  }

  Region region() const override { return Region::product; }
  SweepWork forward_work() const override { return work(1, matrix_.work().forward_tile_bytes); }
  SweepWork reverse_work() const override {
    SweepWork reverse = work(2, matrix_.work().reverse_tile_bytes);
    reverse.chunk.product.bytes = matrix_.work().reverse_chunk_bytes;
    return reverse;
  }
  SweepWork tangent_work() const override { return work(2, 2 * matrix_.work().forward_tile_bytes); }

 private:
  // Per point and channel: 2 FLOP for each weight; a product reads a row of one side and reads or writes one of the other.
  SweepWork work(double products, double tile_bytes) const {
    SweepWork work;
    work.point.product = {2 * products * channels_ * matrix_.work().weights,
                          products * channels_ * matrix_.work().row_bytes};
    work.tile.product.bytes = tile_bytes;
    return work;
  }

  Matrix& matrix_;
  const JetInput<A> input_;
  const JetPlace<A> value_, again_, adjoint_, tangent_;
  const int channels_;
};

}  // namespace jetpinn
