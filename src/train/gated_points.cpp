#include "jetpinn/train/gated_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/gate/selection.hpp"
#include "jetpinn/sampling/adaptive_choice.hpp"
#include "jetpinn/sampling/joined_points.hpp"
#include "jetpinn/sampling/random.hpp"
#include "jetpinn/train/gate_plan.hpp"
#include "jetpinn/train/gate_scores.hpp"
#include "jetpinn/train/term_points.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char* phase = "gate";
constexpr double infinite = std::numeric_limits<double>::infinity();

// Where the running sums of a term's probabilities begin in this step: one number for all ranks.
std::int64_t start_of(const Assembly& assembly, std::size_t term, std::int64_t step) {
  const auto word =
      random_words({assembly.seed, static_cast<std::uint32_t>(term)}, Draw::gate, static_cast<std::uint64_t>(step))[0];
  return static_cast<std::int64_t>(word >> (64 - probability_bits));
}

void weigh(TermPoints& points, const std::vector<double>& weights) {
  if (points.weight_columns == 0) {
    points.weight_columns = 1;
    points.weight = weights;
    return;
  }
  for (int k = 0; k < points.weight_columns; ++k)
    for (std::size_t i = 0; i < weights.size(); ++i)
      points.weight[static_cast<std::size_t>(k) * weights.size() + i] *= weights[i];
}

}  // namespace

GatedPoints::GatedPoints(Communicator& communicator, const Assembly& assembly, const TrainingOptions& training)
    : communicator_(communicator),
      assembly_(assembly),
      training_(training),
      any_(training.has_gate()),
      controller_(training.gate.target, training.gate.controller) {
  for (const std::size_t term : gated_terms(assembly, training)) {
    parts_.emplace_back();
    parts_.back().term = term;
  }
  make_room();
}

const std::vector<Block>& GatedPoints::blocks_of(std::size_t term) const {
  return assembly_.blocks[static_cast<std::size_t>(communicator_.rank())][term];
}

void GatedPoints::make_room() {
  for (Part& part : parts_) {
    const auto rows = static_cast<std::size_t>(rows_of(blocks_of(part.term)));
    part.scores.residual.assign(rows, 0);
    part.scores.before.assign(rows, 0);
    part.scores.trained.assign(rows, 0);
    if (training_.gate.significance.gradient > 0) part.scores.gradient.assign(rows, 0);
  }
}

void GatedPoints::points_changed() {
  scored_at_ = -1;
  make_room();
}

void GatedPoints::enter(std::int64_t stage) {
  options_ = any_ && stage < static_cast<std::int64_t>(training_.stages.size())
                 ? training_.gate_of_stage(static_cast<std::size_t>(stage))
                 : GateOptions{};
  if (options_.active()) controller_.aim(options_.target);
  points_.terms.resize(assembly_.terms.size());
}

void GatedPoints::begin(std::int64_t step) {
  if (!any_) return;
  begun_ = step;
  known_ = infinite;
  points_changed();
  if (!active()) return;
  controller_ = RateController(options_.target, options_.controller);
}

const PointSet& GatedPoints::take(const PointSet& all, std::int64_t step, Engine& engine,
                                  const std::vector<double>& parameters) {
  warming_up_ = step < begun_ + options_.warm_up;
  full_ = infinite;
  if (warming_up_) {
    rate_ = 1;
    for (const Part& part : parts_) candidates_ += assembly_.counts[part.term], trained_ += assembly_.counts[part.term];
    return all;
  }
  const ScopedRegion region(Region::sampling, "jetpinn::gate");
  if (scored_at_ < 0 || (scores() && step - scored_at_ >= options_.refresh)) score(all, step, engine, parameters);
  const std::vector<Taken> taken = choose(all, step);
  gather(all, taken);
  count(taken);
  return points_;
}

// Scores that are the first ones have not changed, and their points count as just trained.
void GatedPoints::score(const PointSet& all, std::int64_t step, Engine& engine, const std::vector<double>& parameters) {
  const bool first = scored_at_ < 0;
  std::vector<PointLook> looks;
  communicator_.agree(phase, [&] {
    for (std::size_t g = 0; g < parts_.size() && scores(); ++g)
      looks.push_back(look_at_points(assembly_, engine, parameters, parts_[g].term, all.terms[parts_[g].term],
                                     options_.significance.gradient > 0, step));
  });
  if (scores()) full_ = 0;
  for (std::size_t g = 0; g < parts_.size(); ++g) {
    Part& part = parts_[g];
    if (first) part.scores.trained.assign(part.scores.trained.size(), static_cast<double>(step));
    if (!scores()) continue;
    part.scores.before = first ? looks[g].residual : std::move(part.scores.residual);
    part.scores.residual = std::move(looks[g].residual);
    part.scores.gradient = std::move(looks[g].gradient);
    const ScoreMoments moments = score_moments(communicator_, part.scores.residual);
    part.means[0] = moments.mean;
    part.means[1] = options_.significance.change > 0 && !first ? mean_of(changes_of(part.scores)) : 0;
    part.means[2] = options_.significance.gradient > 0 ? mean_of(part.scores.gradient) : 0;
    full_ += moments.finite == moments.count ? moments.rms * moments.rms : infinite;
    scored_ += assembly_.counts[part.term];
  }
  scored_at_ = step;
  if (first) points_id_ = fingerprint(all, Hashed::all);  // other points are scored anew
}

double GatedPoints::mean_of(const std::vector<double>& column) const { return score_moments(communicator_, column).mean; }

std::vector<GatedPoints::Taken> GatedPoints::choose(const PointSet& all, std::int64_t step) {
  const auto ranks = static_cast<std::size_t>(communicator_.size()), rank = static_cast<std::size_t>(communicator_.rank());
  const double threshold = controller_.threshold(), floor = options_.uniform * options_.target;
  std::vector<std::vector<std::int64_t>> probabilities;
  std::vector<std::int64_t> sums(ranks * parts_.size());
  for (std::size_t g = 0; g < parts_.size(); ++g) {
    const Part& part = parts_[g];
    const std::vector<double> significance =
        significances(part.scores, {part.means[0], part.means[1], part.means[2]}, options_.significance, options_.target,
                      options_.emphasis_of(assembly_.terms[part.term].name), step);
    probabilities.push_back(inclusion_probabilities(significance, threshold, floor, options_.uniform));
    sums[rank * parts_.size() + g] = sum_of(probabilities.back());
  }
  if (ranks > 1) communicator_.sum(phase, sums.data(), static_cast<std::int64_t>(sums.size()));
  std::vector<Taken> taken(parts_.size());
  for (std::size_t g = 0; g < parts_.size(); ++g) {
    const std::int64_t start = start_of(assembly_, parts_[g].term, step);
    std::int64_t before = 0, total = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
      if (r == rank) before = total;
      total += sums[r * parts_.size() + g];
    }
    Taken& own = taken[g];
    own.positions = take_samples(probabilities[g], before, start);
    own.count = taken_of(0, total, start);
    for (const std::int64_t i : own.positions) {
      parts_[g].scores.trained[static_cast<std::size_t>(i)] = static_cast<double>(step + 1);
      if (options_.unbiased)
        own.weights.push_back(importance_weight(probabilities[g][static_cast<std::size_t>(i)]) *
                              static_cast<double>(own.count) / static_cast<double>(all.terms[parts_[g].term].global_count));
    }
  }
  return taken;
}

// Means over the chosen points of r^2 n / (N p) are the sum over them of r^2 / p, over N.
void GatedPoints::gather(const PointSet& all, const std::vector<Taken>& taken) {
  std::vector<std::int64_t> counts = assembly_.counts;
  for (std::size_t g = 0; g < parts_.size(); ++g) counts[parts_[g].term] = taken[g].count;
  std::vector<std::vector<std::vector<Block>>> blocks;
  if (communicator_.size() > 1) blocks = deal_each_term(counts, assembly_.dealt_by, communicator_.size());
  for (std::size_t t = 0, g = 0; t < all.terms.size(); ++t) {
    if (g == parts_.size() || parts_[g].term != t) {
      points_.terms[t] = all.terms[t];
      continue;
    }
    TermPoints chosen = points_at(all.terms[t], taken[g].positions);
    if (options_.unbiased) weigh(chosen, taken[g].weights);
    if (communicator_.size() > 1) {
      std::vector<std::vector<Block>> of_term;
      for (const auto& of_rank : blocks) of_term.push_back(of_rank[t]);
      chosen = join_points(communicator_, {std::move(chosen)}, of_term);
    } else {
      chosen.blocks = blocks_between(0, chosen.local_count);
    }
    chosen.global_count = std::max<std::int64_t>(taken[g].count, 1);
    points_.terms[t] = std::move(chosen);
    ++g;
  }
}

void GatedPoints::count(const std::vector<Taken>& taken) {
  std::int64_t candidates = 0, trained = 0;
  for (std::size_t g = 0; g < parts_.size(); ++g) {
    candidates += assembly_.counts[parts_[g].term];
    trained += taken[g].count;
  }
  candidates_ += candidates;
  trained_ += trained;
  left_out_ += candidates - trained;
  rate_ = static_cast<double>(trained) / static_cast<double>(candidates);
  controller_.account(rate_);
}

double GatedPoints::account(double loss, const std::vector<double>& weighted) {
  if (warming_up_) return known_ = loss;
  for (std::size_t t = 0, g = 0; t < weighted.size(); ++t) {
    if (g < parts_.size() && parts_[g].term == t)
      ++g;
    else
      full_ += weighted[t] / points_.terms[t].term_weight;
  }
  if (std::isfinite(full_)) known_ = full_;
  return std::isfinite(full_) ? full_ : infinite;
}

GateRecord GatedPoints::record() const {
  GateRecord record;
  record.activation = active() ? rate_ : 1;
  record.saved = 1 - totals().activation();
  record.threshold = controller_.threshold();
  if (known_ < infinite) record.loss = known_;
  return record;
}

GateTotals GatedPoints::totals() const {
  double target = 1;  // of the last stage that has a gate
  for (std::size_t s = 0; s < training_.stages.size(); ++s)
    if (const GateOptions gate = training_.gate_of_stage(s); gate.active()) target = gate.target;
  return {target, candidates_, trained_, scored_};
}

// A sum of hashes: no order, no ranks. Of each hash 30 bits, so that those of 2^30 points of a term add up to a number.
std::int64_t GatedPoints::fingerprint(const PointSet& all, Hashed hashed) const {
  std::int64_t id = 0;
  for (const Part& part : parts_) {
    const TermPoints& points = all.terms[part.term];
    std::vector<const std::vector<double>*> columns = {&points.coordinates};
    if (hashed == Hashed::all)
      columns.insert(columns.end(), {&points.second, &points.weight, &points.quadrature, &points.data, &points.attributes});
    std::vector<double> row;
    for (std::int64_t i = 0; i < points.local_count; ++i) {
      row.clear();
      for (const std::vector<double>* of_kind : columns)
        for (auto k = static_cast<std::size_t>(i); k < of_kind->size(); k += static_cast<std::size_t>(points.local_count))
          row.push_back((*of_kind)[k]);
      id += static_cast<std::int64_t>(XXH3_64bits_withSeed(row.data(), row.size() * sizeof(double), part.term) >> 34);
    }
  }
  communicator_.sum(phase, &id, 1);
  return id;
}

void GatedPoints::check_points(const PointSet& all) {
  if (!active() || scored_at_ < 0) return;
  // Checkpoints of earlier versions know the coordinates alone.
  if (fingerprint(all, Hashed::all) != points_id_ && fingerprint(all, Hashed::coordinates) != points_id_)
    throw Error(Status::storage,
                "the checkpoint's scores (gate) are of other points than this run has: it does not fit; begin anew with "
                "--force");
}

State GatedPoints::state() {
  if (!any_) return {};
  State all = {{"gate/begun", &begun_},           {"gate/scored_at", &scored_at_}, {"gate/points_id", &points_id_},
               {"gate/candidates", &candidates_}, {"gate/trained", &trained_},     {"gate/scored", &scored_},
               {"gate/left_out", &left_out_},     {"gate/loss", &known_}};
  append(all, "gate/controller", controller_.state());
  for (Part& part : parts_) {
    const std::string prefix = "gate/points/" + assembly_.terms[part.term].name + "/";
    const auto column = [&](const char* name, std::vector<double>& values) {
      all.push_back({prefix + name, SharedColumn{&blocks_of(part.term), assembly_.counts[part.term], values.data()}});
    };
    column("residual", part.scores.residual);
    column("before", part.scores.before);
    column("trained_at", part.scores.trained);
    if (training_.gate.significance.gradient > 0) column("gradient", part.scores.gradient);
    all.push_back({prefix + "means", &part.means});
  }
  return all;
}

}  // namespace jetpinn
