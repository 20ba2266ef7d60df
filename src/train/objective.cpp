#include "jetpinn/train/objective.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace jetpinn {
namespace {

enum Flag : std::int64_t { failed, stop, clock_s, flags };

}  // namespace

DistributedObjective::DistributedObjective(Communicator& communicator, Engine& engine, const PointSet& points, std::int64_t parameters,
                                           std::int64_t terms, bool exact, double deadline_s, std::function<double()> clock,
                                           std::function<bool()> stop_requested)
    : communicator_(communicator), engine_(&engine), points_(points), parameters_(parameters), terms_(terms), exact_(exact),
      deadline_s_(deadline_s), clock_(std::move(clock)), stop_requested_(std::move(stop_requested)),
      sync_(make_mpi_gradient_sync(communicator)), fused_(static_cast<std::size_t>(parameters + 2 * terms + flags)),
      exact_sum_(exact ? parameters + 2 * terms + flags : 0) {}

Objective::Value DistributedObjective::evaluate(const double* parameters, double* gradient) {
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
  if (std::isfinite(flag[clock_s])) agreed_.time_s = flag[clock_s];

  bool finite = std::isfinite(agreed_.loss);
  for (std::int64_t i = 0; i < parameters_; ++i) {
    gradient[i] = fused_[static_cast<std::size_t>(i)];
    finite = finite && std::isfinite(gradient[i]);
  }
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
  flag[stop] = stop_requested_() ? 1 : 0;
  flag[clock_s] = communicator_.root() ? clock_() : 0;
  ScopedRegion region(Region::allreduce);
  sync_->start(Stream{}, fused_.data(), static_cast<std::int64_t>(fused_.size()));
  sync_->wait(Stream{}, deadline_s_);
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
  if (stop_requested_()) exact_sum_.add(first_flag + stop, 1);
  if (communicator_.root()) exact_sum_.add(first_flag + clock_s, clock_());
  exact_sum_.normalize();
  auto& limbs = exact_sum_.exchange();
  {
    ScopedRegion region(Region::allreduce);
    sync_->start(Stream{}, limbs.data(), static_cast<std::int64_t>(limbs.size()));
    sync_->wait(Stream{}, deadline_s_);
  }
  exact_sum_.finish_exchange();
  for (std::size_t i = 0; i < fused_.size(); ++i) fused_[i] = exact_sum_.value(static_cast<std::int64_t>(i));
}

void DistributedObjective::share_failure() {
  communicator_.agree("engine", [this] {
    if (failure_) std::rethrow_exception(failure_);
  });
}

}  // namespace jetpinn
