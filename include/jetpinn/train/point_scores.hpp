// What points are worth to a run: the scores by which some of them are chosen (adaptive_points.hpp). Of this rank's points,
// each by itself.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/sampling/adaptive_options.hpp"
#include "jetpinn/sampling/point_key.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

class PointScores {
 public:
  PointScores(const Assembly& assembly, const AdaptiveOptions& options)
      : assembly_(assembly), options_(options) {}  // both outlive it

  // s = sqrt(sum_k w_k r_k^2), as the loss has it.
  std::vector<double> by_residual(Engine& engine, const std::vector<double>& parameters, std::size_t term,
                                  const TermPoints& points) const;
  // sqrt(sum_k w_k var r_k) over an ensemble of networks with perturbed parameters. key: of the round
  std::vector<double> by_uncertainty(Engine& engine, const std::vector<double>& parameters, std::size_t term,
                                     const TermPoints& points, const PointKey& key) const;
  // The place of point i in the tree of cells (residual_cells.hpp).
  std::uint64_t cell_of(const TermPoints& points, std::int64_t i) const;

 private:
  std::vector<double> residuals_of(Engine& engine, const std::vector<double>& parameters, std::size_t term,
                                   const TermPoints& points) const;
  std::vector<double> perturbed(std::vector<double> parameters, std::int64_t member, const PointKey& key) const;

  const Assembly& assembly_;
  const AdaptiveOptions& options_;
};

}  // namespace jetpinn
