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

// Ranks hold equal pieces if and only if ranks * sum of squares = square of the sum (Cauchy-Schwarz). All are whole numbers, so no rounding
// hides a difference, and every rank decides alike, the one that is wrong included.
bool all_equal(const double* flag, int ranks) {
  for (int p = 0; p < pieces; ++p) {
    const auto sum = static_cast<__int128>(flag[hash + p]), squares = static_cast<__int128>(flag[hash_square + p]);
    if (ranks * squares != sum * sum) return false;
  }
  return true;
}

}  // namespace

DistributedObjective::DistributedObjective(Communicator& communicator, Engine& engine, const PointSet& points, std::int64_t parameters,
                                           std::int64_t terms, bool exact, double deadline_s, RankSignals signals)
    : communicator_(communicator), engine_(&engine), points_(points), parameters_(parameters), terms_(terms), exact_(exact),
      deadline_s_(deadline_s), signals_(std::move(signals)),
      sync_(make_gradient_sync(communicator)), fused_(static_cast<std::size_t>(parameters + 2 * terms + flags)),
      exact_sum_(exact ? parameters + 2 * terms + flags : 0) {}

Objective::Value DistributedObjective::evaluate(const double* parameters, double* gradient) {
  const bool compare = communicator_.size() > 1 && evaluations_ % hash_every == 0;
  hash_ = compare ? XXH3_64bits(parameters, static_cast<std::size_t>(parameters_) * sizeof(double)) : 0;
  exact_ ? evaluate_exact(parameters) : evaluate_fused(parameters);
  ++evaluations_;

  const double* weighted = fused_.data() + parameters_;
  const double* unweighted = weighted + terms_;
  const double* flag = unweighted + terms_;
  // An exact sum that overflowed reads as NaN everywhere, flags included: that is a non-finite loss and no more.
  if (flag[failed] > 0) share_failure();
  agreed_.loss = 0;
  for (std::int64_t t = 0; t < terms_; ++t) agreed_.loss += weighted[t];
  agreed_.terms.assign(unweighted, unweighted + terms_);
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
  try {
    engine_->loss_and_gradient(Stream{}, parameters, points_, fused_.data(), sums_);
    std::copy(sums_.weighted.begin(), sums_.weighted.end(), fused_.data() + parameters_);
    std::copy(sums_.unweighted.begin(), sums_.unweighted.end(), fused_.data() + parameters_ + terms_);
  } catch (...) {  // the others wait in the all-reduce: join them there first, speak afterwards
    failure_ = std::current_exception();
    flag[failed] = 1;
  }
  for (std::int64_t f = stop; f < flags; ++f) flag[f] = contribution(f);
  sum_over_ranks(fused_);
}

template <class T>
void DistributedObjective::sum_over_ranks(std::vector<T>& buffer) {
  ScopedRegion region(Region::allreduce);
  const double begin = wall_seconds();
  sync_->start(Stream{}, buffer.data(), static_cast<std::int64_t>(buffer.size()));
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
  try {
    engine_->loss_and_gradient_exact(Stream{}, parameters, points_, exact_sum_);
  } catch (...) {
    failure_ = std::current_exception();
    exact_sum_.add(first_flag + failed, 1);
  }
  for (std::int64_t f = stop; f < flags; ++f) exact_sum_.add(first_flag + f, contribution(f));
  exact_sum_.normalize();
  sum_over_ranks(exact_sum_.exchange());
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
  throw Error(Status::communication, "the parameters of rank " + ranks + " differ from those of " + (majority ? "most ranks" : "rank 0") +
                                         " at step " + std::to_string(collective_place().step) +
                                         ": a memory or network fault; start again without that machine, the last checkpoint is sound");
}

void DistributedObjective::share_failure() {
  communicator_.agree("engine", [this] {
    if (failure_) std::rethrow_exception(failure_);
  });
}

}  // namespace jetpinn
