// The flat buffer of parameters as the matrices of which it is made, for optimisers that treat matrices as such.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct ParameterMatrix {
  std::string name;                    // "layer 2 of 5, weight"
  std::int64_t rows = 1, columns = 0;  // row-major; a vector is one row
  std::int64_t begin = 0;              // in the flat buffer
  bool trained = true;                 // false: it stays what it is, and its gradient is zero
  bool of_network = true;              // false: numbers of the expressions
  double learning_rate = 0;            // of its own, where a stage's schedule begins; 0: the stage's
  std::int64_t size() const { return rows * columns; }
};

struct ParameterLayout {
  ParameterLayout() = default;
  // Throws Error (internal) where the matrices do not lie one behind the other from 0 on.
  explicit ParameterLayout(std::vector<ParameterMatrix> matrices);
  // One vector, all of it trained.
  static ParameterLayout of_size(std::int64_t size);

  std::vector<ParameterMatrix> matrices;  // in the order of the buffer
  std::int64_t size = 0;                  // of the whole buffer
  std::int64_t trained_size() const;
};

}  // namespace jetpinn
