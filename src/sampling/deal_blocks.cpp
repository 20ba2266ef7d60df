#include "jetpinn/base/error.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <algorithm>
#include <numeric>

namespace jetpinn {
namespace {

// The blocks of all terms in one row; the cost of its first k blocks without a list of them.
class BlockRow {
 public:
  BlockRow(const std::vector<std::int64_t>& counts, const std::vector<double>& cost_per_point)
      : counts_(counts), cost_(cost_per_point) {
    for (std::size_t t = 0; t < counts.size(); ++t) {
      begin_.push_back(begin_.back() + (counts[t] + block_points - 1) / block_points);
      prefix_.push_back(prefix_.back() + cost_[t] * static_cast<double>(counts[t]));
    }
  }

  std::int64_t blocks() const { return begin_.back(); }
  double total() const { return prefix_.back(); }

  std::size_t term_of(std::int64_t block) const {
    return static_cast<std::size_t>(std::upper_bound(begin_.begin(), begin_.end(), block) - begin_.begin()) - 1;
  }

  double cost_before(std::int64_t block) const {
    if (block >= blocks()) return total();
    const std::size_t t = term_of(block);
    return prefix_[t] + cost_[t] * static_cast<double>((block - begin_[t]) * block_points);
  }

  Block block(std::int64_t number, std::size_t term) const {
    const std::int64_t first = (number - begin_[term]) * block_points;
    return {first, std::min(block_points, counts_[term] - first)};
  }

  // The most blocks from `first` on that cost at most `load`.
  std::int64_t reach(std::int64_t first, double load) const {
    const double limit = cost_before(first) + load;
    std::int64_t low = first, high = blocks();
    while (low < high) {
      const std::int64_t middle = low + (high - low + 1) / 2;
      if (cost_before(middle) <= limit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

 private:
  const std::vector<std::int64_t>& counts_;
  const std::vector<double>& cost_;
  std::vector<std::int64_t> begin_{0};   // [terms + 1] blocks before a term
  std::vector<double> prefix_{0};        // [terms + 1] cost before a term
};

bool suffices(const BlockRow& row, double load, int ranks) {
  std::int64_t done = 0;
  for (int rank = 0; rank < ranks && done < row.blocks(); ++rank) {
    const std::int64_t next = row.reach(done, load);
    if (next == done) return false;
    done = next;
  }
  return done == row.blocks();
}

// The smallest load per rank for which contiguous runs suffice, by bisection down to rounding.
double smallest_load(const BlockRow& row, int ranks) {
  double low = 0, high = row.total();
  for (int iteration = 0; iteration < 60; ++iteration) {
    const double middle = 0.5 * (low + high);
    (suffices(row, middle, ranks) ? high : low) = middle;
  }
  return high;
}

}  // namespace

std::vector<std::vector<std::vector<Block>>> deal_blocks(const std::vector<std::int64_t>& counts,
                                                         const std::vector<double>& cost_per_point, int ranks) {
  JETPINN_CHECK(ranks > 0 && counts.size() == cost_per_point.size(), std::to_string(ranks) + " ranks");
  for (double cost : cost_per_point) JETPINN_CHECK(cost > 0, "a point of a term costs " + std::to_string(cost));
  const BlockRow row(counts, cost_per_point);
  // Rounding of the prefix sums must not push the last block over the limit.
  const double load = smallest_load(row, ranks) + 1e-12 * row.total();
  std::vector<std::vector<std::vector<Block>>> dealt(static_cast<std::size_t>(ranks),
                                                     std::vector<std::vector<Block>>(counts.size()));
  std::int64_t next = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const std::int64_t end = rank + 1 == ranks ? row.blocks() : row.reach(next, load);
    for (; next < end; ++next) {
      const std::size_t term = row.term_of(next);
      dealt[static_cast<std::size_t>(rank)][term].push_back(row.block(next, term));
    }
  }
  return dealt;
}

// What is left over of a term, after every rank has its whole blocks, goes to those whose work so far takes least.
std::vector<std::vector<std::vector<Block>>> deal_by_speed(const std::vector<std::int64_t>& counts,
                                                           const std::vector<double>& cost_per_point,
                                                           const std::vector<double>& speeds) {
  const double total = std::accumulate(speeds.begin(), speeds.end(), 0.0);
  JETPINN_CHECK(total > 0 && counts.size() == cost_per_point.size(), std::to_string(speeds.size()) + " ranks");
  const BlockRow row(counts, cost_per_point);
  std::vector<std::vector<std::vector<Block>>> dealt(speeds.size(), std::vector<std::vector<Block>>(counts.size()));
  std::vector<double> time(speeds.size());
  std::int64_t next = 0;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    const std::int64_t blocks = (counts[t] + block_points - 1) / block_points;
    std::int64_t rest = blocks;
    std::vector<std::int64_t> share;
    for (const double speed : speeds)
      share.push_back(static_cast<std::int64_t>(static_cast<double>(blocks) * speed / total));
    for (std::size_t r = 0; r < speeds.size(); ++r) {
      share[r] = std::min(share[r], rest);
      rest -= share[r];
      time[r] += cost_per_point[t] * static_cast<double>(share[r] * block_points) / speeds[r];
    }
    for (; rest > 0; --rest) {
      const auto after = [&](std::size_t r) { return time[r] + cost_per_point[t] * block_points / speeds[r]; };
      std::size_t least = 0;
      for (std::size_t r = 1; r < speeds.size(); ++r)
        if (after(r) < after(least)) least = r;
      ++share[least];
      time[least] = after(least);
    }
    for (std::size_t r = 0; r < speeds.size(); ++r)
      for (std::int64_t i = 0; i < share[r]; ++i) dealt[r][t].push_back(row.block(next++, t));
  }
  return dealt;
}

// What is left over of a term goes to those with the least work so far.
std::vector<std::vector<std::vector<Block>>> deal_each_term(const std::vector<std::int64_t>& counts,
                                                            const std::vector<double>& cost_per_point, int ranks) {
  JETPINN_CHECK(ranks > 0 && counts.size() == cost_per_point.size(), std::to_string(ranks) + " ranks");
  const BlockRow row(counts, cost_per_point);
  std::vector<std::vector<std::vector<Block>>> dealt(static_cast<std::size_t>(ranks),
                                                     std::vector<std::vector<Block>>(counts.size()));
  std::vector<double> load(dealt.size());
  std::int64_t next = 0;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    const std::int64_t blocks = (counts[t] + block_points - 1) / block_points;
    std::vector<std::size_t> order(dealt.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return load[a] < load[b]; });
    std::vector<std::int64_t> share(dealt.size(), blocks / ranks);
    for (std::int64_t i = 0; i < blocks % ranks; ++i) ++share[order[static_cast<std::size_t>(i)]];
    for (std::size_t rank = 0; rank < dealt.size(); ++rank) {
      for (std::int64_t i = 0; i < share[rank]; ++i) dealt[rank][t].push_back(row.block(next++, t));
      load[rank] += cost_per_point[t] * static_cast<double>(rows_of(dealt[rank][t]));
    }
  }
  return dealt;
}

}  // namespace jetpinn
