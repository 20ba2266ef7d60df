#include "jetpinn/infer/predict.hpp"

#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/worst.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <iterator>
#include <limits>

namespace jetpinn {
namespace {

using testing::SharedFolder;

constexpr double rounding = std::numeric_limits<double>::epsilon();

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
constexpr double tolerance = 100 * rounding;

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

// Of an error that all ranks agree on, rank 0 has the words.
std::vector<std::string> on_rank_0(const std::vector<std::string>& words) {
  return test::world().root() ? words : std::vector<std::string>();
}

// x as a parameter: a value for all points, beside a grid or a table that has none.
TEST(Predict, AParameterIsHeldAtAValue) {
  Communicator& world = test::world();
  const SharedFolder folder;
  Sample sample;
  sample.problem.symbols.parameters = 1;
  world.agree("test", [&] {
    if (!world.root()) return;
    write_point_table(folder.file("times.h5"), {{"t"}, {{0, 0.5, 0.25}}});
    write_point_table(folder.file("both.h5"), {{"t", "x"}, {{0}, {0}}});
  });
  PredictOptions options;
  options.at = "x=0.25";
  options.points_file = folder.file("times.h5");
  options.output = folder.file("table.h5");
  EXPECT_EQ(sample.predict_with(options).datasets, (std::vector<std::string>{"t", "x", "u"}));
  PredictOptions grid = options;
  grid.points_file.clear();
  grid.grid = "t=0:1:5";
  grid.output = folder.file("grid.h5");
  EXPECT_EQ(sample.predict_with(grid).outside, 0);
  if (world.root())
    for (const char* name : {"table.h5", "grid.h5"}) {
      const PointTable table = read_point_table(folder.file(name), {"t", "x", "u"});
      EXPECT_EQ(table.rows(), name[0] == 't' ? 3 : 5);
      for (std::size_t i = 0; i < table.columns[0].size(); ++i) {
        EXPECT_EQ(table.columns[1][i], 0.25);
        EXPECT_NEAR(table.columns[2][i], sample.value(table.columns[0][i], 0.25), tolerance) << name;
      }
    }
  // Another value is another prediction, which does not replace this one.
  grid.at = "x=0.5";
  testing::expect_error(Status::usage, on_rank_0({"grid.h5", "there already"}), [&] { sample.predict_with(grid); });
  grid.output = folder.file("beyond.h5");
  grid.at = "x=1.5";
  EXPECT_EQ(sample.predict_with(grid).outside, 5);

  const auto refused = [&](PredictOptions wrong, const std::vector<std::string>& words) {
    wrong.output = folder.file("none.h5");
    testing::expect_error(Status::usage, on_rank_0(words), [&] { sample.predict_with(wrong); });
  };
  options.points_file = folder.file("both.h5");
  refused(options, {"the parameter 'x' is given twice", "both.h5"});
  options.points_file = folder.file("times.h5");
  options.at.clear();
  refused(options, {"times.h5 has no column for the parameter 'x'", "--at x=VALUE"});
  grid.at.clear();
  refused(grid, {"the parameter 'x' has no value", "--at x=VALUE"});
}

}  // namespace
}  // namespace jetpinn
