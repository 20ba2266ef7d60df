// Every config that is shipped: jets against nested autograd on a few of its points, at initial and at trained parameters.
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/io/point_table.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/twin/machining_rows.hpp"
#include "support/engine_case.hpp"
#include "support/temporary_folder.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>
#include <string>

namespace jetpinn {
namespace {

std::vector<std::filesystem::path> configs() {
  const char* root = std::getenv("JETPINN_SOURCE_DIR");
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(root ? root : ".") / "configs"))
    if (entry.path().extension() == ".toml") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

// The loss over one process' points.
class LocalObjective : public Objective {
 public:
  LocalObjective(Engine& engine, const PointSet& points, std::int64_t size)
      : engine_(engine), points_(points), size_(size) {}
  std::int64_t size() const override { return size_; }
  Value evaluate(const double* parameters, double* gradient) override {
    TermSums sums;
    engine_.loss_and_gradient(Stream{}, parameters, points_, gradient, sums);
    Value value;
    for (double weighted : sums.weighted) value.loss += weighted;
    return value;
  }

 private:
  Engine& engine_;
  const PointSet& points_;
  std::int64_t size_;
};

std::unique_ptr<Engine> engine(EngineKind kind, const Assembly& assembly, const std::string& device = "cpu") {
  EngineOptions options;
  options.device = device;
  options.kind = kind;
  return make_engine(options, assembly.network, assembly.terms);
}

struct Gradient {
  std::vector<double> values;
  TermSums sums;
};

Gradient gradient_of(Engine& engine, const PointSet& points, const std::vector<double>& parameters) {
  Gradient gradient;
  gradient.values.resize(parameters.size());
  engine.loss_and_gradient(Stream{}, parameters.data(), points, gradient.values.data(), gradient.sums);
  return gradient;
}

// The config whose table is generated takes a small one here, and a narrow network, for its own is as large as all others.
std::vector<std::string> made_small(const std::filesystem::path& config, const testing::TemporaryFolder& folder) {
  if (config.stem() != "machining") return {};
  constexpr std::int64_t rows = 24;
  PointTable table;
  for (const DescribedColumn& column : machining_table()) table.names.push_back(column.name);
  const std::vector<double> values = MachiningRows(0).make(0, rows);
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    table.columns.emplace_back();
    for (std::size_t i = c; i < values.size(); i += table.names.size()) table.columns[c].push_back(values[i]);
  }
  write_point_table(folder.file("machining.h5"), table);
  return {"problem.conditions.0.points=" + folder.file("machining.h5"), "problem.conditions.0.holdout=0",
          "problem.conditions.0.holdout_by=", "network.hidden=[32, 32, 32, 16]"};
}

// A config's problem on `points` points of each term, with both engines.
struct Shipped {
  Shipped(const std::filesystem::path& file, std::int64_t points_per_term) {
    Config config = load_config(file.string(), made_small(file, folder));
    Problem problem = build_problem(config.problem);
    for (const Term& term : problem.terms) config.sampling.points[term.name] = points_per_term;
    assembly = assemble(std::move(problem), config.network, config.sampling, config.training.seed, 1);
    points = make_points(assembly, 0, 0);
    jets = engine(EngineKind::jets, assembly);
    reference = engine(EngineKind::reference, assembly);
    parameters.resize(static_cast<std::size_t>(assembly.network.parameters));
    initialize(assembly.network, config.training.seed, parameters.data());
    int order = 0;
    for (const EngineTerm& term : assembly.terms) order = std::max(order, term.program.plan.order());
    tolerance = order <= 2 ? 1e-12 : 1e-11;
  }

  void train(const OptimizerOptions& options, int steps) {
    const auto optimizer = make_optimizer(options, parameter_layout(assembly.network), steps);
    LocalObjective objective(*jets, points, assembly.network.parameters);
    for (int step = 0; step < steps; ++step) {
      const StepReport report = optimizer->step(objective, parameters.data());
      ASSERT_FALSE(report.skipped);
      if (!report.finished.empty()) break;
    }
  }

  testing::TemporaryFolder folder;  // of a table
  Assembly assembly;
  PointSet points;
  std::unique_ptr<Engine> jets, reference;
  std::vector<double> parameters;
  double tolerance = 0;  // the contract of the engines, relative to the sum of the points' gradient norms
};

void expect_same(const Shipped& problem) {
  const Gradient expected = gradient_of(*problem.reference, problem.points, problem.parameters);
  const Gradient actual = gradient_of(*problem.jets, problem.points, problem.parameters);
  const double scale = test::sum_of_point_norms(*problem.jets, problem.points, problem.parameters);
  EXPECT_GT(scale, 0);
  EXPECT_LE(test::distance(actual.values, expected.values), problem.tolerance * scale);
  for (std::size_t t = 0; t < expected.sums.weighted.size(); ++t)
    EXPECT_NEAR(actual.sums.weighted[t], expected.sums.weighted[t], problem.tolerance * expected.sums.weighted[t])
        << "term " << t;
}

TEST(ShippedConfigs, JetsAgreeWithNestedAutograd) {
  const auto files = configs();
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    Shipped problem(file, 12);
    expect_same(problem);
    OptimizerOptions adam;
    adam.learning_rate.start = 1e-2;
    problem.train(adam, 100);
    expect_same(problem);
  }
}

TEST(ShippedConfigs, TheEmulatedDeviceIsTheHost) {
  for (const auto& file : configs()) {
    SCOPED_TRACE(file.filename().string());
    Shipped problem(file, 300);
    const std::unique_ptr<Engine> device = engine(EngineKind::jets, problem.assembly, "emulated");
    const Gradient expected = gradient_of(*problem.jets, problem.points, problem.parameters);
    const Gradient actual = gradient_of(*device, problem.points, problem.parameters);
    const double scale = test::sum_of_point_norms(*problem.jets, problem.points, problem.parameters);
    EXPECT_LE(test::distance(actual.values, expected.values), 1e-13 * scale);
    for (std::size_t t = 0; t < expected.sums.weighted.size(); ++t)
      EXPECT_NEAR(actual.sums.weighted[t], expected.sums.weighted[t], 1e-13 * expected.sums.weighted[t]) << "term " << t;
  }
}

// Where the network fits, a residual is the small difference of large parts, and its relative error is that of the
// parts magnified: no engine is exact to 1e-12 of such a residual. Jets must be as good as exact arithmetic on
// parameters that are off by their last bit.
TEST(ShippedConfigs, JetsAreBackwardStableWhereTheNetworkFits) {
  for (const auto& file : configs()) {
    SCOPED_TRACE(file.filename().string());
    Shipped problem(file, 40);
    OptimizerOptions lbfgs;
    lbfgs.kind = "lbfgs";
    problem.train(lbfgs, 300);
    const Gradient expected = gradient_of(*problem.reference, problem.points, problem.parameters);
    const Gradient actual = gradient_of(*problem.jets, problem.points, problem.parameters);

    std::mt19937 random(1);
    test::Worst uncertainty;  // largest change of the reference under changes of the parameters by half an epsilon
    for (int trial = 0; trial < 4; ++trial) {
      std::vector<double> moved = problem.parameters;
      for (double& p : moved) p *= 1 + (random() & 1 ? 0.5 : -0.5) * std::numeric_limits<double>::epsilon();
      uncertainty.take(test::distance(gradient_of(*problem.reference, problem.points, moved).values, expected.values));
    }
    const double contract =
        problem.tolerance * test::sum_of_point_norms(*problem.jets, problem.points, problem.parameters);
    const double bound = std::max(10 * uncertainty.value(), contract);  // a NaN that comes first stays
    EXPECT_LE(test::distance(actual.values, expected.values), bound);
  }
}

}  // namespace
}  // namespace jetpinn
