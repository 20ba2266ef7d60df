// What a step costs under a gate, by the share of the points that it trains, and where a gate breaks even.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <utility>
#include <vector>

namespace jetpinn {

struct BenchGateOptions {
  std::vector<double> rates{0.5, 0.25, 0.12, 0.06, 0.03};  // targets; the step of all points is measured beside them
  BenchTiming timing{0.5, 5};
  double deadline_s = 120;
};

// A result "step" per rate, 1 first: s of a step of Adam with its share of the scoring, a repetition being gate.refresh
// steps. Figures: activation (measured), of_full (its time over that of rate 1), scoring (share of the time that a scoring
// takes), samples_saved. Then "break_even": with the line t = a + b rate through the rates below 1 by least squares, the
// rate below which a gated step is faster than a full one (1: at all of them; 0: at none). Verified: the activation is
// within 0.005 and one point of each term of its target, and losses are finite. training: its gate is taken but for target
// and warm-up. Collective.
BenchReport bench_gate(Communicator& communicator, const EngineOptions& engine, const Assembly& assembly,
                       const TrainingOptions& training, const std::vector<double>& parameters,
                       const BenchGateOptions& options = {});

// points: rates below 1 and their seconds, two at least; full: seconds of a step of all points.
double break_even_rate(const std::vector<std::pair<double, double>>& points, double full);

}  // namespace jetpinn
