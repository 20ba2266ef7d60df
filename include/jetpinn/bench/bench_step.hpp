// One training step against the bound that its matrix products set.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/bench/bench_update.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct BenchStepOptions {
  double seconds = 2;           // measures at least this long ...
  int steps = 10;               // ... and at least this many steps
  double deadline_s = 120;      // of the all-reduce
  GradientSyncOptions sync;     // how gradients are summed
};

// The rate of one product back end: rows x W times W x W, W the widest matrix that sees all channels.
struct BenchProduct {
  std::string backend;
  std::int64_t width = 0, rows = 0;   // rows: of its best chunk
  double rate = 0;                    // FLOP/s
};

struct BenchStepResult {
  int channels = 0;                     // largest over terms
  std::int64_t points = 0;              // over all terms and ranks
  std::string backend, precision;       // in use
  double flop = 0;                      // of the model, this step, largest over ranks
  double bound_s = 0;                   // flop at the best back end's rate
  double step_s = 0;                    // best Adam step over all terms
  double fraction = 0;                  // bound_s / step_s
  double gflops = 0;                    // flop / step_s
  std::map<std::string, double> split;  // share of the time: product, activation, tape, allreduce, other
  std::vector<BenchProduct> products;   // every back end
  SampleSpread spread;                        // s, of all steps; step_s is the least
  MachineDescription machine;
  GraphCounts graphs;                   // on a device
  std::vector<BenchUpdate> updates;     // of stages with a dense optimiser, by bench_update
  double difference = 0, tolerance = 0; // of the gradient on a sample of points, from nested autograd's, over its norm

  bool gradient_verified() const;
  bool verified() const;                // that, and every update
  std::string trouble() const;          // why not; empty: verified

  std::string json() const;             // the contract of docs/performance.md, and the envelope of a BenchReport beside it
  std::string text() const;             // for people
};

// Collective. Points are this rank's. Takes real Adam steps from `parameters`, of which the result is forgotten.
BenchStepResult bench_step(Communicator& communicator, const EngineOptions& options, const Network& network,
                           const std::vector<EngineTerm>& terms, const PointSet& points, std::vector<double> parameters,
                           const BenchStepOptions& bench = {});

}  // namespace jetpinn
