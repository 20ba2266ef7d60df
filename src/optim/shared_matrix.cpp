#include "jetpinn/optim/shared_matrix.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <iterator>

namespace jetpinn {
namespace {

std::int64_t row_stride(std::int64_t size) { return (size + block_points - 1) / block_points * block_points; }

// What a sweep reads beside the rows. [stride] each, zero behind the size.
struct SweepVectors {
  const double *p, *q, *x, *y;
};

// R rows at a time share what is read of the vectors. One accumulator for each row and product: the order of a sum is the
// same for every R.
//   row <- keep row + (sign[0] p_i) p + (sign[1] q_i) q: commutative products, so that the matrix stays symmetric
template <bool Update, int R>
void sweep_rows(double* rows, std::int64_t stride, std::int64_t width, std::int64_t first, const double* factors,
                const SweepVectors& v, double* products) {
  Pack<double> mx[R] = {}, my[R] = {}, p_i[R], q_i[R];
  const Pack<double> keep = splat(factors[0]);
  for (int r = 0; r < R; ++r) {
    p_i[r] = splat(factors[1] * v.p[first + r]);
    q_i[r] = splat(factors[2] * v.q[first + r]);
  }
  for (std::int64_t j = 0; j < width; j += pack_lanes<double>) {
    const Pack<double> x = load(v.x + j), y = load(v.y + j);
    for (int r = 0; r < R; ++r) {
      Pack<double> row = load(rows + r * stride + j);
      if constexpr (Update) {
        row = keep * row + p_i[r] * load(v.p + j) + q_i[r] * load(v.q + j);
        store(rows + r * stride + j, row);
      }
      mx[r] += row * x;
      my[r] += row * y;
    }
  }
  for (int r = 0; r < R; ++r) {
    products[2 * r] = sum_lanes(mx[r]);
    products[2 * r + 1] = sum_lanes(my[r]);
  }
}

}  // namespace

SharedMatrix::SharedMatrix(std::int64_t size, Communicator* ranks)
    : ranks_(ranks),
      size_(size),
      stride_(row_stride(size)),
      p_(static_cast<std::size_t>(stride_)),
      q_(p_),
      x_(p_),
      y_(p_),
      products_(static_cast<std::size_t>(2 * size)) {
  const int count = ranks ? ranks->size() : 1;
  for (int r = 0; r < count; ++r) begin_.push_back(share_rows(size, r, count).begin);
  begin_.push_back(size);
  own_ = share_rows(size, ranks ? ranks->rank() : 0, count);
  rows_.resize(static_cast<std::size_t>(own_.count() * stride_));
  blocks_.reserve(static_cast<std::size_t>(own_.count() * stride_ / block_points));
  for (std::int64_t first = own_.begin * stride_; first < own_.end * stride_; first += block_points)
    blocks_.push_back({first, block_points});
}

std::int64_t SharedMatrix::bytes(std::int64_t size, int rank, int ranks) {
  const std::int64_t elements = share_rows(size, rank, ranks).count() * row_stride(size);
  return elements * static_cast<std::int64_t>(sizeof(double)) +
         elements / block_points * static_cast<std::int64_t>(sizeof(Block)) +
         (4 * row_stride(size) + 2 * size) * static_cast<std::int64_t>(sizeof(double));
}

void SharedMatrix::set_diagonal(double value) {
  std::fill(rows_.begin(), rows_.end(), 0.0);
  for (std::int64_t i = own_.begin; i < own_.end; ++i)
    rows_[static_cast<std::size_t>((i - own_.begin) * stride_ + i)] = value;
  std::fill(std::begin(factors_), std::end(factors_), 0.0);
}

void SharedMatrix::update(const RankTwo& update, const double* s, const double* v) {
  JETPINN_CHECK(factors_[0] == 0, "two updates without a sweep between them");
  factors_[0] = update.keep, factors_[1] = update.sign[0], factors_[2] = update.sign[1];
  for (std::size_t i = 0; i < static_cast<std::size_t>(size_); ++i) {
    p_[i] = update.along_s[0] * s[i] + update.along_v[0] * v[i];
    q_[i] = update.along_s[1] * s[i] + update.along_v[1] * v[i];
  }
}

template <bool Update>
void SharedMatrix::sweep_own_rows() {
  constexpr int together = 4;
  const SweepVectors v = {p_.data(), q_.data(), x_.data(), y_.data()};
  const std::int64_t width = padded<double>(size_);
  for (std::int64_t i = own_.begin; i < own_.end;) {
    double* rows = rows_.data() + (i - own_.begin) * stride_;
    const bool several = i + together <= own_.end;
    const auto sweep = several ? sweep_rows<Update, together> : sweep_rows<Update, 1>;
    sweep(rows, stride_, width, i, factors_, v, products_.data() + 2 * i);
    i += several ? together : 1;
  }
}

void SharedMatrix::sweep(const double* x, const double* y, double* mx, double* my) {
  const ScopedRegion region(Region::optimizer);
  std::copy(x, x + size_, x_.begin());
  std::copy(y, y + size_, y_.begin());
  factors_[0] != 0 ? sweep_own_rows<true>() : sweep_own_rows<false>();
  std::fill(std::begin(factors_), std::end(factors_), 0.0);
  if (ranks_) ranks_->gather_shares("direction", products_.data(), begin_, 2);
  for (std::int64_t i = 0; i < size_; ++i) {
    mx[i] = products_[static_cast<std::size_t>(2 * i)];
    my[i] = products_[static_cast<std::size_t>(2 * i + 1)];
  }
}

void SharedMatrix::carry_over(const double* x, double* mx) const {
  if (factors_[0] == 0) return;
  const double px = factors_[1] * dot(p_.data(), x, size_), qx = factors_[2] * dot(q_.data(), x, size_);
  for (std::int64_t i = 0; i < size_; ++i) {
    const auto at = static_cast<std::size_t>(i);
    mx[i] = factors_[0] * mx[i] + px * p_[at] + qx * q_[at];
  }
}

State SharedMatrix::state() {
  return {{"rows", SharedColumn{&blocks_, size_ * stride_, rows_.data()}},
          {"factors", RealSlice{factors_, 3}},
          {"p", RealSlice{p_.data(), size_}},
          {"q", RealSlice{q_.data(), size_}}};
}

}  // namespace jetpinn
