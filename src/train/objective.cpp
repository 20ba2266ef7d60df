#include "jetpinn/train/objective.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/train/distributed_linearization.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr int pieces = 4;   // of a hash, 16 bits each: sums of their squares over 2^20 ranks stay whole numbers in fp64

enum Flag : std::int64_t { stop, time_up, clock_s, hash, hash_square = hash + pieces, flags = hash_square + pieces };

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

// m of each residual, which stands behind dm [parameters].
std::vector<double> means_in(const double* sums, std::int64_t entries, std::int64_t parameters) {
  std::vector<double> means;
  for (std::int64_t at = parameters; at < entries; at += parameters + 1) means.push_back(sums[at]);
  return means;
}

}  // namespace

DistributedObjective::DistributedObjective(Communicator& communicator, Engine& engine, const PointSet& points,
                                           std::int64_t parameters, std::int64_t terms, bool exact, double deadline_s,
                                           RankSignals signals, const GradientSyncOptions& sync,
                                           std::vector<SquaredMean> squared_means, LossBalance* balance)
    : communicator_(communicator),
      engine_(&engine),
      points_(&points),
      parameters_(parameters),
      terms_(terms),
      exact_(exact),
      deadline_s_(deadline_s),
      signals_(std::move(signals)),
      early_(sync.kind == GradientSyncKind::early && communicator.size() > 1),
      early_piece_(early_piece(sync, parameters)),
      sync_(make_gradient_sync(communicator, sync)),
      squared_means_(std::move(squared_means), parameters),
      balance_(balance),
      sum_(sums(), parameters + 2 * terms + flags + squared_means_.entries() + (balance ? balance->sums() : 0), parameters) {
}

std::int64_t DistributedObjective::message_bytes(std::int64_t parameters, std::int64_t terms, bool exact,
                                                 const std::vector<SquaredMean>& squared_means, std::int64_t balanced) {
  constexpr auto number = static_cast<std::int64_t>(sizeof(double));
  const std::int64_t means = SquaredMeans::entries(squared_means, parameters);
  const std::int64_t entries = parameters + 2 * terms + flags + means + balanced + 1;  // one for failures
  return number * (exact ? ExactSum::integers(entries, parameters) : entries);
}

Objective::Value DistributedObjective::evaluate_on_device(ConstRealPlace parameters, RealPlace gradient) {
  const bool shared = engine_->device_stream().queue == parameters.device->stream().queue;
  return shared ? evaluate_at(parameters, gradient) : Objective::evaluate_on_device(parameters, gradient);
}

DistributedObjective::Gradient DistributedObjective::place_of(RealPlace gradient) const {
  if (!gradient.device) return Gradient::here;
  if (exact_ || !squared_means_.list().empty()) return Gradient::by_way_of_here;
  if (communicator_.size() == 1) return Gradient::alone_there;
  return sync_->takes_card(gradient.device->stream()) ? Gradient::on_card : Gradient::by_way_of_here;
}

Objective::Value DistributedObjective::evaluate_at(ConstRealPlace parameters, RealPlace gradient) {
  const bool compare = communicator_.size() > 1 && evaluations_ % hash_every == 0;
  hash_ = compare ? XXH3_64bits(here(parameters), static_cast<std::size_t>(parameters_) * sizeof(double)) : 0;
  place_ = place_of(gradient);
  const double begin = wall_seconds();
  add_share(parameters, gradient);
  computed_s_ += wall_seconds() - begin;
  if (place_ == Gradient::alone_there) sum_.leave_shared();
  const double seconds = sum_.exchange(early_ ? early_piece_ : 0);
  if (allreduce_seconds_.size() < most_seconds) allreduce_seconds_.push_back(seconds);
  ++evaluations_;
  sum_.throw_if_failed();

  const double* weighted = sum_.values() + parameters_;
  const double* unweighted = weighted + terms_;
  const double* flag = unweighted + terms_;
  agreed_.terms.assign(unweighted, unweighted + terms_);
  agreed_.weighted.assign(weighted, weighted + terms_);
  const bool finite = finish_gradient(flag + flags, gradient);
  agreed_.means = means_in(flag + flags, squared_means_.entries(), parameters_);
  agreed_.loss = std::accumulate(agreed_.weighted.begin(), agreed_.weighted.end(), 0.0);
  if (balance_) balance_->take(*points_, flag + flags + squared_means_.entries(), agreed_.weighted.data());
  agreed_.config_loss = balance_ ? balance_->config_loss() : agreed_.loss;
  agreed_.stop_requested = flag[stop] > 0;
  agreed_.time_is_up = flag[time_up] > 0;
  if (std::isfinite(flag[clock_s])) agreed_.time_s = flag[clock_s];

  if (compare && std::isfinite(flag[hash]) && !all_equal(flag, communicator_.size())) fail_parameters_differ();
  return {agreed_.loss, finite && std::isfinite(agreed_.loss)};
}

// The summed gradient where it is asked for, with what squared means add to it; whether all of it is finite.
bool DistributedObjective::finish_gradient(const double* means, RealPlace gradient) {
  if (place_ == Gradient::alone_there || place_ == Gradient::on_card)
    return gradient.device->all_finite(gradient.there, parameters_);
  squared_means_.finish(means, sum_.values(), agreed_.weighted, agreed_.terms);
  if (gradient.device)
    gradient.device->upload(sum_.values(), gradient.there, parameters_).wait();  // the next evaluation writes over it
  else
    std::copy_n(sum_.values(), parameters_, gradient.here);
  return std::all_of(sum_.values(), sum_.values() + parameters_, [](double value) { return std::isfinite(value); });
}

// Parameters that something on the host reads.
const double* DistributedObjective::here(ConstRealPlace parameters) {
  if (!parameters.device) return parameters.here;
  parameters_here_.resize(static_cast<std::size_t>(parameters_));
  parameters.device->download(parameters.there, parameters_here_.data(), parameters_);
  return parameters_here_.data();
}

void DistributedObjective::use(std::vector<SquaredMean> squared_means) {
  squared_means_ = SquaredMeans(std::move(squared_means), parameters_);
}

std::unique_ptr<ObjectiveLinearization> DistributedObjective::linearize(const double* parameters) {
  return std::make_unique<DistributedLinearization>(sums(), *engine_, *points_, parameters, parameters_,
                                                    squared_means_.list());
}

std::unique_ptr<ObjectiveLinearization> DistributedObjective::linearize_points(const double* parameters) {
  return std::make_unique<DistributedLinearization>(sums(), *engine_, *points_, parameters, parameters_,
                                                    squared_means_.list(), false);
}

// The engine's gradient and sums, and this rank's flags.
void DistributedObjective::add_share(ConstRealPlace parameters, RealPlace gradient) {
  sum_.begin();
  if (place_ == Gradient::on_card) sum_.use_card(gradient.device->stream(), gradient.there.address());
  brought_from_ = parameters_;
  if (early_)
    engine_->when_ready([this, gradient](std::int64_t first) {
      bring_gradient(gradient, first);
      sum_.start_early(first, early_piece_);
    });
  const std::int64_t first_of_means = parameters_ + 2 * terms_ + flags;
  const std::int64_t first_of_balance = first_of_means + squared_means_.entries();
  if (balance_)
    engine_->when_residuals(balance_->listener(*points_, [this, first_of_balance](std::int64_t entry, double value) {
      sum_.put(first_of_balance + entry, value);
    }));
  engine_->leave_out(squared_means_.terms());
  sum_.attempt([&] {
    add_mean_squares(parameters, gradient);
    if (!squared_means_.list().empty())
      squared_means_.add_shares(*engine_, here(parameters), *points_, sum_, first_of_means);
  });
  engine_->leave_out({});
  if (early_) engine_->when_ready({});
  engine_->when_residuals({});
  for (std::int64_t f = 0; f < flags; ++f) sum_.put(parameters_ + 2 * terms_ + f, contribution(f));
}

void DistributedObjective::add_mean_squares(ConstRealPlace parameters, RealPlace gradient) {
  const bool there = place_ != Gradient::here;
  if (exact_)
    return there ? engine_->loss_and_gradient_exact_on_device(parameters.there, *points_, sum_.exact_sum())
                 : engine_->loss_and_gradient_exact(Stream{}, parameters.here, *points_, sum_.exact_sum());
  there ? engine_->loss_and_gradient_on_device(parameters.there, *points_, gradient.there, sums_)
        : engine_->loss_and_gradient(Stream{}, parameters.here, *points_, sum_.values(), sums_);
  bring_gradient(gradient, 0);
  std::copy(sums_.weighted.begin(), sums_.weighted.end(), sum_.values() + parameters_);
  std::copy(sums_.unweighted.begin(), sums_.unweighted.end(), sum_.values() + parameters_ + terms_);
}

// Entries from `first` on are final, and summed on the host: one copy of each.
void DistributedObjective::bring_gradient(RealPlace gradient, std::int64_t first) {
  if (place_ != Gradient::by_way_of_here || exact_ || first == brought_from_) return;
  gradient.device->download((gradient + first).there, sum_.values() + first, brought_from_ - first);
  brought_from_ = first;
}

// This rank's share of a flag.
double DistributedObjective::contribution(std::int64_t flag) const {
  if (flag == stop) return signals_.stop_requested() ? 1 : 0;
  if (flag == time_up) return signals_.time_is_up() ? 1 : 0;
  if (flag == clock_s) return communicator_.root() ? signals_.clock() : 0;
  const int piece = static_cast<int>(flag - hash) % pieces;
  const double value = piece_of(hash_, piece);
  return flag < hash_square ? value : value * value;
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
  return sum_.sent_integers() * static_cast<std::int64_t>(sizeof(std::int64_t));
}

}  // namespace jetpinn
