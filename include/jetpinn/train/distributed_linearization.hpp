// The linearisation over all ranks: each rank visits the chunks of its points, and one all-reduce an operation sums what
// they give. At level `ranks` every chunk's share is added exactly, so that no bit depends on the number of ranks.
//
// The mean of a residual that an integral constraint squares is one residual itself, whose row of J is the mean of the
// points' rows. So such a term has one point here, which rank 0 holds.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/objective_linearization.hpp"
#include "jetpinn/sampling/point_set.hpp"
#include "jetpinn/train/rank_sum.hpp"
#include "jetpinn/train/squared_means.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace jetpinn {

class DistributedLinearization : public ObjectiveLinearization {
 public:
  // Engine and points outlive it and stay as they are; parameters [size] are copied. Collective: an engine without
  // linearisation, or one that fails to tell its residuals, ends it on all ranks. Squared means cost a sum over ranks;
  // without them (with_means) their terms have no point and no residual here, and cost nothing.
  DistributedLinearization(const RankSumSetting& sums, Engine& engine, const PointSet& points, const double* parameters,
                           std::int64_t size, const std::vector<SquaredMean>& squared_means = {}, bool with_means = true);

  std::int64_t terms() const override { return static_cast<std::int64_t>(points_.terms.size()); }
  std::int64_t residual_count() const override;
  std::int64_t local_residuals() const override { return static_cast<std::int64_t>(weights_.size()); }
  std::int64_t local_points(std::int64_t term) const override { return of(term).local_count; }
  std::int64_t residuals_of(std::int64_t term) const override { return residuals_of_[static_cast<std::size_t>(term)]; }
  const std::vector<double>& weights() const override { return weights_; }

  double residuals(double* r) override;
  void times(const double* v, double* product) override;
  void transposed(const double* w, double* product) override;
  void gauss_newton(const double* v, double* product) override;
  void term_gradients(double* gradients) override;
  void kernel_traces(double* traces) override;
  void rows(std::int64_t term, std::int64_t first, std::int64_t count, double* rows) override;
  std::vector<double> normal_matrix() override;
  std::int64_t kernel_places() const override;
  Kernel kernel() override;
  void from_kernel(const double* a, double* product) override;
  // Jᵀ W J [n, n] and Jᵀ W r [n] for the n parameters in `columns` alone, row by row of J.
  void normal_equations(const std::vector<std::int64_t>& columns, double* matrix, double* right);

 private:
  // One chunk's residuals: at(k, i) is where a vector over residuals holds residual k at the chunk's point i.
  struct Chunk {
    std::int64_t term, begin, stride, residuals, points;
    std::int64_t at(std::int64_t k, std::int64_t i) const { return begin + k * stride + i; }
  };
  using Visit = std::function<void(const Chunk&, Linearization&)>;

  // The means of a term's residuals over all points of all ranks, and what stands for them as the term's only point.
  struct Mean {
    std::int64_t term;
    TermPoints point;    // rank 0's
    const double* sums;  // in sums_of_means_
  };
  const Mean* mean_of(std::int64_t term) const;
  const TermPoints& of(std::int64_t term) const {
    const Mean* mean = mean_of(term);
    return mean ? mean->point : points_.terms[static_cast<std::size_t>(term)];
  }
  void add_mean(const SquaredMean& mean, bool with_means);
  void take_means(SquaredMeans& means, RankSum& sum);
  std::int64_t first_residual(std::int64_t term) const { return first_[static_cast<std::size_t>(term)]; }
  void plan();
  void visit(std::int64_t term, const Visit& visit);
  void visit_all(const Visit& visit);
  // visit(chunk, k, i, row): the row of J of residual k at the chunk's point i.
  using VisitRow = std::function<void(const Chunk&, std::int64_t k, std::int64_t i, const double* row)>;
  void visit_rows(const Chunk& chunk, Linearization& linear, const VisitRow& visit) const;
  double root_weight(std::int64_t at) const;
  // [local residuals] in the kernel: each residual of a block has whole panels, the block's points one after the other.
  std::vector<std::int64_t> places() const;
  // W^½ Jᵀ of this rank's residuals, [panels, size, side], in the order of `numbers`.
  std::vector<double> panels_of_kernel(const std::vector<std::int64_t>& places, const std::vector<std::int64_t>& numbers);
  // values = W factor values over one chunk.
  void weigh(const Chunk& chunk, double factor, double* values) const;
  // result [entries] = the sum over ranks of what `visit` adds to `sum`.
  void summed(std::int64_t entries, double* result, const std::function<void(RankSum& sum)>& share);
  // result [entries] = what comes out of a sum that was attempted.
  static void take(RankSum& sum, std::int64_t entries, double* result);

  const RankSumSetting setting_;
  Engine& engine_;
  const PointSet& points_;
  const std::vector<double> parameters_;    // replicated
  std::vector<Mean> means_;
  std::vector<double> sums_of_means_;       // as SquaredMeans adds them, replicated
  std::vector<std::int64_t> residuals_of_;  // [terms] per point
  std::vector<std::int64_t> first_;         // [terms] where a term's residuals begin among this rank's
  std::vector<double> weights_;             // [local residuals] w / N
};

}  // namespace jetpinn
