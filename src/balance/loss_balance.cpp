#include "jetpinn/balance/loss_balance.hpp"

#include "jetpinn/balance/term_weights.hpp"
#include "jetpinn/sampling/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t chunk_sums = 3;  // entries before those of the chunks: own loss, weights of points, how they count

bool due(std::int64_t step, std::int64_t every) { return every > 0 && step % every == 0; }

double norm(const double* values, std::int64_t count) {
  double squares = 0;
  for (std::int64_t i = 0; i < count; ++i) squares += values[i] * values[i];
  return std::sqrt(squares);
}

// About `wanted` of `count` points in whole blocks, evenly spread.
std::vector<Block> spread_blocks(std::int64_t count, std::int64_t wanted) {
  const std::int64_t blocks = (count + block_points - 1) / block_points;
  const std::int64_t taken = std::min(blocks, (wanted + block_points - 1) / block_points);
  std::vector<Block> chosen;
  for (std::int64_t j = 0; j < taken; ++j) {
    const std::int64_t first = j * blocks / taken * block_points;
    chosen.push_back({first, std::min<std::int64_t>(block_points, count - first)});
  }
  return chosen;
}

}  // namespace

LossBalance::LossBalance(const BalanceOptions& options, const std::vector<BalancedTerm>& terms, std::uint64_t seed)
    : options_(options), settings_(options.settings()), seed_(seed), weights_(terms.size(), 1.0) {
  for (const BalancedTerm& term : terms) {
    Part& part = parts_.emplace_back();
    part.name = term.name;
    part.residuals = term.residuals;
    part.balanced = term.balanced;
    if (term.causal) part.causal.emplace(*term.causal);
    if (part.balanced && options.weighs_points()) part.points.emplace(*term.blocks, term.points, term.streamed);
    if (part.causal) part.chunks.resize(static_cast<std::size_t>(2 * part.causal->chunks()));
    part.first = sums_;
    sums_ += sums_of(options, term);
  }
}

std::int64_t LossBalance::sums_of(const BalanceOptions& options, const BalancedTerm& term) {
  const bool weighs_points = term.causal || (term.balanced && options.weighs_points());
  return weighs_points ? chunk_sums + (term.causal ? 2 * term.causal->options.chunks : 0) : 0;
}

bool LossBalance::has_causal() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.causal.has_value(); });
}

ResidualsKnown LossBalance::listener(const PointSet& points, const Put& put) {
  if (sums_ == 0) return {};
  for (std::size_t t = 0; t < parts_.size(); ++t)
    if (parts_[t].points) parts_[t].points->begin(points.terms[t].local_count);
  return [this, &points, put](int term, std::int64_t first, std::int64_t count, const double* values) {
    hear(points, put, term, first, count, values);
  };
}

// What some neighbouring points add is summed by itself: it does not depend on the number of ranks.
void LossBalance::hear(const PointSet& points, const Put& put, int term, std::int64_t first, std::int64_t count,
                       const double* values) {
  Part& part = parts_[static_cast<std::size_t>(term)];
  if (!part.weighs_points()) return;
  const TermPoints& own = points.terms[static_cast<std::size_t>(term)];
  const std::size_t chunks = part.chunks.size() / 2;
  std::vector<double> share(static_cast<std::size_t>(chunk_sums) + part.chunks.size());
  for (std::int64_t i = 0; i < count; ++i) {
    double square = 0;
    for (std::int64_t k = 0; k < part.residuals; ++k) {
      const double residual = values[k * count + i];
      square += residual * residual;
      share[0] += own.own_weight_at(k, first + i) * residual * residual;
    }
    const double counts = own.quadrature_at(first + i);
    share[1] += counts * (own.point_weight.empty() ? 1 : own.point_weight[static_cast<std::size_t>(first + i)]);
    share[2] += counts;
    if (part.points) part.points->hear(first + i, square);
    if (!part.causal) continue;
    const auto chunk = static_cast<std::size_t>(chunk_sums + part.causal->chunk_at(own, first + i));
    share[chunk] += counts * square;
    share[chunk + chunks] += counts;
  }
  for (std::size_t entry = 0; entry < share.size(); ++entry)
    if (share[entry] != 0) put(part.first + static_cast<std::int64_t>(entry), share[entry]);
}

void LossBalance::take(const PointSet& points, const double* sums, const double* weighted) {
  loss_ = 0;
  config_terms_.resize(parts_.size());
  mean_weights_.resize(parts_.size());
  for (std::size_t t = 0; t < parts_.size(); ++t) {
    const TermPoints& own = points.terms[t];
    const double* entry = sums + parts_[t].first;
    const bool weighs = parts_[t].weighs_points();
    const auto count = static_cast<double>(own.global_count);
    config_terms_[t] = weighs ? entry[0] / count : weighted[t] / own.term_weight;
    mean_weights_[t] = own.term_weight * (weighs && entry[2] > 0 ? entry[1] / entry[2] : 1);
    loss_ += weighted[t];
    if (parts_[t].causal) std::copy_n(entry + chunk_sums, parts_[t].chunks.size(), parts_[t].chunks.begin());
  }
  config_loss_ = std::accumulate(config_terms_.begin(), config_terms_.end(), 0.0);
}

std::vector<double> LossBalance::least_causal() const {
  std::vector<double> least;
  for (const Part& part : parts_)
    least.push_back(part.causal ? part.causal->least() : std::numeric_limits<double>::quiet_NaN());
  return least;
}

std::vector<double> LossBalance::of_balanced(const std::vector<double>& values) const {
  std::vector<double> chosen;
  for (std::size_t t = 0; t < parts_.size(); ++t)
    if (parts_[t].balanced) chosen.push_back(values[t]);
  return chosen;
}

void LossBalance::move_balanced(const std::vector<double>& target, double momentum) {
  std::vector<double> weights = of_balanced(weights_);
  move_towards(weights, target, momentum);
  auto next = weights.begin();
  for (std::size_t t = 0; t < parts_.size(); ++t)
    if (parts_[t].balanced) weights_[t] = *next++;
}

bool LossBalance::wants_linearization(std::int64_t step, bool searches) const {
  return options_.linearizes() && due(step, interval(searches));
}

std::optional<PointSet> LossBalance::sample(const PointSet& all) const {
  const std::int64_t wanted = settings_.points.value_or(0);
  if (wanted == 0) return {};
  PointSet some;
  for (std::size_t t = 0; t < parts_.size(); ++t) {
    const TermPoints& term = all.terms[t];
    some.terms.push_back(points_of_blocks(term, spread_blocks(term.global_count, parts_[t].balanced ? wanted : 0)));
  }
  return some;
}

// Sizes of the terms as the config weighs them: a weight w makes norm and trace w times as large.
void LossBalance::refresh_terms(ObjectiveLinearization& linear, std::int64_t parameters) {
  const auto terms = static_cast<std::int64_t>(parts_.size());
  std::vector<double> sizes(parts_.size());
  if (options_.method == BalanceMethod::ntk) {
    linear.kernel_traces(sizes.data());
  } else {
    std::vector<double> gradients(static_cast<std::size_t>(terms * parameters));
    linear.term_gradients(gradients.data());
    for (std::int64_t t = 0; t < terms; ++t)
      sizes[static_cast<std::size_t>(t)] = norm(gradients.data() + t * parameters, parameters);
  }
  for (std::size_t t = 0; t < sizes.size(); ++t) sizes[t] /= weights_[t];
  move_balanced(equalising_weights(of_balanced(sizes)), settings_.momentum.value());
}

// lambda = alpha (rho lambda + (1 - rho) lambda(first losses)) + (1 - alpha) lambda(last losses): Bischof and Kraus, eq. 12.
// The random number rho is a function of seed and step.
void LossBalance::refresh_relative(std::int64_t step) {
  const std::vector<double> losses = of_balanced(config_terms_);
  if (first_.empty()) first_ = last_ = losses;
  const double chance = unit_interval(random_words({seed_}, Draw::look_back, static_cast<std::uint64_t>(step))[0]);
  if (!(chance < settings_.look_back.value()))
    move_balanced(relative_weights(losses, first_, settings_.temperature.value()), 0);
  move_balanced(relative_weights(losses, last_, settings_.temperature.value()), settings_.momentum.value());
  last_ = losses;
}

void LossBalance::refresh_points(const PointSet& evaluated, Communicator& communicator) {
  std::vector<double> most(parts_.size());
  for (std::size_t t = 0; t < parts_.size(); ++t)
    if (parts_[t].points) most[t] = parts_[t].points->largest(options_.method, evaluated.terms[t].blocks);
  communicator.max("balance", most.data(), static_cast<std::int64_t>(most.size()));
  for (std::size_t t = 0; t < parts_.size(); ++t)
    if (parts_[t].points) parts_[t].points->refresh(settings_, most[t], evaluated.terms[t].blocks);
}

bool LossBalance::refresh_causal(std::int64_t step, bool searches) {
  bool any = false;
  for (Part& part : parts_) {
    if (!part.causal) continue;
    const CausalOptions& options = part.causal->options();
    if (!due(step, searches ? options.search_every : options.every)) continue;
    any = true;
    if (part.causal->refresh(part.chunks.data(), part.chunks.data() + part.causal->chunks()))
      notes_.push_back(fmt::format("all causal weights of {} are above {:g}: its tolerance rises to {:g}", part.name,
                                   options.threshold, part.causal->tolerance()));
  }
  return any;
}

bool LossBalance::refresh(std::int64_t step, bool searches, const PointSet& evaluated, Communicator& communicator) {
  bool any = refresh_causal(step, searches);
  if (step == 0 || !due(step, interval(searches))) return any;
  if (options_.method == BalanceMethod::relobralo) return refresh_relative(step), true;
  if (options_.weighs_points()) return refresh_points(evaluated, communicator), true;
  return any;
}

std::vector<std::string> LossBalance::notes() { return std::exchange(notes_, {}); }

void LossBalance::exchange_points(Communicator& communicator, const std::vector<std::vector<std::vector<Block>>>& next) {
  for (std::size_t t = 0; t < parts_.size(); ++t) {
    if (!parts_[t].points) continue;
    std::vector<std::vector<Block>> of_term;
    for (const auto& of_rank : next) of_term.push_back(of_rank[t]);
    parts_[t].points->exchange(communicator, of_term);
  }
}

// How fast terms fall is told by losses of one kind: the next refresh is the first one of those to come.
void LossBalance::objective_changed() {
  first_.clear();
  last_.clear();
}

void LossBalance::weigh(PointSet& all) const {
  for (std::size_t t = 0; t < parts_.size(); ++t) {
    TermPoints& points = all.terms[t];
    points.term_weight = weights_[t];
    if (!parts_[t].weighs_points()) continue;
    points.point_weight.resize(static_cast<std::size_t>(points.local_count));
    for (std::int64_t i = 0; i < points.local_count; ++i) {
      const double causal = parts_[t].causal ? parts_[t].causal->weight_of(parts_[t].causal->chunk_at(points, i)) : 1;
      points.point_weight[static_cast<std::size_t>(i)] = parts_[t].points ? causal * parts_[t].points->weight_at(i) : causal;
    }
  }
}

void LossBalance::unweigh(PointSet& all) {
  for (TermPoints& points : all.terms) {
    points.term_weight = 1;
    points.point_weight.clear();
  }
}

State LossBalance::state() {
  State all;
  if (options_.active() && !options_.weighs_points()) all.push_back({"weights", &weights_});
  if (options_.method == BalanceMethod::relobralo) append(all, "", {{"first", &first_}, {"last", &last_}});
  for (Part& part : parts_) {
    if (part.points) append(all, "points/" + part.name, part.points->state());
    if (part.causal) append(all, "causal/" + part.name, part.causal->state());
  }
  return all;
}

}  // namespace jetpinn
