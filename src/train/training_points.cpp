#include "jetpinn/train/training_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/sampling/joined_points.hpp"
#include "jetpinn/train/term_points.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

TrainingPoints::TrainingPoints(const Assembly& assembly, int rank) : assembly_(assembly), rank_(rank) {
  points_.terms.resize(assembly.terms.size());
  make_room();
}

void TrainingPoints::make_room() {
  for (std::size_t t = 0; t < points_.terms.size(); ++t)
    if (is_kept(assembly_, t)) points_.terms[t] = make_term_room(assembly_, t, rank_);
}

void TrainingPoints::begin_kept() {
  const ScopedRegion region(Region::sampling);
  for (std::size_t t = 0; t < points_.terms.size(); ++t)
    if (is_kept(assembly_, t)) points_.terms[t] = make_term_points(assembly_, t, rank_, 0);
}

void TrainingPoints::weigh_kept() {
  const ScopedRegion region(Region::sampling);
  for (std::size_t t = 0; t < points_.terms.size(); ++t) {
    if ((is_stored(assembly_, t) && is_kept(assembly_, t)) ||
        (is_adaptive(assembly_, t) && assembly_.sampling.adaptive.weighs()))
      points_.terms[t] = make_term_points(assembly_, t, rank_, 0);
    else if (is_adaptive(assembly_, t))
      weigh_points(assembly_, t, points_.terms[t]);
  }
}

void TrainingPoints::draw() {
  const ScopedRegion region(Region::sampling);
  std::vector<std::optional<TermPoints>> next(points_.terms.size());   // all of them, or the last ones stay
  for (std::size_t t = 0; t < next.size(); ++t)
    if (!is_kept(assembly_, t) && !is_streamed(assembly_, t))
      next[t] = make_term_points(assembly_, t, rank_, static_cast<std::uint32_t>(epoch_));
  for (std::size_t t = 0; t < next.size(); ++t)
    if (next[t]) points_.terms[t] = std::move(*next[t]);
}

bool TrainingPoints::resampling_is_due(std::int64_t step) const {
  const std::int64_t every = assembly_.chosen.resample_every;
  return every > 0 && step > 0 && step % every == 0;
}

bool TrainingPoints::resample_if_due(std::int64_t step) {
  if (!resampling_is_due(step)) return false;
  ++epoch_;
  draw();
  return true;
}

TermPoints& TrainingPoints::kept(std::size_t term) {
  JETPINN_CHECK(is_kept(assembly_, term), "term " + assembly_.terms[term].name);
  return points_.terms[term];
}

void TrainingPoints::exchange(Communicator& communicator, const RankBlocks& blocks) {
  for (std::size_t t = 0; t < points_.terms.size(); ++t)
    if (is_kept(assembly_, t)) points_.terms[t] = join_points(communicator, {points_.terms[t]}, of_term(blocks, t));
}

// Weights are kept as they are used, the term's own ones multiplied in.
State point_state(const Assembly& assembly, std::size_t term, TermPoints& points) {
  const SourceColumns names = source_columns(assembly, term);
  State state;
  const auto add = [&](const std::string& name, std::vector<double>& values, std::size_t number) {
    double* column = values.data() + static_cast<std::int64_t>(number) * points.local_count;
    state.push_back({name, SharedColumn{&points.blocks, points.global_count, column}});
  };
  const auto& coordinates = assembly.problem->symbols.coordinates;
  for (std::size_t d = 0; d < coordinates.size(); ++d) add("coordinates/" + coordinates[d], points.coordinates, d);
  for (std::size_t d = 0; d < coordinates.size() && names.second; ++d) add("second/" + coordinates[d], points.second, d);
  for (int k = 0; k < points.weight_columns; ++k)
    add("weight/" + std::to_string(k), points.weight, static_cast<std::size_t>(k));
  for (std::size_t k = 0; k < names.attributes.size(); ++k) add("attributes/" + names.attributes[k], points.attributes, k);
  for (std::size_t k = 0; k < names.data.size(); ++k) add("data/" + names.data[k], points.data, k);
  return state;
}

State TrainingPoints::state() {
  State all = {{"epoch", &epoch_}};
  for (std::size_t t = 0; t < points_.terms.size(); ++t)
    if (is_kept(assembly_, t)) append(all, "points/" + assembly_.terms[t].name, point_state(assembly_, t, points_.terms[t]));
  return all;
}

}  // namespace jetpinn
