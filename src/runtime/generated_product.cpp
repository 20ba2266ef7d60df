#include "jetpinn/runtime/generated_product.hpp"

#include <libxsmm.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Instructions have at most 11 bytes; a weight is a broadcast and a multiply-add for each pack, a row a load and a store.
// Vectors of 256 bits load an operand by an instruction of its own on processors that have longer ones: 14 bytes for a pack
// were seen. What is left over enters, leaves and moves addresses.
constexpr std::size_t code_limit = 131072, instruction_bytes = 11, spare_bytes = 4096;
constexpr std::size_t pack_code_bytes = pack_bytes == 64 ? instruction_bytes : 16;  // of a multiply-add with its operand
constexpr std::size_t all_code_limit = std::size_t{64} << 20;  // beyond it code comes from memory for every tile

std::size_t code_bytes(std::size_t weights, std::size_t rows, int packs) {
  const auto count = static_cast<std::size_t>(packs);
  return (instruction_bytes + count * pack_code_bytes) * weights + instruction_bytes * (2 * count + 1) * rows;
}

// Rows whose code goes into one function: the sums of rows first .. first + rows.
struct Group {
  std::int64_t first = 0;
  std::vector<unsigned int> begin{0}, column;  // [rows + 1], [kept]
  std::size_t weights_before = 0;

  std::size_t rows() const { return begin.size() - 1; }
};

// Empty where a single row is too long.
std::vector<Group> groups_of(const std::vector<std::vector<unsigned int>>& rows, int packs) {
  std::vector<Group> groups(1);
  for (const std::vector<unsigned int>& row : rows) {
    const auto fits = [&](const Group& group) {
      return code_bytes(group.column.size() + row.size(), group.rows() + 1, packs) + spare_bytes <= code_limit;
    };
    if (!fits(groups.back())) {
      const Group& full = groups.back();
      Group next;
      next.first = full.first + static_cast<std::int64_t>(full.rows());
      next.weights_before = full.weights_before + full.column.size();
      if (!fits(next)) return {};
      groups.push_back(std::move(next));
    }
    Group& group = groups.back();
    group.column.insert(group.column.end(), row.begin(), row.end());
    group.begin.push_back(static_cast<unsigned int>(group.column.size()));
  }
  return groups;
}

using Function = void (*)(const void* weights, const void* x, void* y, ...);

struct Release {
  void operator()(Function code) const { libxsmm_release_kernel(reinterpret_cast<const void*>(code)); }
};

template <class T>
class GeneratedProduct : public TileProduct<T> {
  struct Kernel {
    std::int64_t first_row;
    std::size_t first_weight;
    std::unique_ptr<std::remove_pointer_t<Function>, Release> code;
  };

 public:
  // Whether there is code for all of it.
  bool generate(const SparsePattern& pattern, const double* kept) {
    outputs_ = pattern.outputs;
    std::vector<std::vector<unsigned int>> rows(static_cast<std::size_t>(pattern.outputs));
    std::vector<std::vector<T>> values(rows.size());
    for (std::size_t k = 0; k < pattern.kept.size(); ++k) {
      const auto row = static_cast<std::size_t>(pattern.kept[k] % pattern.outputs);
      rows[row].push_back(static_cast<unsigned int>(pattern.kept[k] / pattern.outputs));
      values[row].push_back(static_cast<T>(kept[k]));
    }
    for (const std::vector<T>& row : values) values_.insert(values_.end(), row.begin(), row.end());
    for (int packs = 1; packs <= tile_packs; packs *= 2)
      if (!generate(rows, pattern.inputs, packs)) return false;
    return true;
  }

  void operator()(int packs, const T* x, const T* bias, T* y) const override {
    const std::int64_t points = packs * pack_lanes<T>;
    for (std::int64_t o = 0; o < outputs_; ++o) std::fill_n(y + o * points, points, bias[o]);
    for (const Kernel& kernel : kernels_[static_cast<std::size_t>(packs)])
      kernel.code.get()(values_.data() + kernel.first_weight, x, y + kernel.first_row * points);
  }
  // With the code of a whole tile.
  SparseBytes bytes() const override {
    double code = 0;
    for (const Kernel& kernel : kernels_[tile_packs]) {
      libxsmm_kernel_info info;
      if (libxsmm_get_kernel_info(reinterpret_cast<const void*>(kernel.code.get()), &info) == EXIT_SUCCESS)
        code += static_cast<double>(info.code_size);
    }
    const double values = static_cast<double>(values_.size() * sizeof(T));
    return {values, values + code};
  }

 private:
  bool generate(const std::vector<std::vector<unsigned int>>& rows, std::int64_t inputs, int packs) {
    const std::vector<Group> groups = groups_of(rows, packs);
    for (const Group& group : groups) {
      if (group.column.empty()) continue;  // nothing is added to the bias
      libxsmm_descriptor_blob blob;
      const auto m = static_cast<int>(group.rows()), k = static_cast<int>(inputs);
      const libxsmm_gemm_descriptor* descriptor = nullptr;
      if constexpr (std::is_same_v<T, float>)
        descriptor = libxsmm_sgemm_descriptor_init(&blob, m, packs, k, 0, packs, packs, 1, 1, LIBXSMM_GEMM_FLAG_NONE,
                                                   LIBXSMM_GEMM_PREFETCH_NONE);
      else
        descriptor = libxsmm_dgemm_descriptor_init(&blob, m, packs, k, 0, packs, packs, 1, 1, LIBXSMM_GEMM_FLAG_NONE,
                                                   LIBXSMM_GEMM_PREFETCH_NONE);
      Function code = nullptr;
      if (descriptor)
        code = libxsmm_create_xcsr_soa(descriptor, group.begin.data(), group.column.data(),
                                       values_.data() + group.weights_before, static_cast<unsigned int>(pack_lanes<T>))
                   .xmm;
      if (!code) return false;
      kernels_[static_cast<std::size_t>(packs)].push_back(
          {group.first, group.weights_before, std::unique_ptr<std::remove_pointer_t<Function>, Release>(code)});
    }
    return !groups.empty();
  }

  std::int64_t outputs_ = 0;
  std::vector<T> values_;                                    // [kept] row by row
  std::array<std::vector<Kernel>, tile_packs + 1> kernels_;  // by packs of a tile
};

}  // namespace

// libxsmm ends the process where it is asked for such code on an older processor.
bool generates_products() {
  libxsmm_init();
  return pack_bytes >= 32 && libxsmm_get_target_archid() >= (pack_bytes == 64 ? LIBXSMM_X86_AVX512 : LIBXSMM_X86_AVX2);
}

template <class T>
std::unique_ptr<TileProduct<T>> make_generated_product(const SparsePattern& pattern, const double* kept) {
  if (!generates_products() || code_bytes(pattern.kept.size(), 0, tile_packs) > all_code_limit) return nullptr;
  auto product = std::make_unique<GeneratedProduct<T>>();
  return product->generate(pattern, kept) ? std::move(product) : nullptr;
}

template std::unique_ptr<TileProduct<float>> make_generated_product<float>(const SparsePattern&, const double*);
template std::unique_ptr<TileProduct<double>> make_generated_product<double>(const SparsePattern&, const double*);

}  // namespace jetpinn
