// Evaluates residuals, losses and parameter gradients over the points a rank holds.
#pragma once

#include "jetpinn/base/any_device.hpp"
#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/base/types.hpp"
#include "jetpinn/engine/graph_counts.hpp"
#include "jetpinn/engine/linearization.hpp"
#include "jetpinn/layer/layer_range.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

class Communicator;
class ExactSum;  // order-independent accumulation (base/exact_sum.hpp)

struct EngineOptions {
  EngineKind kind = EngineKind::jets;
  Precision precision = Precision::fp64;
  Reproducibility reproducibility = Reproducibility::run;
  std::string product_backend = "auto";   // auto: measured at start-up; libxsmm | libtorch | an engine's backend() of old
  Communicator* ranks = nullptr;          // make their engines together, rank 0 measures for all; null: this one alone
  double product_rate = 0;                // FLOP/s measured then; for a choice that is not measured again
  std::int64_t chunk = 0;                 // points held at once, a divisor of block_points, on a device a
                                          // multiple; 0: from channels and width
  std::string device = "cpu";             // cpu | emulated, of the jets engine
  Stream device_stream = {};              // of the device that it shares with the caller's vectors, and which outlives it;
                                          // the host's: a device of its own
  bool graphs = true;                     // of evaluations on a device (engine/evaluation_graphs.hpp)
  RecomputedLayers recomputed = {};       // whose jets are computed again in reverse instead of kept, in the jets engine;
                                          // linearisations keep all
};

// A term as the engine sees it: the tape's outputs are its residuals. loss = sum over terms of sum_i sum_k w_ki r_ki^2 / N.
// Graph and nodes are what the program was compiled from: the reference engine reads them and nothing of the program.
struct EngineTerm {
  std::string name;
  TermProgram program;
  const ExpressionGraph* graph = nullptr;   // outlives the engine
  std::vector<NodeId> residuals;            // in raw network outputs
};

struct TermSums {
  std::vector<double> weighted;     // [terms] sum over this rank's points of sum_k w_k r_k^2,
                                    // divided by the term's global count
  std::vector<double> unweighted;   // [terms] the same with w = 1, or the points' quadrature weights where they have some
};

struct EngineMemory {
  std::int64_t weights = 0;    // bytes: padded copies of the parameters, transposed ones, their gradients
  std::int64_t channels = 0;   // bytes: layers of one chunk with all their channels, the sweep's work buffers included
  std::int64_t columns = 0;    // bytes: features, coefficients, outputs and residuals of one chunk, of every term
  std::int64_t chunk = 0;      // points, the largest of any term
  std::int64_t total() const { return weights + channels + columns; }
};

// The FLOP model of docs/engine.md: 6 * channels * P per point (P: weights of matrices that see all channels, first and last
// layer left out), and 2 * channels for each of them that is recomputed.
struct CostModel {
  std::vector<double> flop_per_point;   // [terms]
};

// Entries from `first` on of this rank's gradient (in the exact sum: of its first `parameters` entries)
// are final and will be left alone.
using GradientReady = std::function<void(std::int64_t first)>;

// Residuals of a term, unweighted, at some of this rank's points: that of residual k at point first + i lies in
// values[k * count + i].
using ResidualsKnown = std::function<void(int term, std::int64_t first, std::int64_t count, const double* values)>;

class Engine {
 public:
  virtual ~Engine() = default;

  // Called by loss_and_gradient and its exact form while the last points are swept: `first` falls from call to call or
  // stays, and the rest is final when they return. An engine may also call it never. An empty function: nobody listens.
  void when_ready(GradientReady ready) { ready_ = std::move(ready); }

  // Called by loss_and_gradient and its exact form, chunk by chunk; of the exact form no chunk crosses a block. An empty
  // function: nobody listens, and nothing is computed for it.
  void when_residuals(ResidualsKnown known) { residuals_known_ = std::move(known); }

  // Terms that loss_and_gradient and its exact form leave out from now on: somebody else reduces their residuals. Empty:
  // none.
  void leave_out(std::vector<std::size_t> terms) { left_out_ = std::move(terms); }

  // Constants of the stage, for terms that read such: no tape is compiled again. An evaluation whose terms read more of them
  // than there are throws Error (usage).
  void set_constants(std::vector<double> values) { constants_ = std::move(values); }

  // gradient [parameters] is overwritten with this rank's share of dL/dparameters, sums with its
  // shares; nothing is communicated.
  virtual void loss_and_gradient(Stream stream, const double* parameters, const PointSet& points, double* gradient,
                                 TermSums& sums) = 0;

  // Level `ranks`: as above, but every block's gradient and sums are computed alone and added exactly.
  // total has parameters + 2 * terms entries: gradient, weighted, unweighted.
  virtual void loss_and_gradient_exact(Stream stream, const double* parameters, const PointSet& points, ExactSum& total) = 0;

  // The stream of the device that it computes on; of a host: the host's.
  virtual Stream device_stream() const { return {}; }
  // loss_and_gradient and its exact form with vectors on that device. The gradient is there when the stream comes to what is
  // given to it next, sums and the exact total are when they return; for when_ready alike. Throw Error (internal) on a host.
  virtual void loss_and_gradient_on_device(ConstDeviceVector parameters, const PointSet& points, DeviceVector gradient,
                                           TermSums& sums);
  virtual void loss_and_gradient_exact_on_device(ConstDeviceVector parameters, const PointSet& points, ExactSum& total);

  // residuals[k * n + i], n = points.local_count, of one term (unweighted).
  virtual void residuals(Stream stream, const double* parameters, int term, const TermPoints& points, double* residuals) = 0;

  // Residuals and their Jacobian for one term, chunk by chunk: no chunk crosses a block, and where there are no blocks the
  // points count as one. The visitor asks the engine for no other one. Throws Error (usage) where an engine offers none.
  virtual void linearize(Stream stream, const double* parameters, int term, const TermPoints& points,
                         const VisitLinearization& visit);
  virtual int residuals_of(int term) const;   // per point; throws as linearize does

  virtual Precision precision() const { return Precision::fp64; }   // of its arithmetic
  virtual std::string device() const { return "cpu"; }  // where it computes
  virtual std::string backend() const = 0;              // product back ends in use, for logs and the run folder
  virtual std::int64_t pool_bytes() const = 0;          // high-water mark of the engine's buffers
  virtual std::int64_t pool_unused() const { return 0; }   // held by the pool and given to nobody
  virtual std::int64_t chunk() const = 0;               // points held at once
  virtual GraphCounts graphs() const { return {}; }     // zeros on a host
  virtual EngineWork work() const { return {}; }        // done so far, counted from the plan; zeros: not counted
  double product_flop() const { return work().product.flop; }
  virtual double product_rate() const = 0;              // best measured rate of the product back
                                                        // end, FLOP/s (0: not measured)

 protected:
  bool leaves_out(std::size_t term) const { return std::find(left_out_.begin(), left_out_.end(), term) != left_out_.end(); }
  GradientReady ready_;
  ResidualsKnown residuals_known_;
  std::vector<std::size_t> left_out_;
  std::vector<double> constants_;
};

std::unique_ptr<Engine> make_engine(const EngineOptions& options, const Network& network,
                                    const std::vector<EngineTerm>& terms);

CostModel cost_model(const Network& network, const std::vector<EngineTerm>& terms, const RecomputedLayers& recomputed = {});

}  // namespace jetpinn
