// A non-owning pointer with a row-major shape: what kernels, products and I/O pass to each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace jetpinn {

template <class T, int Rank>
struct ArrayRef {
  T* data = nullptr;
  std::array<std::int64_t, Rank> shape{};

  std::int64_t size() const {
    std::int64_t product = 1;
    for (auto extent : shape) product *= extent;
    return product;
  }
  T* begin() const { return data; }
  T* end() const { return data + size(); }

  template <class... Index>
  T& operator()(Index... index) const {
    static_assert(sizeof...(Index) == Rank, "one index per dimension");
    const std::int64_t at[] = {static_cast<std::int64_t>(index)...};
    std::int64_t offset = 0;
    for (int i = 0; i < Rank; ++i) offset = offset * shape[i] + at[i];
    return data[offset];
  }
};

}  // namespace jetpinn
