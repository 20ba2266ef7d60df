#include "jetpinn/infer/predict.hpp"

#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/worst.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

namespace jetpinn {
namespace {

using testing::SharedFolder;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

struct Sample {
  Problem problem;
  Network network;
  std::vector<double> parameters;

  Sample() {
    problem.symbols.coordinates = {"t", "x"};
    problem.symbols.time = 0;
    problem.symbols.fields = {"u"};
    problem.lower = {0, -1};
    problem.upper = {1, 1};
    problem.outputs = {problem.graph.field(0)};
    NetworkOptions options;
    options.hidden = {7, 5};
    network = make_network(options, problem.symbols.coordinates, 1, problem.lower, problem.upper);
    parameters.resize(static_cast<std::size_t>(network.parameters));
    initialize(network, 3, parameters.data());
  }

  // Plain loops, one point.
  double value(double t, double x) const {
    std::vector<double> h;
    for (const Feature& feature : network.features) h.push_back(feature.derivative(0, feature.coordinate == 0 ? t : x));
    const auto weights = blocks_named(network, "weight"), biases = blocks_named(network, "bias");
    for (std::size_t l = 0; l < weights.size(); ++l) {
      const std::int64_t inputs = weights[l]->shape[0], outputs = weights[l]->shape[1];
      std::vector<double> z(parameters.begin() + biases[l]->offset, parameters.begin() + biases[l]->offset + outputs);
      for (std::int64_t i = 0; i < inputs; ++i)
        for (std::int64_t o = 0; o < outputs; ++o) z[o] += h[i] * parameters[weights[l]->offset + i * outputs + o];
      if (l + 1 < weights.size())
        for (double& unit : z) unit = std::tanh(unit);
      h = z;
    }
    return h[0];
  }

  Prediction predict_with(PredictOptions options) {
    options.engine.ranks = &test::world();
    return predict(test::world(), problem, network, parameters.data(), options);
  }
};

// Sums of at most 10 products per layer, three layers; the engine's tanh is good to 4e-15.
constexpr double tolerance = 100 * epsilon;

TEST(Predict, KeepsTheOrderOfTheGivenPoints) {
  Communicator& world = test::world();
  const SharedFolder folder;
  Sample sample;
  // More rows than one round takes on four ranks, in no order.
  constexpr std::int64_t rows = 40001;
  PointTable points;
  points.names = {"x", "t"};
  points.columns.resize(2);
  for (std::int64_t i = 0; i < rows; ++i) {
    points.columns[0].push_back(std::sin(1.0 * static_cast<double>(i)));
    points.columns[1].push_back(static_cast<double>(i * 7919 % rows) / rows);
  }
  world.agree("test", [&] { if (world.root()) write_point_table(folder.file("points.h5"), points); });
  PredictOptions options;
  options.points_file = folder.file("points.h5");
  options.output = folder.file("out.h5");
  const Prediction prediction = sample.predict_with(options);
  EXPECT_EQ(prediction.rows, rows);
  EXPECT_EQ(prediction.datasets, (std::vector<std::string>{"t", "x", "u"}));
  if (!world.root()) return;
  const PointTable table = read_point_table(folder.file("out.h5"), {"t", "x", "u"});
  EXPECT_EQ(table.column("x"), points.columns[0]);
  EXPECT_EQ(table.column("t"), points.columns[1]);
  test::Worst worst;
  for (std::int64_t i = 0; i < rows; ++i)
    worst.take(std::abs(table.column("u")[i] - sample.value(points.columns[1][i], points.columns[0][i])));
  EXPECT_LE(worst.value(), tolerance);
}

TEST(Predict, GridsAndQuantities) {
  Communicator& world = test::world();
  const SharedFolder folder;
  Sample sample;
  PredictOptions options;
  options.grid = "t=0:1:5,x=-1:1:33";
  options.quantities = "u, u_x, d(u*u, x)/2, x, u_t*0 + t";
  options.output = folder.file("out.h5");
  const Prediction prediction = sample.predict_with(options);
  EXPECT_EQ(prediction.datasets, (std::vector<std::string>{"t", "x", "u", "u_x", "d(u*u, x)_over_2", "u_t*0 + t"}));
  if (!world.root()) return;
  const PointTable table = read_point_table(folder.file("out.h5"), prediction.datasets);
  ASSERT_EQ(table.rows(), 165);
  constexpr double h = 1e-5;   // central difference: error h^2 u_xxx / 6 + epsilon u / h
  for (std::int64_t i = 0; i < 165; ++i) {
    const double t = static_cast<double>(i / 33) / 4, x = -1 + 2 * (static_cast<double>(i % 33) / 32);
    EXPECT_EQ(table.columns[0][i], t);
    EXPECT_EQ(table.columns[1][i], x);
    EXPECT_NEAR(table.columns[2][i], sample.value(t, x), tolerance);
    EXPECT_NEAR(table.columns[3][i], (sample.value(t, x + h) - sample.value(t, x - h)) / (2 * h), 1e-8);
    EXPECT_NEAR(table.columns[4][i], table.columns[2][i] * table.columns[3][i], tolerance);
    EXPECT_EQ(table.columns[5][i], t);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);   // no temporary file stays
}

TEST(Predict, BadRequestsAreRefusedOnEveryRank) {
  const SharedFolder folder;
  Sample sample;
  const auto refuse = [&](const PredictOptions& options) {
    testing::expect_error(Status::usage, {}, [&] { sample.predict_with(options); });
  };
  PredictOptions options;
  options.output = folder.file("out.h5");
  refuse(options);   // no points at all
  options.grid = "t=0:1:5,x=-1:1:33";
  options.points_file = folder.file("points.h5");
  refuse(options);   // both
  options.grid.clear();
  refuse(options);   // no such file
  options.points_file.clear();
  options.grid = "t=0:1:5";
  refuse(options);
  options.grid = "t=0:1:5,x=-1:1:33";
  options.quantities = "u, u";
  refuse(options);
  options.quantities = "v";
  refuse(options);
  options.quantities = "";
  options.output = folder.file("nowhere/out.h5");
  refuse(options);
  EXPECT_TRUE(!test::world().root() || std::filesystem::is_empty(folder.path()));
}

TEST(Predict, SlashesInNamesAreWrittenOut) {
  EXPECT_EQ(dataset_name("u_x/u"), "u_x_over_u");
  EXPECT_EQ(dataset_name("a / b / c"), "a _over_ b _over_ c");
}

}  // namespace
}  // namespace jetpinn
