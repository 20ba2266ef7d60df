#include "jetpinn/io/checkpoint_manifest.hpp"

#include "jetpinn/io/hash.hpp"
#include "support/checkpoint_case.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::expect_error;

CheckpointManifest sample() {
  CheckpointManifest manifest;
  manifest.facts = testing::facts_of(120);
  manifest.ordinal = 3;
  manifest.file_bytes = 12345;
  manifest.file_hash = 0xfedcba9876543210u;
  manifest.datasets = {
      {"optimizer/first", StateType::real, 1000, 1}, {"step", StateType::integer, 1, 2}, {"reason", StateType::text, 0, 3}};
  return manifest;
}

// What a forger would do: text that fits its hash.
std::string sealed(const std::string& begin) { return begin + "  \"xxh3\": \"" + hex(hash_of(begin)) + "\"\n}\n"; }

std::string edited(const std::string& from, const std::string& to) {
  std::string text = to_text(sample());
  text.resize(text.size() - sealed("").size());
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return sealed(text.replace(place, from.size(), to));
}

TEST(CheckpointManifest, AHashOfTheKeptWeightsIsThereWhereSomeAreNot) {
  CheckpointManifest manifest = sample();
  EXPECT_EQ(to_text(manifest).find("pattern"), std::string::npos);
  EXPECT_EQ(parse_manifest(to_text(manifest), "m").facts.pattern_hash, "");
  manifest.facts.pattern_hash = "0123456789abcdef";
  EXPECT_EQ(parse_manifest(to_text(manifest), "m").facts.pattern_hash, "0123456789abcdef");
}

TEST(CheckpointManifest, WhatIsWrittenIsRead) {
  const CheckpointManifest again = parse_manifest(to_text(sample()), "m");
  EXPECT_EQ(to_text(again), to_text(sample()));
  EXPECT_EQ(again.facts.time_s, sample().facts.time_s);
  EXPECT_EQ(again.file_hash, sample().file_hash);
  EXPECT_EQ(again.datasets.size(), 3u);
  CheckpointManifest lost = sample();
  lost.facts.loss = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(std::isfinite(parse_manifest(to_text(lost), "m").facts.loss));
}

TEST(CheckpointManifest, EveryFlippedBitIsFound) {
  const std::string text = to_text(sample());
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW(parse_manifest(damaged, "m"), Error) << "bit " << bit;
  }
}

TEST(CheckpointManifest, EveryMissingEndAndEveryAdditionIsFound) {
  const std::string text = to_text(sample());
  for (std::size_t length = 0; length < text.size(); ++length)
    expect_error(Status::storage, {"m: it is"}, [&] { parse_manifest(text.substr(0, length), "m"); });
  for (const char* more : {" ", "\n", "}"}) EXPECT_THROW(parse_manifest(text + more, "m"), Error);
}

TEST(CheckpointManifest, NewerSchemaIsNamed) {
  expect_error(Status::storage, {"runs/a/manifest.json", "schema 3", "up to 2"},
               [] { parse_manifest(edited("\"schema\": 1", "\"schema\": 3"), "runs/a/manifest.json"); });
  EXPECT_NO_THROW(parse_manifest(edited("\"schema\": 1", "\"schema\": 1"), "m"));
}

TEST(CheckpointManifest, ForgedTextIsRefused) {
  const std::vector<std::pair<std::string, std::string>> forgeries = {
      {"\"schema\": 1", "\"schema\": 0"},
      {"\"schema\": 1", "\"schema\": \"1\""},
      {"\"step\": 120", "\"step\": \"120\""},
      {"\"step\": 120,", ""},
      {"\"count\": 1000", "\"count\": -1"},
      {"\"type\": \"real\"", "\"type\": \"complex\""},
      {"\"bytes\": 12345", "\"bytes\": -12345"},
      {"\"name\": \"step\"", "\"name\": null"},
      {"fedcba9876543210", "fedcba987654321"},
      {"fedcba9876543210", "fedcba987654321g"},
      {"\"datasets\": [", "\"datasets\": [[[["},
      {"\"facts\": {", "\"facts\": [{"},
      {"0.3333333333333333", "1e999"},
  };
  for (const auto& [from, to] : forgeries) {
    SCOPED_TRACE(to);
    expect_error(Status::storage, {"m: "}, [&] { parse_manifest(edited(from, to), "m"); });
  }
  expect_error(Status::storage, {"m: "}, [] { parse_manifest(sealed(std::string(1000000, '[')), "m"); });
  expect_error(Status::storage, {"m: "}, [] { parse_manifest(sealed(""), "m"); });
}

// Earlier versions read what has no columns, and must not pass over the columns of what has some.
TEST(CheckpointManifest, ColumnsBringTheirFileAndTheirSchema) {
  EXPECT_NE(to_text(sample()).find("\"schema\": 1"), std::string::npos);
  CheckpointManifest columns = sample();
  columns.columns_bytes = 4711;
  columns.columns_hash = 0x0123456789abcdefu;
  columns.datasets.push_back({"points/heat/x", StateType::column, 5000, 4});
  const std::string text = to_text(columns);
  EXPECT_NE(text.find("\"schema\": 2"), std::string::npos);
  const CheckpointManifest again = parse_manifest(text, "m");
  EXPECT_EQ(to_text(again), text);
  EXPECT_EQ(again.columns_bytes, 4711);
  EXPECT_EQ(again.columns_hash, columns.columns_hash);
  EXPECT_EQ(again.datasets.back().type, StateType::column);
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string forged = text.substr(0, text.size() - sealed("").size());
    forged.replace(forged.find(from), from.size(), to);
    expect_error(Status::storage, {"m: it is no manifest"}, [&] { parse_manifest(sealed(forged), "m"); });
  };
  refused("\"columns\"", "\"other\"");
  refused("4711", "-1");
  refused("\"schema\": 2", "\"schema\": 1");
}

}  // namespace
}  // namespace jetpinn
