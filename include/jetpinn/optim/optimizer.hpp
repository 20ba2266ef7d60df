// Optimisers over one flat fp64 buffer, replicated: their dot products are local. The objective does the only communication,
// but for a matrix whose rows the ranks share. They compute where the parameters lie, on the host or on a device.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/flat_vector.hpp"
#include "jetpinn/optim/objective_linearization.hpp"
#include "jetpinn/optim/parameter_layout.hpp"
#include "jetpinn/optim/schedule.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

class Communicator;

// Global loss and gradient at some parameters; equal bits on every rank.
class Objective {
 public:
  struct Value {
    double loss = 0;
    bool finite = true;   // loss and gradient
  };
  virtual ~Objective() = default;
  virtual std::int64_t size() const = 0;
  virtual Value evaluate(const double* parameters, double* gradient) = 0;   // both [size()], replicated
  Value evaluate(ConstRealPlace parameters, RealPlace gradient);            // the same wherever they lie, both in one memory
  // At some parameters [size()], valid until the objective changes or goes. Collective. Throws Error (usage) where there is
  // none.
  virtual std::unique_ptr<ObjectiveLinearization> linearize(const double* parameters);

 protected:
  // Both lie on a device. An objective that knows of none has the parameters brought here and sends the gradient there.
  virtual Value evaluate_on_device(ConstRealPlace parameters, RealPlace gradient);

 private:
  std::vector<double> parameters_here_, gradient_here_;  // of a device's
};

struct OptimizerOptions {
  std::string kind = "adam";      // adam | adamw | soap | lbfgs | bfgs | ssbroyden | ngd
  ScheduleOptions learning_rate;  // adam, adamw, soap; the others: first trial step is 1 (scaled on the first iteration)
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  std::optional<double> weight_decay;  // adamw, soap
  double decay() const { return weight_decay.value_or(kind == "adamw" ? 1e-2 : 0); }
  double shampoo_beta = 0.95;                // soap: decay of its statistics
  std::int64_t precondition_frequency = 10;  // soap: steps between two bases
  std::int64_t precondition_limit = 1024;    // soap: the longest side of a matrix that has a basis
  double clip = 0;                         // largest gradient norm; 0: none
  int history = 50;                        // lbfgs
  double gradient_tolerance = 0;           // searches: stop when the largest component is not above
  double loss_tolerance = 0;               // searches: stop when the relative loss change of an iteration is not above

  // The inverse Hessian is kept as a matrix of parameters times parameters.
  bool dense() const { return kind == "bfgs" || kind == "ssbroyden"; }
  // Every step solves a system of the linearised residuals.
  bool linearizes() const { return kind == "ngd"; }
  // LibTorch solves such a system, or finds bases of matrices.
  bool decomposes() const { return kind == "soap" || linearizes(); }
  // Their matrices lie on the host, whatever the parameters do.
  bool on_host() const { return dense() || decomposes(); }
  // Every step is a search, which never leaves a higher loss and compares losses that differ in late digits. The others step
  // by a rate, and by any points.
  bool searches() const { return kind == "lbfgs" || dense() || linearizes(); }
};

struct StepReport {
  double loss = 0;               // at the parameters before the step (adam) or after it (line searches)
  double gradient_norm = 0;      // at the same place
  double learning_rate = 0;      // step length of a line search; damping of ngd
  int evaluations = 0;
  bool skipped = false;          // non-finite: parameters unchanged
  std::string finished;          // not empty: why the optimiser cannot go on ("line search failed after restart, ...")
  std::string reason;            // the same in a word or two: line search | gradient is zero | tolerance
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // parameters: in the memory that the optimiser was made for.
  virtual StepReport step(Objective& objective, RealPlace parameters) = 0;
  // The objective is another function from here on (points were resampled): what was remembered of its values is stale.
  virtual void objective_changed() {}
  // The parameters were put back to earlier ones. Past gradients are forgotten, the schedule goes on where it is, and
  // from here on every learning rate (line searches: every first trial step) is multiplied by `rate_factor` > 0, on top of
  // the factors of earlier restarts.
  virtual void restart(double rate_factor) = 0;
  // All that later steps depend on besides the parameters and the objective. Valid as long as the optimiser, on a device
  // until its next step; after `restore` the next step is the one that would have followed the capture, bit for bit.
  virtual State state() = 0;
};

// What `finished` says where the loss does not depend on the parameters, as with all weights zero: no optimiser can move.
std::string zero_gradient(double loss);

// Throws Error (usage) where the network has too many parameters for the optimiser.
void require_size(const OptimizerOptions& options, std::int64_t parameters);
// Bytes that it keeps on one rank; of ngd without its system (train/gauss_newton_memory.hpp).
std::int64_t optimizer_bytes(const OptimizerOptions& options, const ParameterLayout& layout, int rank, int ranks);

// device: where the parameters lie; outlives the optimiser. See OptimizerOptions::on_host.
// ranks: share the matrix of a dense optimiser, and the solution of ngd, and outlive it; null: there is only this one.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
                                          std::int64_t stage_steps, VectorDevice* device = nullptr,
                                          Communicator* ranks = nullptr);

}  // namespace jetpinn
