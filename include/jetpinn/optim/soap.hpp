// SOAP (Vyas et al., arXiv:2409.11321, algorithm 3): Adam in the eigenbasis of Shampoo's preconditioner. For a weight matrix
// with gradient G, and Ql and Qr the eigenvectors of L and R (optim/kronecker_basis.hpp),
//
//   G' = Qlᵀ G Qr,  D' = the step of Adam for G',  W <- W + Ql D' Qrᵀ,  L <- b L + (1 - b) G Gᵀ,  R <- b R + (1 - b) Gᵀ G,
//
// and every `precondition_frequency` steps Ql <- Q of the QR factors of L Ql, Qr likewise (algorithm 4). What differs: the
// first step is taken, in the basis of its own gradient, where the paper's program leaves it out; the first moment is kept
// in the basis and turned with it, which is the same up to rounding; columns are ordered by their eigenvalues before the QR
// factors, as in that program. Vectors, and numbers of the expressions, are Adam's.
#pragma once

#include "jetpinn/optim/adam.hpp"
#include "jetpinn/optim/kronecker_basis.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

class Communicator;

class Soap : public Optimizer {
 public:
  // ranks: rank 0 makes the bases for all, because LibTorch promises no bits across processes; null: there is only this one.
  Soap(const OptimizerOptions& options, const ParameterLayout& layout, std::int64_t stage_steps, Communicator* ranks);
  static std::int64_t bytes(const OptimizerOptions& options, const ParameterLayout& layout);  // on each rank

  // The parameters lie on the host. The report is Adam's for the rotated gradient, whose norm is that of the gradient.
  StepReport step(Objective& objective, RealPlace parameters) override;
  void restart(double rate_factor) override;
  State state() override;

 private:
  struct Rotated;  // the objective in the basis
  struct Part {
    std::int64_t begin, numbers;  // in the parameters; in the bases
    KroneckerBasis basis;
  };
  StepReport step_on_host(Objective& objective, double* parameters);
  void begin();                    // bases from the first gradient
  void refresh();                  // bases from the statistics by a power iteration; the moments follow
  void bases_on_root(bool first);  // next_ becomes orthonormal, and the same on all ranks

  OptimizerOptions options_;
  std::int64_t size_;
  Communicator* ranks_;
  WeightDecay decay_;
  Adam adam_;
  std::vector<Part> parts_;                       // matrices that have a basis
  std::vector<std::int64_t> sides_;               // of all parts
  std::vector<double> statistics_, bases_;        // the sides' squares, one behind the other, replicated
  std::vector<double> next_;                      // the same, scratch
  std::vector<double> gradient_, step_, moment_;  // [size], replicated, scratch
};

}  // namespace jetpinn
