#include "jetpinn/train/objective.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr int pieces = 4;   // of a hash, 16 bits each: sums of their squares over 2^20 ranks stay whole numbers in fp64

enum Flag : std::int64_t { failed, stop, time_up, clock_s, hash, hash_square = hash + pieces, flags = hash_square + pieces };

double piece_of(std::uint64_t hash, int piece) { return static_cast<double>(hash >> (16 * piece) & 0xffff); }

// Ranks hold equal pieces if and only if ranks * sum of squares = square of the sum (Cauchy-Schwarz). All are whole numbers,
// so no rounding hides a difference, and every rank decides alike, the one that is wrong included.
bool all_equal(const double* flag, int ranks) {
  for (int p = 0; p < pieces; ++p) {
    const auto sum = static_cast<__int128>(flag[hash + p]), squares = static_cast<__int128>(flag[hash_square + p]);
    if (ranks * squares != sum * sum) return false;
  }
  return true;
}

bool tells_of_a_loss(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.status() == Status::communication;
  } catch (...) {
    return false;
  }
}

// What has not been started yet, and the end of all: rows of entries with a hole in each where pieces went ahead.
template <class T>
void start_rest(GradientSync& sync, std::vector<T>& rows, int count, std::int64_t entries, std::int64_t hole,
                std::int64_t hole_end) {
  std::int64_t begin = 0;
  for (int row = 0; row < count && hole < hole_end; ++row) {
    sync.start(Stream{}, rows.data() + begin, row * entries + hole - begin);
    begin = row * entries + hole_end;
  }
  sync.start(Stream{}, rows.data() + begin, static_cast<std::int64_t>(rows.size()) - begin);
}

}  // namespace

DistributedObjective::DistributedObjective(Communicator& communicator, Engine& engine, const PointSet& points,
                                           std::int64_t parameters, std::int64_t terms, bool exact, double deadline_s,
                                           RankSignals signals, const GradientSyncOptions& sync)
    : communicator_(communicator), engine_(&engine), points_(points), parameters_(parameters), terms_(terms), exact_(exact),
      deadline_s_(deadline_s), signals_(std::move(signals)),
      early_(sync.kind == GradientSyncKind::early && communicator.size() > 1), early_piece_(early_piece(sync, parameters)),
      sync_(make_gradient_sync(communicator, sync)), fused_(static_cast<std::size_t>(parameters + 2 * terms + flags)),
      exact_sum_(exact ? parameters + 2 * terms + flags : 0, exact ? parameters : 0) {}

std::int64_t DistributedObjective::message_bytes(std::int64_t parameters, std::int64_t terms, bool exact) {
  constexpr auto number = static_cast<std::int64_t>(sizeof(double));
  const std::int64_t entries = parameters + 2 * terms + flags;
  return number * (exact ? ExactSum::integers(entries, parameters) : entries);
}

Objective::Value DistributedObjective::evaluate(const double* parameters, double* gradient) {
  const bool compare = communicator_.size() > 1 && evaluations_ % hash_every == 0;
  hash_ = compare ? XXH3_64bits(parameters, static_cast<std::size_t>(parameters_) * sizeof(double)) : 0;
  exact_ ? evaluate_exact(parameters) : evaluate_fused(parameters);
  ++evaluations_;

  const double* weighted = fused_.data() + parameters_;
  const double* unweighted = weighted + terms_;
  const double* flag = unweighted + terms_;
  if (flag[failed] > 0) share_failure();
  agreed_.loss = 0;
  for (std::int64_t t = 0; t < terms_; ++t) agreed_.loss += weighted[t];
  agreed_.terms.assign(unweighted, unweighted + terms_);
  agreed_.weighted.assign(weighted, weighted + terms_);
  agreed_.stop_requested = flag[stop] > 0;
  agreed_.time_is_up = flag[time_up] > 0;
  if (std::isfinite(flag[clock_s])) agreed_.time_s = flag[clock_s];

  bool finite = std::isfinite(agreed_.loss);
  for (std::int64_t i = 0; i < parameters_; ++i) {
    gradient[i] = fused_[static_cast<std::size_t>(i)];
    finite = finite && std::isfinite(gradient[i]);
  }
  if (compare && std::isfinite(flag[hash]) && !all_equal(flag, communicator_.size())) fail_parameters_differ();
  return {agreed_.loss, finite};
}

void DistributedObjective::evaluate_fused(const double* parameters) {
  double* flag = fused_.data() + parameters_ + 2 * terms_;
  std::fill_n(flag, flags, 0.0);
  const bool sound = attempt([&] {
    engine_->loss_and_gradient(Stream{}, parameters, points_, fused_.data(), sums_);
    std::copy(sums_.weighted.begin(), sums_.weighted.end(), fused_.data() + parameters_);
    std::copy(sums_.unweighted.begin(), sums_.unweighted.end(), fused_.data() + parameters_ + terms_);
  });
  flag[failed] = sound ? 0 : 1;
  for (std::int64_t f = stop; f < flags; ++f) flag[f] = contribution(f);
  sum_over_ranks();
}

// False: it threw. The others wait in the all-reduce, so join them there first and speak
// afterwards; only who lost them cannot.
template <class Evaluate>
bool DistributedObjective::attempt(const Evaluate& evaluate) {
  failure_ = nullptr;
  sent_from_ = parameters_;
  if (early_) engine_->when_ready([this](std::int64_t first) { start_early(first); });
  try {
    evaluate();
  } catch (...) {
    failure_ = std::current_exception();
  }
  if (early_) engine_->when_ready({});
  if (failure_ && tells_of_a_loss(failure_)) std::rethrow_exception(failure_);
  return failure_ == nullptr;
}

// Pieces from the end of the gradient, where the reverse sweep begins, the same on every rank; what is left over at the
// front goes with the rest. Starts all that lie behind `first`, and lets those before them move on.
void DistributedObjective::start_early(std::int64_t first) {
  const std::int64_t piece = early_piece_;
  for (; sent_from_ - piece >= first; sent_from_ -= piece) {
    const std::int64_t begin = sent_from_ - piece;
    if (!exact_) {
      sync_->start(Stream{}, fused_.data() + begin, piece);
      continue;
    }
    exact_sum_.begin_exchange(begin, piece);
    for (int l = 0; l < ExactSum::limbs; ++l) sync_->start(Stream{}, exact_sum_.row(l) + begin, piece);
  }
  sync_->progress();
}

void DistributedObjective::sum_over_ranks() {
  ScopedRegion region(Region::allreduce);
  const double begin = wall_seconds();
  if (early_) start_early(0);   // pieces that this rank had nothing to add to, or did not come to
  const auto entries = static_cast<std::int64_t>(fused_.size());
  if (exact_) {
    start_rest(*sync_, exact_sum_.exchange(), ExactSum::limbs, entries, sent_from_, parameters_);
  } else {
    start_rest(*sync_, fused_, 1, entries, sent_from_, parameters_);
  }
  sync_->wait(Stream{}, deadline_s_);
  if (allreduce_seconds_.size() < most_seconds) allreduce_seconds_.push_back(wall_seconds() - begin);
}

// This rank's share of a flag other than `failed`.
double DistributedObjective::contribution(std::int64_t flag) const {
  if (flag == stop) return signals_.stop_requested() ? 1 : 0;
  if (flag == time_up) return signals_.time_is_up() ? 1 : 0;
  if (flag == clock_s) return communicator_.root() ? signals_.clock() : 0;
  const int piece = static_cast<int>(flag - hash) % pieces;
  const double value = piece_of(hash_, piece);
  return flag < hash_square ? value : value * value;
}

void DistributedObjective::evaluate_exact(const double* parameters) {
  const std::int64_t first_flag = parameters_ + 2 * terms_;
  exact_sum_.clear();
  const bool sound = attempt([&] { engine_->loss_and_gradient_exact(Stream{}, parameters, points_, exact_sum_); });
  if (!sound) exact_sum_.add(first_flag + failed, 1);
  for (std::int64_t f = stop; f < flags; ++f) exact_sum_.add(first_flag + f, contribution(f));
  sum_over_ranks();
  exact_sum_.finish_exchange();
  for (std::size_t i = 0; i < fused_.size(); ++i) fused_[i] = exact_sum_.value(static_cast<std::int64_t>(i));
}

// The ranks that hold what most of them hold are right; without a majority, rank 0 is the measure.
void DistributedObjective::fail_parameters_differ() {
  const std::string mine(reinterpret_cast<const char*>(&hash_), sizeof hash_);
  const std::vector<std::string> hashes = communicator_.gather("parameter hash", mine);
  std::map<std::string, int> votes;
  for (const std::string& one : hashes) ++votes[one];
  std::string sound = hashes[0];
  for (const auto& [one, count] : votes)
    if (2 * count > communicator_.size()) sound = one;
  std::string ranks;
  for (std::size_t r = 0; r < hashes.size(); ++r)
    if (hashes[r] != sound) ranks += (ranks.empty() ? "" : ", ") + std::to_string(r);
  const bool majority = 2 * votes[sound] > communicator_.size();
  throw Error(Status::communication,
              "the parameters of rank " + ranks + " differ from those of " + (majority ? "most ranks" : "rank 0") +
                  " at step " + std::to_string(collective_place().step) +
                  ": a memory or network fault; start again without that machine, the last checkpoint is sound");
}

std::int64_t DistributedObjective::message_bytes() const {
  return static_cast<std::int64_t>(fused_.size()) * (exact_ ? ExactSum::limbs : 1) *
         static_cast<std::int64_t>(sizeof(double));
}

void DistributedObjective::share_failure() {
  communicator_.agree("engine", [this] {
    if (failure_) std::rethrow_exception(failure_);
  });
}

}  // namespace jetpinn
