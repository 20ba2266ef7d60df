#include "jetpinn/bench/bench_gate.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/train/gated_points.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace jetpinn {
namespace {

constexpr std::int64_t settling = 60;  // steps before anything is timed: the threshold comes to its place

// Training of one stage of Adam under a gate of this target.
TrainingOptions training_at(TrainingOptions training, double target) {
  training.gate.target = target;
  training.gate.warm_up = 0;
  training.stages.resize(1);
  training.stages[0] = StageOptions{};
  return training;
}

class GatedSteps {
 public:
  GatedSteps(Communicator& communicator, Engine& engine, const Assembly& assembly, const TrainingOptions& training,
             const std::vector<double>& parameters, const PointSet& points, double deadline_s)
      : engine_(engine),
        points_(points),
        gate_(communicator, assembly, training),
        parameters_(assembly.network.parameters),
        objective_(communicator, engine, points, assembly.network.parameters,
                   static_cast<std::int64_t>(assembly.terms.size()), training.reproducibility == Reproducibility::ranks,
                   deadline_s, {}),
        optimizer_(make_optimizer(OptimizerOptions{}, parameter_layout(assembly.network),
                                  std::numeric_limits<std::int32_t>::max())) {
    parameters_ = parameters;
    gate_.enter(0);
    gate_.begin(0);
  }

  void step() {
    if (gate_.active()) {
      const double begin = wall_seconds();
      objective_.use(gate_.take(points_, step_, engine_, parameters_.values()));
      gate_s += wall_seconds() - begin;
    }
    const StepReport report = optimizer_->step(objective_, parameters_);
    finite = finite && std::isfinite(report.loss);
    ++step_;
  }
  GateTotals totals() const { return gate_.totals(); }

  double gate_s = 0;  // in choosing and scoring
  bool finite = true;

 private:
  Engine& engine_;
  const PointSet& points_;
  GatedPoints gate_;
  PlacedVector parameters_;
  DistributedObjective objective_;
  std::unique_ptr<Optimizer> optimizer_;
  std::int64_t step_ = 0;
};

}  // namespace

double break_even_rate(const std::vector<std::pair<double, double>>& points, double full) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [rate, seconds] : points) n += 1, x += rate, y += seconds, xx += rate * rate, xy += rate * seconds;
  const double slope = (n * xy - x * y) / (n * xx - x * x), start = (y - slope * x) / n;
  if (!(slope > 0)) return start < full ? 1 : 0;
  return std::clamp((full - start) / slope, 0.0, 1.0);
}

BenchReport bench_gate(Communicator& communicator, const EngineOptions& engine_options, const Assembly& assembly,
                       const TrainingOptions& training, const std::vector<double>& parameters,
                       const BenchGateOptions& options) {
  BenchReport report;
  report.benchmark = "gate";
  report.machine = describe_machine(communicator);
  const std::unique_ptr<Engine> engine = make_engine(engine_options, assembly.network, assembly.terms);
  PointSet points;
  communicator.agree("points", [&] { points = make_points(assembly, communicator.rank(), 0); });
  std::vector<double> rates{1};
  rates.insert(rates.end(), options.rates.begin(), options.rates.end());
  double full = 0;
  std::vector<std::pair<double, double>> gated;
  for (const double rate : rates) {
    const TrainingOptions own = training_at(training, rate);
    GatedSteps steps(communicator, *engine, assembly, own, parameters, points, options.deadline_s);
    for (std::int64_t s = 0; s < (rate < 1 ? settling : 2); ++s) steps.step();
    const GateTotals before = steps.totals();
    const double gate_before = steps.gate_s, begin = wall_seconds();
    const std::int64_t refresh = own.gate.refresh;
    std::vector<double> seconds = time_repeats(communicator, "bench", options.timing, [&] {
      for (std::int64_t s = 0; s < refresh; ++s) steps.step();
    });
    const double share = (steps.gate_s - gate_before) / (wall_seconds() - begin);
    for (double& one : seconds) one /= static_cast<double>(refresh);
    GateTotals now = steps.totals();
    now.candidates -= before.candidates, now.trained -= before.trained;
    BenchResult result;
    result.name = "step";
    result.parameters = {{"rate", rate}, {"refresh", refresh}};
    result.seconds = spread_of(seconds);
    if (rate == 1) full = result.seconds.median;
    if (rate < 1) gated.emplace_back(rate, result.seconds.median);
    const double allowed = 0.005 + static_cast<double>(assembly.terms.size()) / static_cast<double>(assembly.points());
    result.verified = steps.finite && std::abs(now.activation() - rate) <= allowed;
    if (!result.verified)
      result.trouble = fmt::format("at rate {:g} {:.4f} of the points were active", rate, now.activation());
    result.figures = {{"activation", now.activation()},
                      {"of_full", result.seconds.median / full},
                      {"scoring", rate < 1 ? share : 0.0},
                      {"samples_saved", 1 - now.activation()}};
    report.results.push_back(std::move(result));
  }
  BenchResult even;
  even.name = "break_even";
  even.seconds = spread_of({full});
  even.figures = {{"rate", break_even_rate(gated, full)}};
  even.verified = true;
  report.results.push_back(std::move(even));
  return report;
}

}  // namespace jetpinn
