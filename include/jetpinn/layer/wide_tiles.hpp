// Scratch of layers that compute on rows kept in bf16: tiles of rows in fp32, and rows as integers for products. All
// layers of a network take the same: it holds nothing between two calls of a module.
#pragma once

#include "jetpinn/runtime/bf16_kernels.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

class WideTiles {
 public:
  // Rows that are integers at once: a matrix's gradient is read and written once for so many.
  static constexpr std::int64_t packed_rows = 96;

  // For tiles of at most `rows` rows of `width` numbers; what was given out before is no longer of use.
  void resize(std::int64_t rows, std::int64_t width) {
    rows_ = rows, width_ = width;
    tiles_.clear();
    packed_.clear();
  }
  // Number `k` of each, made when it is first asked for.
  float* tile(std::size_t k, Pool& pool) { return at(tiles_, k, rows_ * width_, pool); }
  IntegerPair* packed(std::size_t k, Pool& pool) { return at(packed_, k, packed_pairs(packed_rows, width_), pool); }

 private:
  template <class T>
  static T* at(std::vector<T*>& made, std::size_t k, std::int64_t count, Pool& pool) {
    while (made.size() <= k) made.push_back(pool.allocate<T>(count));
    return made[k];
  }

  std::int64_t rows_ = 0, width_ = 0;
  std::vector<float*> tiles_;
  std::vector<IntegerPair*> packed_;
};

}  // namespace jetpinn
