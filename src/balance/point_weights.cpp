#include "jetpinn/balance/point_weights.hpp"

#include "jetpinn/sampling/joined_points.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace jetpinn {

PointWeights::PointWeights(const std::vector<Block>& blocks, std::int64_t points, std::vector<double>* streamed)
    : blocks_(blocks),
      points_(points),
      streamed_(streamed),
      lambda_(streamed ? 0 : static_cast<std::size_t>(rows_of(blocks)), 1.0) {}

template <class Work>
void PointWeights::for_each(const std::vector<Block>& evaluated, const Work& work) const {
  if (streamed_) {
    for (std::int64_t i = 0; i < rows_of(evaluated); ++i) work(i, i);
    return;
  }
  std::int64_t row = 0, at = 0;
  auto next = evaluated.begin();  // ascending, as the blocks that they are among
  for (const Block& block : blocks_) {
    if (next == evaluated.end()) return;
    if (next->first == block.first) {
      for (std::int64_t i = 0; i < block.count; ++i) work(row + i, at + i);
      at += block.count;
      ++next;
    }
    row += block.count;
  }
}

double PointWeights::drive(BalanceMethod method, std::int64_t row, std::int64_t at) const {
  const double square = squares_[static_cast<std::size_t>(at)];
  if (method == BalanceMethod::rba) return std::sqrt(square);
  return (streamed_ ? *streamed_ : lambda_)[static_cast<std::size_t>(row)] * square;
}

double PointWeights::largest(BalanceMethod method, const std::vector<Block>& evaluated) const {
  double most = 0;
  for_each(evaluated, [&](std::int64_t row, std::int64_t at) {
    const double value = drive(method, row, at);
    most = std::isnan(value) ? std::numeric_limits<double>::infinity() : std::max(most, value);
  });
  return most;
}

void PointWeights::refresh(const BalanceDefaults& settings, double most, const std::vector<Block>& evaluated) {
  if (!(most > 0) || !std::isfinite(most)) return;
  const double kept = settings.momentum.value_or(1.0), rate = settings.rate.value();
  for_each(evaluated, [&](std::int64_t row, std::int64_t at) {
    const double added = rate * drive(settings.method, row, at) / most;
    double& number = lambda()[static_cast<std::size_t>(row)];
    number = kept * number + added;
  });
}

void PointWeights::exchange(Communicator& communicator, const std::vector<std::vector<Block>>& next) {
  if (streamed_) return;
  TermPoints column;
  column.dimensions = 1;
  column.local_count = static_cast<std::int64_t>(lambda_.size());  // the blocks may be the next ones already
  column.coordinates = lambda_;
  lambda_ = join_points(communicator, {column}, next).coordinates;
}

State PointWeights::state() {
  if (streamed_) return {};
  return {{"lambda", SharedColumn{&blocks_, points_, lambda_.data()}}};
}

}  // namespace jetpinn
