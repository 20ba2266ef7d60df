#include "jetpinn/config/config.hpp"

#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

// Line numbers matter to the tests that use it.
const std::string two_networks = R"toml([problem]
coordinates = ["x", "y"]
fields      = ["u", "v", "p"]
domain      = { x = [0, 1], y = [0, 1] }

[[problem.equations]]
residual = ["u_x + v_y", "u_xx + u_yy - p_x", "v_xx + v_yy - p_y"]

[[networks]]
fields = ["v", "u"]
hidden = [8, 8]
output = { u = "x*u" }

[[networks]]
fields   = ["p"]
kind     = "modified_mlp"
hidden   = [4, 4]
periodic = ["y"]
fourier  = { features = 3, scale = 2.0, seed = 7 }
slope    = "trainable"
factorized = { stddev = 0.2 }
)toml";

Config two(const std::string& from = "", const std::string& to = "", const std::vector<std::string>& overrides = {}) {
  return parse_config(replaced(two_networks, from, to), "two.toml", overrides);
}

std::string message_of_two(const std::string& from, const std::string& to) {
  return message_of([&] { two(from, to); });
}

TEST(schema_network, several_networks_have_keys_of_their_own) {
  const Config config = two();
  ASSERT_EQ(config.network.members.size(), 2u);
  const NetworkOptions &flow = config.network.members[0], &pressure = config.network.members[1];
  EXPECT_EQ(flow.fields, (std::vector<std::string>{"v", "u"}));
  EXPECT_EQ(flow.kind, "mlp");
  EXPECT_EQ(flow.hidden, (std::vector<std::int64_t>{8, 8}));
  EXPECT_EQ(flow.fourier_features, 0);
  EXPECT_EQ(pressure.fields, std::vector<std::string>{"p"});
  EXPECT_EQ(pressure.kind, "modified_mlp");
  EXPECT_EQ(pressure.hidden, (std::vector<std::int64_t>{4, 4}));
  EXPECT_EQ(pressure.periodic, std::vector<std::string>{"y"});
  EXPECT_EQ(pressure.fourier_features, 3);
  EXPECT_EQ(pressure.fourier_scale, 2);
  EXPECT_EQ(pressure.fourier_seed, 7u);
  EXPECT_FALSE(flow.fourier_seed);
  EXPECT_TRUE(pressure.factors.slope);
  EXPECT_TRUE(pressure.factors.scale);
  EXPECT_EQ(pressure.factors.mean, 1);
  EXPECT_EQ(pressure.factors.deviation, 0.2);
  EXPECT_FALSE(flow.factors.slope || flow.factors.scale);
  EXPECT_EQ(config.problem.output.at("u").text, "x*u");
  EXPECT_EQ(config.problem.output.at("u").line, 12);
}

TEST(schema_network, exponents_of_factors_stay_within_the_numbers) {
  for (const char* factors : {"mean = 1e5", "mean = -800", "stddev = 1e3", "stddev = -1"})
    EXPECT_NE(message_of_two("{ stddev = 0.2 }", "{ " + std::string(factors) + " }").find("is out of range"),
              std::string::npos)
        << factors;
}

TEST(schema_network, resolved_text_reads_back_and_has_no_other_network) {
  const Config config = two();
  EXPECT_EQ(config.resolved.find("[network]"), std::string::npos) << config.resolved;
  const Config again = parse_config(config.resolved, "config.toml", {});
  EXPECT_EQ(again.resolved, config.resolved);
  EXPECT_EQ(again.network.members.size(), 2u);
  EXPECT_EQ(again.network.members[1].hidden, (std::vector<std::int64_t>{4, 4}));
  EXPECT_TRUE(matters(config, two("", "", {"networks.1.fourier.scale=2"})).empty());
  EXPECT_EQ(matters(config, two("", "", {"networks.1.hidden=[5, 5]"})),
            std::vector<std::string>{"networks.1.hidden: [4, 4] -> [5, 5]"});
}

TEST(schema_network, the_only_network_may_name_all_fields) {
  EXPECT_TRUE(small().network.fields.empty());
  const Config named = small({"network.fields=[\"u\"]"});
  EXPECT_EQ(named.network.fields, std::vector<std::string>{"u"});
  EXPECT_TRUE(named.network.members.empty());
  EXPECT_EQ(small({"networks=[]"}).resolved, small().resolved);
}

TEST(schema_network, fields_belong_to_one_network) {
  EXPECT_NE(message_of_two("fields   = [\"p\"]", "fields   = [\"p\", \"u\"]")
                .find("two.toml:15:19: the field 'u' has a network already; a field belongs to one network"),
            std::string::npos);
  EXPECT_NE(message_of_two("[\"v\", \"u\"]", "[\"u\", \"u\"]").find("two.toml:10:17: the field 'u' has a network already"),
            std::string::npos);
  EXPECT_NE(message_of_two("fields = [\"v\", \"u\"]", "fields = [\"u\"]")
                .find("two.toml:3:22: the field 'v' belongs to no network; add it to the `fields` of one"),
            std::string::npos);
  EXPECT_NE(message_of_two("fields = [\"v\", \"u\"]", "fields = [\"v\", \"w\"]").find("two.toml:10:17: 'w' is not a field"),
            std::string::npos);
  EXPECT_NE(message_of_two("fields = [\"v\", \"u\"]\n", "").find("the key 'networks.0.fields' is missing"),
            std::string::npos);
  EXPECT_NE(message_of_two("fields = [\"v\", \"u\"]", "fields = []").find("'networks.0.fields' is empty"),
            std::string::npos);
  const std::string alone = "[network]\nfields = [\"u\"]\n";
  EXPECT_NE(message_of([&] {
              parse_config(replaced(small_config, "[sampling]", alone + "[sampling]"), "small.toml",
                           {"problem.fields=[\"u\", \"v\"]"});
            }).find("the field 'v' belongs to no network"),
            std::string::npos);
}

TEST(schema_network, one_way_to_name_networks) {
  EXPECT_NE(message_of_two("[[networks]]\nfields = [\"v\"", "[network]\nhidden = [3]\n\n[[networks]]\nfields = [\"v\"")
                .find("two.toml:10:1: [network] and [[networks]] are both given; keep one of them"),
            std::string::npos);
  EXPECT_NE(message_of([] { two("", "", {"network.hidden=[3]"}); }).find("are both given"), std::string::npos);
}

TEST(schema_network, each_network_names_its_own) {
  EXPECT_NE(message_of_two("u = \"x*u\"", "p = \"x*p\"").find("'p' is not a field of this network; there is v, u"),
            std::string::npos);
  EXPECT_NE(message_of_two("[\"y\"]", "[\"z\"]").find("'z' is not a coordinate"), std::string::npos);
  EXPECT_NE(message_of_two("kind     = \"modified_mlp\"", "kind     = \"mlb\"").find("'networks.1.kind' must be one of"),
            std::string::npos);
}

TEST(schema_network, equations_have_regions) {
  const Config config = small({"problem.equations.0.in=x < 0"});
  EXPECT_EQ(config.problem.terms[0].on->text, "x < 0");
  EXPECT_FALSE(small({"problem.equations.0.in="}).problem.terms[0].on);
  EXPECT_EQ(parse_config(config.resolved, "config.toml", {}).resolved, config.resolved);
  EXPECT_NE(message_of([] {
              small({"problem.equations.0.in=x < 0", "problem.equations.0.points=a.h5", "sampling={}"});
            }).find("`in` a region or from a table"),
            std::string::npos);
}

}  // namespace
}  // namespace jetpinn
