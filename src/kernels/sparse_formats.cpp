#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/tile_product.hpp"
#include "jetpinn/kernels/tile_sums.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

template <class T>
double bytes_of(const std::vector<T>& values) {
  return static_cast<double>(values.size() * sizeof(T));
}

template <class T>
std::vector<T> in_order(const std::vector<std::int64_t>& order, const double* kept) {
  std::vector<T> values;
  values.reserve(order.size());
  for (const std::int64_t k : order) values.push_back(static_cast<T>(kept[k]));
  return values;
}

template <class T>
class CsrProduct : public TileProduct<T> {
 public:
  CsrProduct(const SparsePattern& pattern, const double* kept)
      : matrix_(tile_rows(pattern)), values_(in_order<T>(matrix_.order, kept)) {
    matrix_.order = {};
  }
  void operator()(int packs, const T* x, const T* bias, T* y) const override {
    multiply_tile(matrix_, values_.data(), packs, x, bias, false, y);
  }
  SparseBytes bytes() const override {
    return {bytes_of(values_),
            bytes_of(values_) + bytes_of(matrix_.column) + bytes_of(matrix_.row) + bytes_of(matrix_.count)};
  }

 private:
  TileRows matrix_;
  std::vector<T> values_;
};

// A word for 64 columns of a row, which are its tile; words and weights lie in the order of the rows.
template <class T>
class BitmapProduct : public TileProduct<T> {
  static constexpr int columns = 64;

 public:
  BitmapProduct(const SparsePattern& pattern, const double* kept) {
    TileRows matrix = tile_rows(pattern, false, columns);
    rows_ = matrix.rows;
    tiles_ = matrix.tiles;
    row_ = std::move(matrix.row);
    values_ = in_order<T>(matrix.order, kept);
    const std::uint8_t* column = matrix.column.data();
    for (const std::uint8_t count : matrix.count) {
      words_.push_back(0);
      for (int k = 0; k < count; ++k) words_.back() |= std::uint64_t{1} << *column++;
    }
  }
  void operator()(int packs, const T* x, const T* bias, T* y) const override {
    with_packs(packs, [&](auto count) { multiply<count()>(x, bias, y); });
  }
  SparseBytes bytes() const override { return {bytes_of(values_), bytes_of(values_) + bytes_of(words_) + bytes_of(row_)}; }

 private:
  template <int Packs>
  void multiply(const T* x, const T* bias, T* y) const {
    using Sums = RowSums<T, Packs>;
    const T* value = values_.data();
    const std::uint64_t* word = words_.data();
    const std::uint8_t* row_in_block = row_.data();
    for (std::int64_t t = 0; t < tiles_; ++t) {
      const T* operands = x + t * columns * Sums::points;
      for (std::int64_t i = 0; i < rows_; ++i) {
        const std::int64_t r = i / row_block * row_block + *row_in_block++;
        Sums sums;
        T* row = y + r * Sums::points;
        t > 0 ? sums.read(row) : sums.begin(bias[r]);
        for (std::uint64_t bits = *word++; bits != 0; bits &= bits - 1)
          sums.add(*value++, operands + __builtin_ctzll(bits) * Sums::points);
        sums.write(row);
      }
    }
  }

  std::int64_t rows_ = 0, tiles_ = 0;
  std::vector<std::uint64_t> words_;  // [tiles, rows]
  std::vector<std::uint8_t> row_;     // [tiles, rows] as TileRows has it
  std::vector<T> values_;
};

// Four outputs share the load of an operand: their sums of two packs, eight registers, go along the columns together.
template <class T>
class BlockProduct : public TileProduct<T> {
  static constexpr int height = 4;

 public:
  BlockProduct(const SparsePattern& pattern, const double* kept) : outputs_(pattern.outputs) {
    const std::int64_t groups = (pattern.outputs + height - 1) / height;
    std::vector<std::vector<std::pair<std::int64_t, std::array<T, height>>>> blocks(static_cast<std::size_t>(groups));
    for (std::size_t k = 0; k < pattern.kept.size(); ++k) {
      const std::int64_t column = pattern.kept[k] / pattern.outputs, row = pattern.kept[k] % pattern.outputs;
      auto& group = blocks[static_cast<std::size_t>(row / height)];
      if (group.empty() || group.back().first != column) group.push_back({column, {}});
      group.back().second[static_cast<std::size_t>(row % height)] = static_cast<T>(kept[k]);
    }
    tiles_ = (pattern.inputs + tile_columns - 1) / tile_columns;
    begin_.push_back(0);
    for (std::int64_t t = 0; t < tiles_; ++t) {
      for (const auto& group : blocks) {
        for (const auto& [column, values] : group) {
          if (column / tile_columns != t) continue;
          column_.push_back(static_cast<std::uint8_t>(column % tile_columns));
          values_.insert(values_.end(), values.begin(), values.end());
        }
        begin_.push_back(static_cast<std::uint32_t>(column_.size()));
      }
    }
  }
  void operator()(int packs, const T* x, const T* bias, T* y) const override {
    with_packs(packs, [&](auto count) { multiply<count()>(x, bias, y); });
  }
  SparseBytes bytes() const override {
    return {bytes_of(values_), bytes_of(values_) + bytes_of(column_) + bytes_of(begin_)};
  }

 private:
  template <int Packs>
  void multiply(const T* x, const T* bias, T* y) const {
    constexpr int strip = Packs < 2 ? Packs : 2, points = Packs * pack_lanes<T>;
    using Sums = RowSums<T, strip>;
    const std::uint32_t* begin = begin_.data();
    for (std::int64_t t = 0; t < tiles_; ++t) {
      const T* operands = x + t * tile_columns * points;
      for (std::int64_t first = 0; first < outputs_; first += height, ++begin) {
        const auto rows = static_cast<int>(std::min<std::int64_t>(height, outputs_ - first));
        for (int p = 0; p < points; p += Sums::points) {
          Sums sums[height] = {};
          for (int r = 0; r < rows; ++r) {
            T* row = y + (first + r) * points + p;
            t > 0 ? sums[r].read(row) : sums[r].begin(bias[first + r]);
          }
          for (std::uint32_t k = begin[0]; k < begin[1]; ++k) {
            const T* operand = operands + std::int64_t{column_[k]} * points + p;
#pragma GCC unroll 4
            for (int r = 0; r < height; ++r)
              sums[r].add(values_[std::size_t{k} * height + static_cast<std::size_t>(r)], operand);
          }
          for (int r = 0; r < rows; ++r) sums[r].write(y + (first + r) * points + p);
        }
      }
    }
  }

  std::int64_t outputs_ = 0, tiles_ = 0;
  std::vector<std::uint32_t> begin_;  // [tiles * groups of outputs + 1]
  std::vector<std::uint8_t> column_;
  std::vector<T> values_;  // [blocks, height]
};

template <class T>
struct Format {
  const char* name;
  std::unique_ptr<TileProduct<T>> (*make)(const SparsePattern& pattern, const double* kept);
};

template <class T, template <class> class Product>
std::unique_ptr<TileProduct<T>> make(const SparsePattern& pattern, const double* kept) {
  return std::make_unique<Product<T>>(pattern, kept);
}

template <class T>
constexpr Format<T> formats[] = {
    {"csr", make<T, CsrProduct>}, {"bitmap", make<T, BitmapProduct>}, {"block", make<T, BlockProduct>}};

}  // namespace

const std::vector<std::string>& sparse_formats() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& format : formats<double>) list.emplace_back(format.name);
    return list;
  }();
  return names;
}

template <class T>
std::unique_ptr<TileProduct<T>> make_sparse_product(const std::string& name, const SparsePattern& pattern,
                                                    const double* kept) {
  for (const Format<T>& format : formats<T>)
    if (name == format.name) return format.make(pattern, kept);
  JETPINN_CHECK(false, "sparse format '" + name + "'");
}

template std::unique_ptr<TileProduct<float>> make_sparse_product<float>(const std::string&, const SparsePattern&,
                                                                        const double*);
template std::unique_ptr<TileProduct<double>> make_sparse_product<double>(const std::string&, const SparsePattern&,
                                                                          const double*);

}  // namespace jetpinn
