#include "jetpinn/train/rank_sum.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace jetpinn {
namespace {

bool tells_of_a_loss(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.status() == Status::communication;
  } catch (...) {
    return false;
  }
}

}  // namespace

RankSum::RankSum(const RankSumSetting& setting, std::int64_t entries, std::int64_t shared)
    : setting_(setting),
      shared_(shared),
      sent_from_(shared),
      values_(static_cast<std::size_t>(entries + 1)),
      exact_sum_(setting.exact ? entries + 1 : 0, setting.exact ? shared : 0) {}

RankSum::~RankSum() {
  if (!on_its_way_) return;
  new std::vector<double>(std::move(values_));
  new ExactSum(std::move(exact_sum_));
}

void RankSum::begin() {
  stream_ = {};
  card_ = nullptr;
  if (exact()) return exact_sum_.clear();
  std::fill(values_.begin(), values_.end(), 0.0);
}

void RankSum::attempt(const std::function<void()>& work) {
  failure_ = nullptr;
  sent_from_ = shared_;
  try {
    work();
  } catch (...) {
    failure_ = std::current_exception();
  }
  if (failure_) put(failed_entry(), 1);
}

void RankSum::put(std::int64_t entry, double value) {
  if (exact()) return exact_sum_.add(entry, value);
  values_[static_cast<std::size_t>(entry)] += value;
}

void RankSum::add(std::int64_t first, std::int64_t count, const std::function<void(double*)>& fill) {
  if (!exact()) return fill(values_.data() + first);
  rounded_.assign(static_cast<std::size_t>(count), 0.0);
  fill(rounded_.data());
  exact_sum_.add(first, rounded_.data(), count);
}

void RankSum::start_early(std::int64_t first, std::int64_t piece) {
  for (; sent_from_ - piece >= first; sent_from_ -= piece) {
    on_its_way_ = true;
    const std::int64_t begin = sent_from_ - piece;
    if (!exact()) {
      const SumPart part = card_ ? SumPart::of_card(card_ + begin, piece) : SumPart(values_.data() + begin, piece);
      setting_.sync.start_together(stream_, {&part, 1});
      continue;
    }
    exact_sum_.begin_exchange(begin, piece);
    std::array<SumPart, ExactSum::limbs> parts;
    for (int l = 0; l < ExactSum::limbs; ++l) parts[static_cast<std::size_t>(l)] = {exact_sum_.row(l) + begin, piece};
    setting_.sync.start_together(Stream{}, parts);
  }
  setting_.sync.progress();
}

// What has not been started yet, and the end of all: rows of entries with a hole in each where pieces went ahead.
template <class T>
void RankSum::start_rest(std::vector<T>& rows, int count) {
  std::array<SumPart, ExactSum::limbs + 1> parts;
  std::size_t used = 0;
  if (card_ && sent_from_ > 0) parts[used++] = SumPart::of_card(card_, std::exchange(sent_from_, 0));
  std::int64_t begin = 0;
  for (int row = 0; row < count && sent_from_ < shared_; ++row) {
    parts[used++] = {rows.data() + begin, row * sent_entries() + sent_from_ - begin};
    begin = row * sent_entries() + shared_;
  }
  parts[used++] = {rows.data() + begin, static_cast<std::int64_t>(rows.size()) - begin};
  setting_.sync.start_together(stream_, std::span(parts).first(used));
}

double RankSum::exchange(std::int64_t piece) {
  if (failure_ && tells_of_a_loss(failure_)) std::rethrow_exception(failure_);
  const double begin = wall_seconds();
  {
    ScopedRegion region(Region::allreduce);
    if (piece > 0) start_early(0, piece);
    on_its_way_ = true;
    exact() ? start_rest(exact_sum_.exchange(), ExactSum::limbs) : start_rest(values_, 1);
    setting_.sync.wait(Stream{}, setting_.deadline_s);
    on_its_way_ = false;
  }
  const double seconds = wall_seconds() - begin;
  if (!exact()) return seconds;
  exact_sum_.finish_exchange();
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = exact_sum_.value(static_cast<std::int64_t>(i));
  return seconds;
}

void RankSum::throw_if_failed() {
  if (!(values_[static_cast<std::size_t>(failed_entry())] > 0)) return;
  setting_.communicator.agree("engine", [this] {
    if (failure_) std::rethrow_exception(failure_);
  });
}

}  // namespace jetpinn
