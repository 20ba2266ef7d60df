// Order-independent sums: every addend is rounded to one fixed grid and added in integers, so any order
// and any split give the same bits.
//
// Grid: multiples of 2^-104, addends below 2^55 in magnitude (larger or non-finite ones set the overflow flag). An entry is
// four limbs of 40 bits held in int64, which leaves room for 2^23 additions before carries are propagated. A single addend
// loses at most 2^-105; the sum itself is exact.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

class ExactSum {
 public:
  static constexpr int limbs = 4;
  // Entries from `apart_from` on tell of their own overflow, those before it of any entry's: a term's loss reads as a number
  // where only another term's is none. Without it none stands apart.
  explicit ExactSum(std::int64_t entries) : ExactSum(entries, entries) {}
  ExactSum(std::int64_t entries, std::int64_t apart_from);

  // What a sum holds, and an exchange sends: the limbs, an overflow count for all, one for each entry that stands apart.
  static constexpr std::int64_t integers(std::int64_t entries, std::int64_t apart_from) {
    return entries * limbs + 1 + entries - apart_from;
  }

  std::int64_t integers() const { return static_cast<std::int64_t>(digits_.size()); }   // of this sum

  std::int64_t entries() const { return entries_; }
  void clear();
  void add(std::int64_t entry, double value);
  // entry first + i += values[i], i < count: four streams of integers are read and written once, in vector instructions.
  void add(std::int64_t first, const double* values, std::int64_t count);

  // What others added as add() does, fewer than 2^23 times: digits [limbs + 1, count], the limbs from low to high, then how
  // many of an entry's addends were refused.
  void add_digits(std::int64_t first, std::int64_t count, const std::int64_t* digits);

  void normalize();                            // propagates carries: afterwards equal sums have equal limbs
  bool overflowed() const { return overflow_ != 0; }
  double value(std::int64_t entry) const;      // nearest double; NaN where it overflowed, see above

  // Entries first .. first + count - 1 are complete: row(l) + first, l < limbs, may go into a sum over ranks while
  // other entries still grow, and are left alone until finish_exchange or clear. Such ranges adjoin each other
  // downwards; what is left goes with exchange().
  void begin_exchange(std::int64_t first, std::int64_t count);
  std::int64_t* row(int limb) { return digits_.data() + limb * entries_; }

  // For a sum over ranks (at most 2^23): entries * limbs integers, then the overflow counts. Normalizes.
  std::vector<std::int64_t>& exchange();
  void finish_exchange();                      // after the integers were summed over ranks

 private:
  void normalize(std::int64_t first, std::int64_t count);
  std::int64_t& own_overflow(std::int64_t entry) {
    return digits_[static_cast<std::size_t>(entries_ * limbs + 1 + entry - apart_from_)];
  }

  std::int64_t entries_, apart_from_;
  // [limbs, entries] from low to high, then one place for the overflow count, then the counts of the entries apart
  std::vector<std::int64_t> digits_;
  std::int64_t overflow_ = 0;
  std::int64_t additions_ = 0;                 // since the last propagation, to any one entry at most
  std::int64_t away_first_ = 0, away_end_ = 0; // entries that are in an exchange already
};

}  // namespace jetpinn
