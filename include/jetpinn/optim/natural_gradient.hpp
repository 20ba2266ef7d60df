// Natural gradient in the space of residuals: Gauss-Newton on the linearised residuals, damped. With S = W^½ J, s = W^½ r
// and loss = s·s, a step is
//
//   d = -(Sᵀ S + λ I)⁻¹ Sᵀ s   in the space of parameters, or, which is the same,
//   d = -Sᵀ (S Sᵀ + λ I)⁻¹ s   in that of residuals;
//
// the system with fewer unknowns is solved. As energy natural gradient: Müller and Zeinhofer, arXiv:2302.13163; as
// Gauss-Newton in the space of functions: Jnini, Vella and Zeinhofer, arXiv:2402.10680; the kernel S Sᵀ of a batch: Dangel,
// Müller and Zeinhofer, arXiv:2405.15603. Those search along d; here λ is searched, as Levenberg and Marquardt did: the
// matrix is made once a step and costs many times a solution and an evaluation, so the step tries several λ.
#pragma once

#include "jetpinn/optim/optimizer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Unknowns of the system that is solved: parameters, or places of residuals where there are fewer.
struct NaturalGradientSystem {
  std::int64_t parameters = 0, places = 0;
  bool in_parameters() const { return parameters <= places; }
  std::int64_t unknowns() const { return in_parameters() ? parameters : places; }
};

class NaturalGradient : public Optimizer {
 public:
  // Beyond it rank 0 takes minutes for a step.
  static constexpr std::int64_t most_unknowns = 10000;
  // λ over the largest diagonal entry of the matrix.
  static constexpr double first_damping = 1e-3, least_damping = 1e-17, most_damping = 1e9, damping_factor = 10;

  NaturalGradient(const OptimizerOptions& options, std::int64_t size, Communicator* ranks);
  static std::int64_t bytes(std::int64_t size);  // of its vectors, on each rank

  // The parameters lie on the host.
  StepReport step(Objective& objective, RealPlace parameters) override;
  void objective_changed() override;  // the damping stays: it tells how far the linearisation holds
  void restart(double rate_factor) override;
  State state() override;

 private:
  struct Direction;  // d as a function of λ, at the parameters of a step
  StepReport step_on_host(Objective& objective, double* parameters);
  bool search(Objective& objective, Direction& direction, double* parameters, StepReport& report);
  bool lowers(Objective& objective, const std::vector<double>& direction, StepReport& report);

  OptimizerOptions options_;
  std::int64_t size_;
  Communicator* ranks_;
  // [size], replicated; the last four hold nothing that outlives a step
  std::vector<double> gradient_, origin_, trial_, trial_gradient_, best_;
  std::int64_t started_ = 0;  // 1: gradient_ and loss_ are those of the parameters left behind
  double loss_ = 0;
  double damping_ = first_damping;
  double rate_factor_ = 1;  // of every step
};

// Throws Error (usage) where the system has too many unknowns.
void require_unknowns(const NaturalGradientSystem& system);

}  // namespace jetpinn
