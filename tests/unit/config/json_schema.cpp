#include "jetpinn/config/json_schema.hpp"

#include "jetpinn/config/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace jetpinn {
namespace {

using Json = nlohmann::json;

const Json& parsed() {
  static const Json schema = Json::parse(json_schema());
  return schema;
}

// What stands at a key's path; of a key with a short form, the table of both.
const Json& at(const std::string& path) {
  const Json* here = &parsed();
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    if (here->contains("anyOf")) here = &here->at("anyOf").at(1);
    if (name == "*")
      here = &here->at("items");
    else
      here = name[0] == '<' ? &here->at("additionalProperties") : &here->at("properties").at(name);
    begin = end + 1;
  }
  return *here;
}

bool demands(const std::string& table, const std::string& name) {
  const Json& names = (table.empty() ? parsed() : at(table)).value("required", Json::array());
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(JsonSchema, HasEveryKeyWithItsWords) {
  EXPECT_EQ(parsed().at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  for (const Key& key : schema()) {
    const Json& said = at(key.path);
    EXPECT_EQ(said.at("description").get<std::string>().rfind(key.doc, 0), 0u) << key.path;
    EXPECT_EQ(said.contains("default"), !key.standard.empty()) << key.path;
  }
}

TEST(JsonSchema, HasNothingBesides) {
  std::size_t described = 0;
  std::vector<const Json*> open{&parsed()};
  while (!open.empty()) {
    const Json& here = *open.back();
    open.pop_back();
    described += here.contains("description") && here.at("description").is_string();
    if (here.is_object() && here.value("type", Json()) == "object") {
      EXPECT_TRUE(here.at("additionalProperties") == false || !here.contains("properties")) << here.dump().substr(0, 200);
    }
    for (const auto& [name, part] : here.items())
      if (part.is_structured() && name != "enum" && name != "default") open.push_back(&part);
  }
  // The one that stands for a table with a short form describes itself and its key.
  const auto shorthands =
      std::count_if(schema().begin(), schema().end(), [](const Key& key) { return !key.shorthand.empty(); });
  EXPECT_EQ(described, schema().size() + static_cast<std::size_t>(shorthands));
}

TEST(JsonSchema, TypesRangesAndDefaults) {
  EXPECT_EQ(at("training.seed").at("type"), "integer");
  EXPECT_EQ(at("training.seed").at("default"), 0);
  EXPECT_EQ(at("problem.fields").at("default"), Json({"u"}));
  EXPECT_EQ(at("problem.conditions.*.holdout").at("minimum"), 0);
  EXPECT_EQ(at("problem.conditions.*.holdout").at("maximum"), 0.9);
  EXPECT_EQ(at("problem.trainable.<name>.learning_rate").at("exclusiveMinimum"), 0);
  EXPECT_EQ(at("network.hidden").at("minItems"), 1);
  EXPECT_EQ(at("network.hidden").at("items").at("maximum"), 65536);
  EXPECT_FALSE(at("network.periodic").contains("minItems"));
  EXPECT_EQ(at("problem.domain.<coordinate>").at("minItems"), 2);
  EXPECT_EQ(at("problem.domain.<coordinate>").at("maxItems"), 2);
  EXPECT_EQ(at("problem.parameters.<name>").at("items").at("type"), Json({"string", "number"}));
  EXPECT_EQ(at("training.stages").at("type"), "array");
  const Key& kind = *find_key("network.kind");
  EXPECT_EQ(at("network.kind").at("enum"), Json(kind.words));
  EXPECT_EQ(at("problem.initial").at("enum"), Json({"", Json::array(), Json::object()})) << "accepted where it says nothing";
}

TEST(JsonSchema, DemandsWhatTheProgramDemands) {
  EXPECT_TRUE(demands("", "problem"));
  EXPECT_FALSE(demands("", "training"));
  EXPECT_FALSE(demands("", "name"));
  EXPECT_TRUE(demands("problem", "coordinates"));
  EXPECT_TRUE(demands("problem", "domain"));
  EXPECT_TRUE(demands("problem", "equations"));
  EXPECT_FALSE(demands("problem", "conditions"));
  EXPECT_FALSE(demands("problem", "trainable"));
  EXPECT_EQ(at("problem.trainable.<name>").at("anyOf").at(1).at("required"), Json({"start"}));
  EXPECT_TRUE(demands("problem.equations.*", "residual"));
  EXPECT_EQ(at("problem.equations").at("minItems"), 1);
  EXPECT_EQ(at("problem.conditions").at("minItems"), 0);
}

}  // namespace
}  // namespace jetpinn
