#include "jetpinn/train/adaptive_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/sampling/adaptive_choice.hpp"
#include "jetpinn/sampling/joined_points.hpp"
#include "jetpinn/sampling/residual_cells.hpp"
#include "jetpinn/train/adaptive_plan.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* phase = "adaptive points";
constexpr double nothing = std::numeric_limits<double>::infinity();  // no loss to compare with

// Streams of random words of a term beside those of its points: no problem has as many terms.
constexpr std::uint32_t choice_stream = std::uint32_t{1} << 30, release_stream = choice_stream + (std::uint32_t{1} << 29),
                        ensemble_stream = choice_stream + (std::uint32_t{1} << 28);

std::int64_t first_of(const TermPoints& points) { return points.blocks.empty() ? 0 : points.blocks.front().first; }

std::vector<std::int64_t> all_of(const TermPoints& points) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(points.local_count));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

std::vector<std::int64_t> others(const std::vector<std::int64_t>& some, std::int64_t count) {
  std::vector<std::int64_t> rest;
  auto next = some.begin();
  for (std::int64_t i = 0; i < count; ++i) {
    if (next != some.end() && *next == i)
      ++next;
    else
      rest.push_back(i);
  }
  return rest;
}

}  // namespace

AdaptivePoints::AdaptivePoints(Communicator& communicator, Assembly& assembly, TrainingPoints& points)
    : communicator_(communicator),
      assembly_(assembly),
      points_(points),
      options_(assembly.sampling.adaptive),
      settings_(options_.settings()),
      scores_(assembly, options_) {
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (is_adaptive(assembly, t)) terms_.push_back(t);
  begin_anew();
}

void AdaptivePoints::begin_anew() {
  first_.clear();
  for (const std::size_t t : terms_) first_.push_back(assembly_.counts[t]);
  counts_.assign(first_.begin(), first_.end());
  objective_changed();
}

void AdaptivePoints::objective_changed() {
  looked_loss_ = nothing;
  before_residual_ = 0;
  before_counts_.clear();
  before_points_.clear();
  before_parameters_.clear();
}

bool AdaptivePoints::due(std::int64_t step, bool searches, double loss) {
  const std::int64_t every = options_.interval(searches);
  if (!active() || every == 0 || step == 0 || step % every != 0) return false;
  if (options_.stall == 0) return true;
  const double before = std::exchange(looked_loss_, loss);
  return loss > (1 - options_.stall) * before;
}

PointRound AdaptivePoints::take_round(Engine& engine, PlacedVector& parameters) {
  const ScopedRegion region(Region::evaluation, "jetpinn::adaptive_points");
  const double begin = wall_seconds();
  const PointRound round = look_and_exchange(engine, parameters);
  last_s_ = wall_seconds() - begin;
  return round;
}

// Where most of the residuals in fresh points are no numbers, while those of the round before were, the parameters are to
// blame; a few are poles.
PointRound AdaptivePoints::look_and_exchange(Engine& engine, PlacedVector& parameters) {
  ++rounds_;
  looked_loss_ = nothing;
  std::vector<Look> looks;
  double residual = 0;
  bool known = true;
  for (std::size_t which = 0; which < terms_.size(); ++which) {
    looks.push_back(look_at(engine, parameters.values(), which));
    residual = std::hypot(residual, looks.back().moments.rms);
    known = known && looks.back().known();
  }
  PointRound round;
  if (!before_counts_.empty() && (!known || residual > std::sqrt(options_.roll_back) * before_residual_)) {
    round.notes.push_back(fmt::format(
        "round {} of points: the residual of fresh points {} after the round before, which is "
        "taken back with its parameters",
        rounds_,
        known ? fmt::format("grew from {:.3g} to {:.3g} (root mean square over all terms)", before_residual_, residual)
              : "is no number in most of them"));
    take_back(parameters);
    round.changed = round.taken_back = true;
    return round;
  }
  for (const Look& look : looks) {
    round.changed = round.changed || look.changes > 0;
    if (look.fresh > 0) round.notes.push_back(fmt::format("round {} of points: {}", rounds_, text(look)));
  }
  if (!round.changed) {
    objective_changed();  // nothing that could be taken back happens from here on
    return round;
  }
  objective_changed();
  if (known) remember(parameters, residual);
  exchange(looks);
  return round;
}

AdaptivePoints::Look AdaptivePoints::look_at(Engine& engine, const std::vector<double>& parameters, std::size_t which) {
  Look look;
  look.term = terms_[which];
  look.kept = all_of(points_.kept(look.term));
  if (options_.method == AdaptiveMethod::r3)
    plan_release(engine, parameters, look);
  else if (options_.grows())
    plan_growth(look, which);
  else
    plan_redistribution(look);
  if (look.fresh > 0) score_fresh(engine, parameters, look);
  if (!look.known()) look.changes = 0;
  return look;
}

// Those that stay are any: the sample of the fresh ones is the method's.
void AdaptivePoints::plan_redistribution(Look& look) const {
  const TermPoints& points = points_.kept(look.term);
  const std::int64_t count = assembly_.counts[look.term];
  look.changes =
      std::clamp<std::int64_t>(times_points(settings_.most_change.value_or(1), static_cast<double>(count)), 1, count);
  look.fresh = std::max(times_points(*settings_.candidates, static_cast<double>(count)), look.changes);
  look.kept.clear();
  if (look.changes == count) return;
  const std::vector<double> alike(static_cast<std::size_t>(points.local_count), 1.0);
  look.kept = largest_of_ranks(communicator_, sampling_keys(alike, key(look.term, release_stream), first_of(points)),
                               count - look.changes);
}

void AdaptivePoints::plan_growth(Look& look, std::size_t which) const {
  const std::int64_t count = assembly_.counts[look.term];
  look.changes =
      std::min(std::max<std::int64_t>(times_points(*settings_.add, static_cast<double>(first_[which])), 1), room_for(which));
  bool grows = !before_counts_.empty();  // or nobody asks for the residual any more
  for (std::size_t w = 0; w < terms_.size(); ++w) grows = grows || room_for(w) > 0;
  if (!grows) return;
  look.fresh = std::max(times_points(*settings_.candidates, static_cast<double>(count)), look.changes);
}

std::int64_t AdaptivePoints::room_for(std::size_t which) const {
  return std::max<std::int64_t>(
      times_points(*settings_.most, static_cast<double>(first_[which])) - assembly_.counts[terms_[which]], 0);
}

void AdaptivePoints::plan_release(Engine& engine, const std::vector<double>& parameters, Look& look) const {
  const TermPoints& points = points_.kept(look.term);
  std::vector<double> scores;
  communicator_.agree(phase, [&] { scores = scores_.by_residual(engine, parameters, look.term, points); });
  const ScoreMoments moments = score_moments(communicator_, scores);
  look.fresh = moments.count;  // as many as there are: harm is not told by a handful
  std::int64_t below = 0;
  for (double& score : scores) {
    const bool stays = score > moments.mean && std::isfinite(score);
    below += !stays;
    score = std::isfinite(score) ? -score : nothing;  // those that are no numbers go first
  }
  communicator_.sum(phase, &below, 1);
  const std::int64_t most = times_points(*settings_.most_change, static_cast<double>(moments.count));
  look.changes = std::min(below, std::max<std::int64_t>(most, 1));
  look.kept = others(largest_of_ranks(communicator_, scores, look.changes), points.local_count);
}

RowRange AdaptivePoints::share(std::int64_t fresh) const {
  const RowRange blocks = share_rows((fresh + block_points - 1) / block_points, communicator_.rank(), communicator_.size());
  return {std::min(blocks.begin * block_points, fresh), std::min(blocks.end * block_points, fresh)};
}

void AdaptivePoints::score_fresh(Engine& engine, const std::vector<double>& parameters, Look& look) const {
  communicator_.agree(phase, [&] {
    look.source = candidate_source(assembly_, look.term, static_cast<std::uint32_t>(rounds_), look.fresh);
    const RowRange own = share(look.fresh);
    for (std::int64_t begin = own.begin; begin < own.end; begin += fresh_piece) {
      const TermPoints points =
          make_candidates(assembly_, look.term, *look.source, blocks_between(begin, std::min(begin + fresh_piece, own.end)));
      const std::vector<double> scores = scores_.by_residual(engine, parameters, look.term, points);
      look.scores.insert(look.scores.end(), scores.begin(), scores.end());
      if (options_.score == AdaptiveScore::uncertainty) {
        const std::vector<double> own_scores =
            scores_.by_uncertainty(engine, parameters, look.term, points, key(0, ensemble_stream));
        look.uncertainties.insert(look.uncertainties.end(), own_scores.begin(), own_scores.end());
      }
      for (std::int64_t i = 0; i < points.local_count && options_.cells > 0; ++i)
        look.paths.push_back(scores_.cell_of(points, i));
    }
  });
  look.moments = score_moments(communicator_, look.scores);
  look.by = options_.score == AdaptiveScore::uncertainty ? score_moments(communicator_, look.uncertainties) : look.moments;
  look.changes = std::min(look.changes, look.by.finite);
}

PointKey AdaptivePoints::key(std::size_t term, std::uint32_t stream) const {
  return {assembly_.seed, static_cast<std::uint32_t>(term) | stream, static_cast<std::uint32_t>(rounds_)};
}

// Made again by their numbers: all fresh ones would take much memory.
TermPoints AdaptivePoints::chosen_of(const Look& look) const {
  const RowRange own = share(look.fresh);
  const PointKey words = key(look.term, choice_stream);
  std::vector<double> keys, weighed;  // weighed: by what they are drawn
  std::vector<double> scores = options_.score == AdaptiveScore::uncertainty ? look.uncertainties : look.scores;
  if (options_.method == AdaptiveMethod::rar_g) {
    for (const double score : scores) keys.push_back(std::isfinite(score) ? score : -nothing);
  } else {
    const double power = settings_.power.value_or(0), offset = settings_.offset.value_or(0);  // r3 takes any of them
    if (options_.cells > 0 && power > 0)
      scores = cell_scores(communicator_, look.paths, scores, look.by, power, options_.cells);
    weighed = densities(scores, look.by, mean_power(communicator_, scores, look.by, power), power, offset);
    keys = options_.weighs() ? priority_keys(weighed, words, own.begin) : sampling_keys(weighed, words, own.begin);
  }
  const std::vector<std::int64_t> positions = largest_of_ranks(communicator_, keys, look.changes);
  std::vector<Block> chosen;
  for (const std::int64_t position : positions) chosen.push_back({own.begin + position, 1});
  TermPoints points;
  communicator_.agree(
      phase, [&] { points = make_candidates(assembly_, look.term, *look.source, joined_blocks(chosen, block_points)); });
  if (!options_.weighs()) return points;
  const double threshold = look.changes < look.fresh ? nth_of_ranks(communicator_, keys, look.changes + 1) : 0;
  const double share = static_cast<double>(look.changes) / static_cast<double>(look.fresh);
  for (int k = 0; k < points.weight_columns; ++k)
    for (std::size_t i = 0; i < positions.size(); ++i)
      points.weight[static_cast<std::size_t>(k) * positions.size() + i] *=
          share * std::max(1.0, threshold / weighed[static_cast<std::size_t>(positions[i])]);
  return points;
}

void AdaptivePoints::exchange(const std::vector<Look>& looks) {
  std::vector<std::vector<TermPoints>> parts;  // [terms_]
  std::vector<double> counts = counts_;
  for (std::size_t which = 0; which < looks.size(); ++which) {
    const Look& look = looks[which];
    const TermPoints& now = points_.kept(look.term);
    if (look.changes == 0) {
      parts.push_back({now});
      continue;
    }
    parts.push_back({points_at(now, look.kept), chosen_of(look)});
    if (options_.grows()) counts[which] += static_cast<double>(look.changes);
  }
  const auto blocks = deal(counts);
  std::vector<TermPoints> points;
  for (std::size_t which = 0; which < looks.size(); ++which)
    points.push_back(join_points(communicator_, parts[which], of_term(blocks, terms_[which])));
  use(counts, blocks, std::move(points));
}

std::vector<std::int64_t> AdaptivePoints::counts_with(const std::vector<double>& counts) const {
  std::vector<std::int64_t> all = assembly_.counts;
  for (std::size_t which = 0; which < terms_.size(); ++which) all[terms_[which]] = static_cast<std::int64_t>(counts[which]);
  return all;
}

// What fails on one rank fails on all, or the others would wait.
std::vector<std::vector<std::vector<Block>>> AdaptivePoints::deal(const std::vector<double>& counts) const {
  std::vector<std::vector<std::vector<Block>>> blocks;
  communicator_.agree(phase, [&] { blocks = deal_points(assembly_, counts_with(counts), communicator_.size()); });
  return blocks;
}

// Where counts change, other terms' points are dealt anew too.
void AdaptivePoints::use(const std::vector<double>& counts, const std::vector<std::vector<std::vector<Block>>>& blocks,
                         std::vector<TermPoints> points) {
  if (counts != counts_) {
    for (std::size_t t = 0; t < assembly_.terms.size(); ++t)
      if (is_stored(assembly_, t) && !is_streamed(assembly_, t))
        points_.kept(t) = join_points(communicator_, {points_.kept(t)}, of_term(blocks, t));
    assembly_.counts = counts_with(counts);
    assembly_.blocks = blocks;
    counts_ = counts;
    communicator_.agree(phase, [&] { points_.draw(); });
  }
  for (std::size_t which = 0; which < terms_.size(); ++which) points_.kept(terms_[which]) = std::move(points[which]);
}

void AdaptivePoints::remember(const PlacedVector& parameters, double residual) {
  if (options_.roll_back == 0 || !std::isfinite(residual) || residual == 0) return;
  before_counts_ = counts_;
  before_parameters_ = parameters.values();
  before_residual_ = residual;
  for (const std::size_t t : terms_) {
    before_points_.push_back(points_.kept(t));
    before_points_.back().point_weight.clear();
  }
}

void AdaptivePoints::take_back(PlacedVector& parameters) {
  parameters = before_parameters_;
  use(before_counts_, deal(before_counts_), std::move(before_points_));
  objective_changed();
}

void AdaptivePoints::deal_anew() {
  if (before_counts_.empty()) return;
  const RankBlocks blocks = deal(before_counts_);
  for (std::size_t which = 0; which < terms_.size(); ++which)
    before_points_[which] = join_points(communicator_, {before_points_[which]}, of_term(blocks, terms_[which]));
}

std::string AdaptivePoints::text(const Look& look) const {
  const std::string& name = assembly_.terms[look.term].name;
  const ScoreMoments& fresh = look.moments;
  const std::string poles =
      fresh.finite < fresh.count ? fmt::format(", no number in {} of them", fresh.count - fresh.finite) : "";
  if (!look.known()) return fmt::format("those of {} stay; residual of {} fresh ones{}", name, fresh.count, poles);
  const std::int64_t count = assembly_.counts[look.term];
  const std::string change = look.changes == 0 ? fmt::format("{} keeps its {}", name, count)
                             : options_.grows()
                                 ? fmt::format("{} gets {} more, now {}", name, look.changes, count + look.changes)
                                 : fmt::format("{} exchanges {} of {}", name, look.changes, count);
  return fmt::format("{}; residual of {} fresh ones {:.3g} (root mean square), {:.3g} at most{}", change, fresh.count,
                     fresh.rms, fresh.largest, poles);
}

void AdaptivePoints::make_room(const StateValues& values) {
  begin_anew();
  if (!active()) return;
  State first = state();
  first.erase(std::remove_if(first.begin(), first.end(),
                             [](const StateItem& item) {
                               return item.name != "adaptive/counts" && item.name != "adaptive/before/counts";
                             }),
              first.end());
  restore_part(first, values);
  const auto fits = [&](const std::vector<double>& counts) {
    return counts.size() == terms_.size() && std::all_of(counts.begin(), counts.end(), [](double n) { return n >= 1; });
  };
  if (!fits(counts_) || !(before_counts_.empty() || fits(before_counts_)))
    throw Error(Status::storage,
                "the checkpoint does not fit this run: it has other terms whose points follow the residual");
  if (!before_counts_.empty()) {
    const auto blocks = deal(before_counts_);
    const auto rank = static_cast<std::size_t>(communicator_.rank());
    for (std::size_t which = 0; which < terms_.size(); ++which)
      before_points_.push_back(make_term_room(assembly_, terms_[which], static_cast<std::int64_t>(before_counts_[which]),
                                              blocks[rank][terms_[which]]));
  }
  assembly_.blocks = deal(counts_);
  assembly_.counts = counts_with(counts_);
}

State AdaptivePoints::state() {
  if (!active()) return {};
  State all = {{"adaptive/rounds", &rounds_},
               {"adaptive/looked_loss", &looked_loss_},
               {"adaptive/counts", &counts_},
               {"adaptive/before/counts", &before_counts_},
               {"adaptive/before/parameters", &before_parameters_},
               {"adaptive/before/residual", &before_residual_}};
  for (std::size_t which = 0; which < before_points_.size(); ++which)
    append(all, "adaptive/before/points/" + assembly_.terms[terms_[which]].name,
           point_state(assembly_, terms_[which], before_points_[which]));
  return all;
}

}  // namespace jetpinn
