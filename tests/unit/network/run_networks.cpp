#include "jetpinn/network/run_networks.hpp"

#include "jetpinn/base/error.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace jetpinn {
namespace {

const std::vector<std::string> run_coordinates{"t", "x"}, run_fields{"u", "v", "p"};
const std::vector<double> run_lower{0, -1}, run_upper{2, 1};

NetworkOptions options_of(std::vector<std::int64_t> hidden, std::vector<std::string> given,
                          std::vector<std::string> periodic = {}) {
  NetworkOptions options;
  options.hidden = std::move(hidden);
  options.fields = std::move(given);
  options.periodic = std::move(periodic);
  return options;
}

TEST(RunNetworks, OneNetworkHasAllFieldsInTheirOrder) {
  for (const NetworkOptions& options : {options_of({5}, {}), options_of({5}, {"p", "u", "v"})}) {
    const Network network = make_network(options, run_coordinates, run_fields, run_lower, run_upper);
    const Network plain = make_network(options, run_coordinates, 3, run_lower, run_upper);
    ASSERT_EQ(network.members.size(), 1u);
    EXPECT_EQ(network.members[0].name, "");
    EXPECT_EQ(network.columns(), (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(network.parameters, plain.parameters);
    EXPECT_EQ(network.parts[0].name, "layer 1 of 2");
  }
}

TEST(RunNetworks, MembersHaveTheirFieldsByName) {
  NetworkOptions options;
  options.members = {options_of({5}, {"p", "u"}), options_of({7, 6}, {"v"}, {"x"})};
  const Network network = make_network(options, run_coordinates, run_fields, run_lower, run_upper);
  ASSERT_EQ(network.members.size(), 2u);
  EXPECT_EQ(network.members[0].fields, (std::vector<int>{0, 2}));
  EXPECT_EQ(network.members[1].fields, std::vector<int>{1});
  EXPECT_EQ(network.columns(), (std::vector<int>{0, 2, 1}));
  EXPECT_EQ(network.members[0].name, "u, p");
  EXPECT_EQ(network.parts.back().name, "the output layer of network 'v'");
  EXPECT_EQ(network.features.size(), 2u + 3u);
}

TEST(RunNetworks, MessagesSayWhichNetwork) {
  NetworkOptions options;
  options.members = {options_of({5}, {"u"}), options_of({7, 6}, {"v", "p"})};
  options.members[1].kind = "residual";
  testing::expect_error(Status::usage, {"network 'v, p': network.hidden[1] is 6", "one width"},
                        [&] { make_network(options, run_coordinates, run_fields, run_lower, run_upper); });
  options.members[1] = options_of({7}, {"v", "q"});
  testing::expect_error(Status::usage, {"'q', which is no field"},
                        [&] { make_network(options, run_coordinates, run_fields, run_lower, run_upper); });
}

TEST(RunNetworks, PeriodicIsWhatAllNetworksAre) {
  EXPECT_EQ(periodic_in_all(options_of({5}, {}, {"x"})), std::vector<std::string>{"x"});
  NetworkOptions options;
  options.members = {options_of({5}, {"u"}, {"t", "x"}), options_of({5}, {"v", "p"}, {"x"})};
  EXPECT_EQ(periodic_in_all(options), std::vector<std::string>{"x"});
  options.members[1].periodic.clear();
  EXPECT_TRUE(periodic_in_all(options).empty());
}

}  // namespace
}  // namespace jetpinn
