#include "jetpinn/optim/parameter_layout.hpp"

#include "jetpinn/base/error.hpp"

#include <utility>

namespace jetpinn {

ParameterLayout::ParameterLayout(std::vector<ParameterMatrix> list) : matrices(std::move(list)) {
  for (const ParameterMatrix& matrix : matrices) {
    JETPINN_CHECK(matrix.begin == size && matrix.size() > 0, matrix.name);
    size += matrix.size();
  }
}

ParameterLayout ParameterLayout::of_size(std::int64_t size) {
  return size > 0 ? ParameterLayout({{"parameters", 1, size, 0, true}}) : ParameterLayout();
}

std::int64_t ParameterLayout::trained_size() const {
  std::int64_t trained = 0;
  for (const ParameterMatrix& matrix : matrices)
    if (matrix.trained) trained += matrix.size();
  return trained;
}

}  // namespace jetpinn
