#include "jetpinn/train/gauss_newton_memory.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/engine_memory.hpp"
#include "jetpinn/train/adaptive_plan.hpp"
#include "jetpinn/train/tile_triangle.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

constexpr std::int64_t real = sizeof(double), side = TileTriangle::side;

// Which has one residual of each kind, over all its points.
bool is_mean(const Assembly& assembly, std::size_t term) {
  return assembly.problem->terms[term].reduction == Reduction::square_of_mean;
}

struct LocalRows {
  std::int64_t residuals = 0, panels = 0, of_a_point = 0;  // of this rank; the largest over terms
};

LocalRows local_rows(const Assembly& assembly, std::size_t stage, int rank) {
  const std::vector<std::vector<Block>>& blocks = assembly.stage_points(stage).blocks[static_cast<std::size_t>(rank)];
  const std::vector<Block> one_point{{0, 1}}, none;
  LocalRows rows;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const std::int64_t residuals = assembly.terms[t].program.residuals();
    rows.of_a_point = std::max(rows.of_a_point, residuals);
    std::int64_t of_term = 0, panels = 0;
    for (const Block& block : !is_mean(assembly, t) ? blocks[t] : rank == 0 ? one_point : none) {
      of_term += residuals * block.count;
      panels += kernel_panels(block.count, residuals);
    }
    rows.residuals += with_room(assembly, grown(assembly, t, of_term), residuals * block_points);
    rows.panels += with_room(assembly, grown(assembly, t, panels), kernel_panels(block_points, residuals));
  }
  return rows;
}

}  // namespace

// Kept; limbs, a chunk's share, the sum, what travels; beside them, of a chunk, what the engine's linearisation counts.
std::int64_t plan_means_memory(const Assembly& assembly, const TrainingOptions& training) {
  const bool exact = training.reproducibility == Reproducibility::ranks;
  return real * SquaredMeans::entries(squared_means(assembly), assembly.network.parameters) *
         (1 + (exact ? ExactSum::limbs + 3 : 2));
}

NaturalGradientSystem gauss_newton_system(const Assembly& assembly, std::size_t stage) {
  std::int64_t panels = 0;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    panels += kernel_panels(is_mean(assembly, t) ? 1 : grown(assembly, t, assembly.stage_points(stage).counts[t]),
                            assembly.terms[t].program.residuals());
  return {assembly.network.parameters, panels * side};
}

std::int64_t plan_gauss_newton_memory(const Assembly& assembly, const TrainingOptions& training, std::size_t stage,
                                      int rank) {
  const NaturalGradientSystem system = gauss_newton_system(assembly, stage);
  const LocalRows rows = local_rows(assembly, stage, rank);
  const std::int64_t size = system.parameters, unknowns = system.unknowns(), panels = TileTriangle::panels_of(unknowns);
  const bool exact = training.reproducibility == Reproducibility::ranks && system.in_parameters();
  const std::int64_t copies = exact ? ExactSum::limbs + 3 : 2;  // limbs, a chunk's share, the sum, what travels
  const std::int64_t of_rows = system.in_parameters() ? rows.of_a_point * block_points * panels * side  // of a chunk
                                                      : (rows.panels + 1) * side * size;
  const std::int64_t numbers = TileTriangle::entries_of(panels) * copies + of_rows + rows.of_a_point * size +
                               4 * rows.residuals + (rank == 0 ? 3 * unknowns * unknowns : 0);
  return plan_linearization_memory(training.engine, Precision::fp64, assembly.network, assembly.terms) + real * numbers +
         plan_means_memory(assembly, training);
}

}  // namespace jetpinn
