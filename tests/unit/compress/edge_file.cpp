#include "jetpinn/compress/edge_file.hpp"

#include "jetpinn/edge/network.hpp"
#include "jetpinn/io/hash.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using testing::expect_error;

struct Sample {
  Problem problem = testing::problem_of({testing::term("heat", "u_t - 0.1*u_xx")}, "", "x*u + sin(t)");
  Network network;
  std::vector<double> parameters;

  explicit Sample(const std::string& kind = "mlp") {
    NetworkOptions options;
    options.kind = kind;
    options.hidden = {9, 9};
    network = make_network(options, problem.symbols.coordinates, 1, problem.lower, problem.upper);
    parameters.resize(static_cast<std::size_t>(network.parameters));
    initialize(network, 1, parameters.data());
  }
  std::string file(Precision precision = Precision::fp64) const {
    return edge_file(problem, network, parameters.data(), {precision, {{"name", "heat"}}});
  }
  ParameterBlock& weight(std::size_t layer) { return network.layers[layer].blocks[0]; }
};

double value_at(const edge::Network& network, double t, double x) {
  const double inputs[] = {t, x};
  double output = 0;
  network.evaluate(inputs, &output);
  return output;
}

void seal(std::string& file) {
  const std::uint64_t hash = hash_of(file.data(), static_cast<std::int64_t>(file.size()) - 8);
  for (std::size_t k = 0; k < 8; ++k) file[file.size() - 8 + k] = static_cast<char>(hash >> (8 * k) & 0xFF);
}

TEST(EdgeFile, SaysWhatItHolds) {
  const Sample sample;
  const std::string file = sample.file();
  const edge::Network network = edge::Network::load(file.data(), file.size());
  EXPECT_EQ(network.inputs(), (std::vector<std::string>{"t", "x"}));
  EXPECT_EQ(network.outputs(), (std::vector<std::string>{"u"}));
  EXPECT_EQ(network.lower(1), -1);
  EXPECT_EQ(network.upper(0), 1);
  EXPECT_EQ(network.bits(), 64);
  EXPECT_EQ(network.fact("name"), "heat");
  EXPECT_EQ(network.fact("colour"), "");
  EXPECT_EQ(network.parameters(), static_cast<std::size_t>(sample.network.parameters));
  EXPECT_EQ(hash_of(file.data(), static_cast<std::int64_t>(file.size()) - 8),
            edge::read_u64(reinterpret_cast<const unsigned char*>(file.data()) + file.size() - 8));
}

TEST(EdgeFile, DamageIsFound) {
  std::string file = Sample().file();
  edge::Network network;
  EXPECT_EQ(network.read(file.data(), file.size()), "");
  file[file.size() / 2] ^= 1;
  EXPECT_NE(network.read(file.data(), file.size()).find("damaged"), std::string::npos);
}

// More inputs than the evaluator differentiates by at once.
TEST(EdgeFile, DerivativesByEveryInput) {
  for (const char* kind : {"mlp", "residual", "modified_mlp", "piratenet"}) {
    Sample sample(kind);
    Problem& problem = sample.problem;
    problem.symbols.coordinates = {"t", "x", "a", "b", "c"};
    problem.lower.assign(5, -1);
    problem.upper.assign(5, 1);
    NetworkOptions options;
    options.kind = kind;
    options.hidden = {9, 9};
    sample.network = make_network(options, problem.symbols.coordinates, 1, problem.lower, problem.upper);
    sample.parameters.resize(static_cast<std::size_t>(sample.network.parameters));
    initialize(sample.network, 1, sample.parameters.data());
    for (std::size_t k = 0; k < sample.parameters.size(); ++k)
      sample.parameters[k] += 0.1 * std::sin(static_cast<double>(k));
    const std::string file = sample.file();
    const edge::Network network = edge::Network::load(file.data(), file.size());
    const std::vector<double> at{0.3, -0.2, 0.7, 0.1, -0.6};
    double u = 0, alone = 0, slopes[5], again[5], curvatures[25], more, less;
    network.differentiate(at.data(), &u, slopes);
    network.evaluate(at.data(), &alone);
    EXPECT_EQ(u, alone) << kind;
    network.differentiate_twice(at.data(), &alone, again, curvatures);
    EXPECT_EQ(u, alone) << kind;
    constexpr double step = 1e-5;
    for (std::size_t d = 0; d < at.size(); ++d) {
      std::vector<double> above = at, below = at;
      above[d] += step;
      below[d] -= step;
      network.evaluate(above.data(), &more);
      network.evaluate(below.data(), &less);
      // differences lose step^2 / 6 of the third derivative, and roundings over step: 1e-10 of u each
      EXPECT_NEAR(slopes[d], (more - less) / (2 * step), 1e-8) << kind << " by " << problem.symbols.coordinates[d];
      EXPECT_GT(std::abs(slopes[d]), 1e-4) << kind;
      EXPECT_EQ(again[d], slopes[d]) << kind;
      double slopes_above[5], slopes_below[5];
      network.differentiate(above.data(), &more, slopes_above);
      network.differentiate(below.data(), &less, slopes_below);
      for (std::size_t e = 0; e < at.size(); ++e) {
        EXPECT_NEAR(curvatures[5 * d + e], (slopes_above[e] - slopes_below[e]) / (2 * step), 1e-8) << kind << d << e;
        EXPECT_EQ(curvatures[5 * d + e], curvatures[5 * e + d]) << kind << d << e;
        EXPECT_GT(std::abs(curvatures[5 * d + e]), 1e-6) << kind << d << e;
      }
    }
  }
}

// What an output transform does not take has no part in derivatives, though its own is infinite there or none.
TEST(EdgeFile, DerivativesOfWhatIsTaken) {
  const auto slopes_of = [](const std::string& transform) {
    Sample sample;
    sample.problem = testing::problem_of({testing::term("heat", "u_t - 0.1*u_xx")}, "", transform);
    const std::string file = sample.file();
    const double at[] = {0.5, -0.25};
    double u = 0;
    std::vector<double> slopes(2), again(2), curvatures(4);
    const edge::Network network = edge::Network::load(file.data(), file.size());
    network.differentiate(at, &u, slopes.data());
    network.differentiate_twice(at, &u, again.data(), curvatures.data());
    EXPECT_EQ(again, slopes) << transform;
    constexpr double step = 1e-5;
    for (int d = 0; transform == "2*t*u" && d < 2; ++d) {
      double above[] = {at[0], at[1]}, below[] = {at[0], at[1]}, slopes_above[2], slopes_below[2];
      above[d] += step;
      below[d] -= step;
      network.differentiate(above, &u, slopes_above);
      network.differentiate(below, &u, slopes_below);
      for (int e = 0; e < 2; ++e)
        EXPECT_NEAR(curvatures[static_cast<std::size_t>(2 * d + e)], (slopes_above[e] - slopes_below[e]) / (2 * step), 1e-8)
            << d << e;
    }
    slopes.insert(slopes.end(), curvatures.begin(), curvatures.end());
    return slopes;
  };
  for (const char* transform :
       {"where(x > 0, sqrt(x), 2*t)*u", "where(x > 0, sqrt(x + 0.25), 2*t)*u", "max(2*t, sqrt(x + 0.25))*u"})
    EXPECT_EQ(slopes_of(transform), slopes_of("2*t*u")) << transform;
}

// Of a matrix without most of its values less is written, and products have the bits of the whole matrix.
TEST(EdgeFile, ZerosAreNotWritten) {
  Sample sample;
  const std::size_t whole = sample.file(Precision::fp32).size();
  double* weight = sample.parameters.data() + sample.weight(2).offset;
  for (int k = 0; k < 81; ++k)
    if (k % 4 != 0) weight[k] = 0;
  const std::string sparse = sample.file(Precision::fp32);
  EXPECT_LT(sparse.size(), whole - 81 * 4 / 2);
  // half of the values and one more: it is written whole, and what is 0 in it is as good as not there
  for (int k = 0; k < 81; ++k) weight[k] = k % 2 == 0 ? 1 / (k + 3.0) : 0;
  const std::string dense = sample.file();
  for (int k = 0; k < 81; ++k) weight[k] = k == 0 ? 0 : weight[k];
  const std::string half = sample.file();
  EXPECT_LT(half.size(), dense.size());
  const double there = value_at(edge::Network::load(half.data(), half.size()), 0.3, 0.7);
  weight[0] = 1e-320;
  const std::string same = sample.file();
  EXPECT_EQ(same.size(), dense.size());
  EXPECT_EQ(there, value_at(edge::Network::load(same.data(), same.size()), 0.3, 0.7));
}

TEST(EdgeFile, ValuesBeyondSinglePrecisionAreRefused) {
  Sample sample;
  sample.parameters[0] = 1e39;
  EXPECT_NO_THROW(sample.file());
  expect_error(Status::usage, {"1e+39", "fp32", "--precision fp64"}, [&] { sample.file(Precision::fp32); });
}

TEST(EdgeFile, LayersThatTheEvaluatorDoesNotKnowAreRefused) {
  Sample sample;
  sample.network.layers[2].kind = "convolution";
  expect_error(Status::usage, {"'convolution'", "jetpinn predict"}, [&] { sample.file(); });
}

// Bytes that were changed on purpose, with a hash that fits: a message, or a network that can be evaluated.
TEST(EdgeFile, ForgedFilesDoNoHarm) {
  for (const char* kind : {"mlp", "piratenet"}) {
    const std::string whole = Sample(kind).file();
    std::mt19937 random(7);
    int refused = 0, taken = 0;
    for (int round = 0; round < 3000; ++round) {
      std::string file = whole;
      for (int changes = 1 + round % 3; changes > 0; --changes) {
        const std::size_t at = 24 + random() % (file.size() - 32);
        file[at] = static_cast<char>(round % 2 == 0 ? random() % 256 : file[at] ^ 1 << random() % 8);
      }
      seal(file);
      edge::Network network;
      if (!network.read(file.data(), file.size()).empty()) {
        ++refused;
        continue;
      }
      ++taken;
      std::vector<double> inputs(17 * network.inputs().size(), 0.5), outputs(17 * network.outputs().size());
      network.evaluate(inputs.data(), outputs.data(), 17);
    }
    EXPECT_GT(refused, 100) << kind;
    EXPECT_GT(taken, 100) << kind;
  }
}

TEST(EdgeFile, DifferencesAreThoseOfTheOutputs) {
  const Sample sample;
  const std::string file = sample.file();
  const edge::Network network = edge::Network::load(file.data(), file.size());
  const std::vector<double> coordinates{0.1, 0.2, 0.3, -0.4};
  const std::vector<double> fields{value_at(network, 0.1, 0.2), value_at(network, 0.3, -0.4) + 0.125};
  const EdgeDifference difference = compare_with_edge(file, coordinates, fields, 2);
  EXPECT_DOUBLE_EQ(difference.largest[0], 0.125);
  EXPECT_EQ(difference.size[0], std::max(std::abs(fields[0]), std::abs(fields[1])));
  EXPECT_TRUE(std::isinf(compare_with_edge(file, coordinates, {NAN, fields[1]}, 2).largest[0]));
  expect_error(Status::storage, {"written with"}, [&] { compare_with_edge(file + "x", coordinates, fields, 2); });
}

}  // namespace
}  // namespace jetpinn
