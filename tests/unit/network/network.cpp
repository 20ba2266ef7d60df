#include "jetpinn/network/network.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace jetpinn {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
const std::vector<std::string> coordinates{"t", "x"};
const std::vector<double> lower{0, -3}, upper{2, 1};

Network example(NetworkOptions options, int fields = 1) { return make_network(options, coordinates, fields, lower, upper); }

std::string message_of(const NetworkOptions& options, const std::vector<double>& last = upper) {
  try {
    make_network(options, coordinates, 1, lower, last);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  return "";
}

TEST(Network, LayersShareOneFlatBufferWithoutGaps) {
  NetworkOptions options;
  options.hidden = {5, 7};
  const Network network = example(options, 3);
  const auto weights = blocks_named(network, "weight"), biases = blocks_named(network, "bias");
  ASSERT_EQ(weights.size(), 3u);
  ASSERT_EQ(biases.size(), 3u);
  ASSERT_EQ(network.parts.size(), 3u);
  const std::int64_t widths[] = {2, 5, 7, 3};
  std::int64_t next = 0;
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_EQ(weights[l]->shape, (std::vector<std::int64_t>{widths[l], widths[l + 1]}));
    EXPECT_EQ(biases[l]->shape, std::vector<std::int64_t>{widths[l + 1]});
    EXPECT_EQ(weights[l]->offset, next);
    EXPECT_EQ(biases[l]->offset, next + weights[l]->size());
    EXPECT_EQ(network.parts[l].begin, next);
    next = biases[l]->offset + biases[l]->size();
    EXPECT_EQ(network.parts[l].end, next);
  }
  EXPECT_EQ(network.parameters, next);
}

TEST(Network, LayersReadTheOnesBeforeThem) {
  NetworkOptions options;
  options.hidden = {5, 7};
  const Network network = example(options, 3);
  std::vector<std::string> kinds;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    kinds.push_back(layer.kind);
    EXPECT_EQ(layer.inputs, l == 0 ? std::vector<int>{} : std::vector<int>{static_cast<int>(l) - 1});
    EXPECT_EQ(layer.part, static_cast<int>(l) / 2);
    if (l > 0) {
      EXPECT_EQ(layer.input_units, network.layers[l - 1].units);
    }
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"input", "activation", "linear", "activation", "output"}));
  EXPECT_EQ(network.parts[1].name, "layer 2 of 3");
  EXPECT_EQ(network.parts[2].name, "the output layer");
}

TEST(Network, MembersFollowOneAnotherInOneBuffer) {
  NetworkOptions small, large;
  small.hidden = {5};
  large.hidden = {7, 6};
  large.periodic = {"x"};
  const Network network = make_networks({{small, "a", {2, 0}}, {large, "b", {1}}}, coordinates, lower, upper);
  EXPECT_EQ(network.fields, 3);
  EXPECT_EQ(network.columns(), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(network.features.size(), 2u + 3u);
  EXPECT_EQ(network.parameters, (2 * 5 + 5 + 5 * 2 + 2) + (3 * 7 + 7 + 7 * 6 + 6 + 6 * 1 + 1));
  EXPECT_EQ(network.members_of({false, true, false}), (std::vector<bool>{false, true}));
  EXPECT_EQ(network.members_of({true, false, false}), (std::vector<bool>{true, false}));

  ASSERT_EQ(network.layers.size(), 3u + 5u);
  const Layer &input = network.layers[3], &output = network.layers[7];
  EXPECT_EQ(input.kind, "input");
  EXPECT_EQ(input.first_feature, 2);
  EXPECT_EQ(input.input_units, 3);
  EXPECT_EQ(input.blocks[0].offset, 27);
  EXPECT_EQ(output.kind, "output");
  EXPECT_EQ(output.first_column, 2);
  EXPECT_EQ(network.layers[2].first_column, 0);
  EXPECT_EQ(network.layers[2].units, 2);
  EXPECT_EQ(network.parts[0].name, "layer 1 of 2 of network 'a'");
  EXPECT_EQ(network.parts[2].name, "layer 1 of 3 of network 'b'");
}

TEST(Network, RefusesFieldsOfNoneOrTwoMembers) {
  const auto message = [](const std::vector<std::vector<int>>& fields) -> std::string {
    std::vector<MemberOptions> members;
    for (std::size_t m = 0; m < fields.size(); ++m) members.push_back({{}, std::string(1, "ab"[m]), fields[m]});
    try {
      make_networks(members, coordinates, lower, upper);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{0}, {1, 0}}),
            "network 'b' gives field 1, which another gives already; a field belongs to one network");
  EXPECT_EQ(message({{0}, {2}}), "field 2 belongs to no network");
  EXPECT_EQ(message({{0}, {}}), "network 'b' gives no field");
  EXPECT_EQ(message({{1}, {0}}), "");
}

TEST(Network, LinearFeaturesSpanMinusOneToOne) {
  const Network network = example({});
  ASSERT_EQ(network.features.size(), 2u);
  for (std::size_t d = 0; d < 2; ++d) {
    const Feature& feature = network.features[d];
    EXPECT_EQ(feature.coordinate, static_cast<int>(d));
    // two roundings of terms up to 3
    EXPECT_NEAR(feature.derivative(0, lower[d]), -1, 6 * epsilon);
    EXPECT_NEAR(feature.derivative(0, upper[d]), 1, 6 * epsilon);
    EXPECT_EQ(feature.derivative(1, 0.3), 2 / (upper[d] - lower[d]));
    EXPECT_EQ(feature.derivative(2, 0.3), 0);
  }
}

TEST(Network, PeriodicCoordinatesBecomeCosineAndSine) {
  NetworkOptions options;
  options.periodic = {"x"};
  const Network network = example(options);
  ASSERT_EQ(network.features.size(), 3u);
  EXPECT_EQ(network.layers[0].input_units, 3);
  const double turn = 2 * std::numbers::pi / 4;   // per unit of x
  for (std::size_t f : {1u, 2u}) {
    const Feature& feature = network.features[f];
    EXPECT_EQ(feature.coordinate, 1);
    for (int k = 0; k <= 5; ++k) {
      const double scale = std::pow(turn, k);
      // d^k cos(y) = cos(y + k pi/2); the argument is rounded at magnitude 2 pi + 3 turn
      for (double x : {-3.0, -1.25, 0.4, 0.99}) {
        const double phase = turn * (x + 3) + (k - (f == 2 ? 1 : 0)) * std::numbers::pi / 2;
        EXPECT_NEAR(feature.derivative(k, x), scale * std::cos(phase), 40 * epsilon * scale) << f << " " << k << " " << x;
      }
      EXPECT_NEAR(feature.derivative(k, lower[1]), feature.derivative(k, upper[1]), 40 * epsilon * scale);
    }
  }
}

TEST(Network, DerivativesOfFeaturesFollowEachOther) {
  NetworkOptions options;
  options.periodic = {"t"};
  const double h = 1e-5;
  for (const Feature& feature : example(options).features)
    for (int k = 0; k < 5; ++k) {
      const double difference = (feature.derivative(k, 0.7 + h) - feature.derivative(k, 0.7 - h)) / (2 * h);
      const double scale = std::pow(std::numbers::pi, k + 3);   // bounds the third derivative of the k-th
      EXPECT_NEAR(feature.derivative(k + 1, 0.7), difference, scale * (h * h + 10 * epsilon / h));
    }
}

TEST(Network, RefusesWhatItCannotBuild) {
  NetworkOptions options;
  options.periodic = {"z"};
  EXPECT_NE(message_of(options).find("'z'"), std::string::npos);
  EXPECT_NE(message_of(options).find("t, x"), std::string::npos);
  options = {};
  options.hidden = {8, 0};
  EXPECT_NE(message_of(options).find("network.hidden[1] is 0"), std::string::npos);
  options.hidden = {};
  EXPECT_NE(message_of(options).find("network.hidden is empty"), std::string::npos);
  options = {};
  options.kind = "transformer";
  EXPECT_NE(message_of(options).find("mlp"), std::string::npos);
  EXPECT_NE(message_of({}, {2, -3}).find("'x'"), std::string::npos);
  EXPECT_EQ(message_of({}), "");
}

TEST(Glorot, IsAPureFunctionOfSeedAndIndex) {
  NetworkOptions options;
  options.hidden = {16, 16};
  const Network network = example(options);
  std::vector<double> a(static_cast<std::size_t>(network.parameters), -7), b = a, c = a;
  initialize(network, 1, a.data());
  initialize(network, 1, b.data());
  initialize(network, 2, c.data());
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  // A longer network begins with the same weights wherever a layer has the same shape at the same place.
  options.hidden = {16, 16, 4};
  const Network longer = example(options);
  std::vector<double> d(static_cast<std::size_t>(longer.parameters));
  initialize(longer, 1, d.data());
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + network.parts[2].begin, d.begin()));
}

TEST(Glorot, FrequenciesHaveASeedOfTheirOwn) {
  NetworkOptions options;
  options.fourier_features = 5;
  const auto frequencies = [&](std::uint64_t seed) {
    const Network network = example(options);
    std::vector<double> p(static_cast<std::size_t>(network.parameters));
    initialize(network, seed, p.data());
    const ParameterBlock& block = *blocks_named(network, "weight")[0];
    EXPECT_FALSE(block.trained);
    return std::vector<double>(p.begin() + block.offset, p.begin() + block.offset + block.size());
  };
  EXPECT_NE(frequencies(1), frequencies(2));
  options.fourier_seed = 9;
  const std::vector<double> nine = frequencies(1);
  EXPECT_EQ(nine, frequencies(2));
  options.fourier_seed = 10;
  EXPECT_NE(nine, frequencies(1));
}

TEST(Glorot, WeightsAreNormalWithTheLayersVarianceAndBiasesZero) {
  NetworkOptions options;
  options.hidden = {100, 300};
  const Network network = example(options);
  std::vector<double> p(static_cast<std::size_t>(network.parameters));
  initialize(network, 3, p.data());
  for (const ParameterBlock* bias : blocks_named(network, "bias"))
    for (std::int64_t j = 0; j < bias->size(); ++j) EXPECT_EQ(p[static_cast<std::size_t>(bias->offset + j)], 0);
  const ParameterBlock& weight = *blocks_named(network, "weight")[1];
  const std::int64_t n = weight.size();
  double moment[5] = {};
  for (std::int64_t i = 0; i < n; ++i)
    for (int k = 1; k <= 4; ++k)
      moment[k] += std::pow(p[static_cast<std::size_t>(weight.offset + i)] / std::sqrt(2.0 / 400), k) / n;
  // Five standard deviations of each sample moment: variances 1, 2, 15, 96 over n.
  const double bound = 5 / std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(moment[1], 0, bound);
  EXPECT_NEAR(moment[2], 1, bound * std::sqrt(2.0));
  EXPECT_NEAR(moment[3], 0, bound * std::sqrt(15.0));
  EXPECT_NEAR(moment[4], 3, bound * std::sqrt(96.0));
}

TEST(Glorot, SeedsAboveThirtyTwoBitsCount) {
  const Network network = example({});
  std::vector<double> a(static_cast<std::size_t>(network.parameters)), b = a;
  initialize(network, 5, a.data());
  initialize(network, 5 + (std::uint64_t{1} << 40), b.data());
  EXPECT_NE(a[0], b[0]);
}

TEST(Activation, NamesAreThoseOfTheConfig) {
  EXPECT_STREQ(to_string(Activation::tanh), "tanh");
  EXPECT_STREQ(to_string(Activation::sin), "sin");
  EXPECT_STREQ(to_string(Activation::silu), "silu");
  EXPECT_STREQ(to_string(Activation::gelu), "gelu");
  EXPECT_STREQ(to_string(Activation::softplus), "softplus");
}

}  // namespace
}  // namespace jetpinn
