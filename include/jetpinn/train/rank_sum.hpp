// A vector to which every rank adds its share, summed over ranks in one all-reduce that also tells of failures.
#pragma once

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/gradient_sync.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

namespace jetpinn {

// How sums over ranks are taken.
struct RankSumSetting {
  Communicator& communicator;  // outlives the sums, as `sync` does
  GradientSync& sync;
  bool exact = false;  // level `ranks`: in integers, so that no order of additions matters
  double deadline_s = 0;
};

// In this order: begin; attempt, in which shares are added; put; exchange; throw_if_failed; values.
class RankSum {
 public:
  // Entries from `shared` on tell of their own overflow where sums are exact, those before it of any entry's. Pieces that go
  // ahead lie before it.
  RankSum(const RankSumSetting& setting, std::int64_t entries, std::int64_t shared);
  // Buffers of a sum that was given up stay, for MPI may write to them until the process ends.
  ~RankSum();
  RankSum(const RankSum&) = delete;
  RankSum& operator=(const RankSum&) = delete;

  bool exact() const { return setting_.exact; }
  std::int64_t sent_entries() const { return static_cast<std::int64_t>(values_.size()); }  // with the one for failures

  // Numbers of eight bytes that an exchange sends, an exact sum's overflow counts among them.
  std::int64_t sent_integers() const { return setting_.exact ? exact_sum_.integers() : sent_entries(); }

  void begin();  // all entries are zero
  // Runs the work that adds this rank's share. What it throws is kept until the others know of it, for they wait in the
  // all-reduce.
  void attempt(const std::function<void()>& work);
  void put(std::int64_t entry, double value);  // += value
  // entry first + i += what `fill` adds to target[i], i < count; an exact sum rounds it once.
  void add(std::int64_t first, std::int64_t count, const std::function<void(double* target)>& fill);

  // For whoever fills all entries alone: in the one or the other, as exact() says.
  double* values() { return values_.data(); }
  ExactSum& exact_sum() { return exact_sum_; }

  // Entries before `shared` of an inexact sum lie on a card, whose stream the sum follows. After begin, until the next one.
  void use_card(Stream stream, double* shared) { stream_ = stream, card_ = shared; }
  // Nobody sums these entries, for there is one rank. After attempt.
  void leave_shared() { sent_from_ = 0; }

  // Entries of pieces of `piece`, counted from `shared` downwards, that lie behind `first` are final: their sums begin.
  void start_early(std::int64_t first, std::int64_t piece);
  // Collective: afterwards values() holds the sums, the same bits on every rank. piece: of those that go ahead and that this
  // rank had nothing to add to; 0: none do. Returns the seconds for which the all-reduce held this rank up. Throws at once
  // what attempt() kept where its status is communication: who lost the others cannot join them.
  double exchange(std::int64_t piece = 0);
  // Collective where a rank failed: each of the failed throws its own error, the others that they failed elsewhere.
  void throw_if_failed();

 private:
  std::int64_t failed_entry() const { return sent_entries() - 1; }
  template <class T>
  void start_rest(std::vector<T>& rows, int count);

  const RankSumSetting setting_;
  const std::int64_t shared_;
  std::int64_t sent_from_;      // entries from here to `shared` are being summed already
  std::vector<double> values_;  // [entries, then whether this rank failed], rank-local before the exchange, replicated after
  ExactSum exact_sum_;
  std::vector<double> rounded_;  // of one share, before it goes into the exact sum
  std::exception_ptr failure_;
  Stream stream_;            // of the card
  double* card_ = nullptr;   // where entries before `shared` lie there; null: they are here
  bool on_its_way_ = false;  // some of it was started, and none of it has been waited for
};

}  // namespace jetpinn
