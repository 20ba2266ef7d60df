#include "jetpinn/io/checkpoint_manifest.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/column_file.hpp"
#include "jetpinn/io/hash.hpp"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

// The last lines: the hash of all text before them.
std::string ending(const std::string& text) { return "  \"xxh3\": \"" + hex(hash_of(text)) + "\"\n}\n"; }

std::uint64_t from_hex(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (trouble != std::errc() || end != text.data() + text.size() || text.size() != 16)
    throw std::invalid_argument("'" + text + "' is no hash");
  return value;
}

Json file_to_json(const char* name, std::int64_t bytes, std::uint64_t hash) {
  return {{"name", name}, {"bytes", bytes}, {"xxh3", hex(hash)}};
}

Json facts_to_json(const CheckpointFacts& facts) {
  Json json{{"step", facts.step},
            {"stage", facts.stage},
            {"loss", facts.loss},
            {"time_s", facts.time_s},
            {"ranks", facts.ranks},
            {"reproducibility", facts.reproducibility},
            {"config_hash", facts.config_hash},
            {"version", facts.version}};
  if (!facts.pattern_hash.empty()) json["pattern_hash"] = facts.pattern_hash;
  return json;
}

CheckpointFacts facts_from_json(const Json& json) {
  CheckpointFacts facts;
  json.at("step").get_to(facts.step);
  json.at("stage").get_to(facts.stage);
  // JSON has no word for what is not finite.
  facts.loss = json.at("loss").is_null() ? std::numeric_limits<double>::quiet_NaN() : json.at("loss").get<double>();
  json.at("time_s").get_to(facts.time_s);
  json.at("ranks").get_to(facts.ranks);
  json.at("reproducibility").get_to(facts.reproducibility);
  json.at("config_hash").get_to(facts.config_hash);
  json.at("version").get_to(facts.version);
  facts.pattern_hash = json.value("pattern_hash", "");
  return facts;
}

StateType type_from(const std::string& text) {
  for (StateType type : {StateType::real, StateType::integer, StateType::text, StateType::column})
    if (text == to_string(type)) return type;
  throw std::invalid_argument("'" + text + "' is no type");
}

std::int64_t size_from(const Json& json) {
  const auto size = json.get<std::int64_t>();
  if (size < 0) throw std::invalid_argument("a size is negative");
  return size;
}

CheckpointManifest from_json(const Json& json) {
  CheckpointManifest manifest;
  manifest.facts = facts_from_json(json.at("facts"));
  json.at("ordinal").get_to(manifest.ordinal);
  manifest.file_bytes = size_from(json.at("file").at("bytes"));
  manifest.file_hash = from_hex(json.at("file").at("xxh3"));
  for (const Json& entry : json.at("datasets"))
    manifest.datasets.push_back(
        {entry.at("name"), type_from(entry.at("type")), size_from(entry.at("count")), from_hex(entry.at("xxh3"))});
  if (has_columns(manifest.datasets)) {
    if (json.at("schema") == 1) throw std::invalid_argument("schema 1 has no columns");
    manifest.columns_bytes = size_from(json.at("columns").at("bytes"));
    manifest.columns_hash = from_hex(json.at("columns").at("xxh3"));
  }
  return manifest;
}

}  // namespace

std::string to_text(const CheckpointManifest& manifest) {
  Json datasets = Json::array();
  for (const StateRecord& record : manifest.datasets)
    datasets.push_back(
        {{"name", record.name}, {"type", to_string(record.type)}, {"count", record.count}, {"xxh3", hex(record.hash)}});
  const bool columns = has_columns(manifest.datasets);
  Json json{{"schema", columns ? 2 : 1},
            {"facts", facts_to_json(manifest.facts)},
            {"ordinal", manifest.ordinal},
            {"file", file_to_json("state.h5", manifest.file_bytes, manifest.file_hash)}};
  if (columns) json["columns"] = file_to_json("columns.h5", manifest.columns_bytes, manifest.columns_hash);
  json["datasets"] = datasets;
  std::string text = json.dump(2);
  text.replace(text.size() - 2, 2, ",\n");   // the brace that closes it comes with the ending
  return text + ending(text);
}

CheckpointManifest parse_manifest(const std::string& text, const std::string& path) {
  const auto refuse = [&](const std::string& reason) { throw Error(Status::storage, path + ": " + reason); };
  const std::size_t length = ending("").size();
  if (text.size() < length) refuse("it is too short for a manifest (" + std::to_string(text.size()) + " bytes)");
  const std::string begin = text.substr(0, text.size() - length);
  if (text != begin + ending(begin)) refuse("it is damaged or truncated (its text does not fit its hash)");
  try {
    const Json json = Json::parse(text);
    if (const auto schema = json.at("schema").get<std::int64_t>(); schema < 1 || schema > checkpoint_schema)
      refuse("it has schema " + std::to_string(schema) + ", this version of jetpinn reads up to " +
             std::to_string(checkpoint_schema) + "; continue with the version that wrote it, or a newer one");
    return from_json(json);
  } catch (const nlohmann::json::exception& error) {
    refuse(std::string("it is no manifest (") + error.what() + ")");
  } catch (const std::invalid_argument& error) {
    refuse(std::string("it is no manifest (") + error.what() + ")");
  }
  return {};
}

CheckpointManifest read_manifest(const std::string& folder) {
  const std::string file = folder + "/manifest.json";
  if (!is_file(file)) throw Error(Status::storage, file + ": there is no such file");
  if (file_bytes(file) > (std::int64_t{1} << 26)) throw Error(Status::storage, file + ": it is too long for a manifest");
  return parse_manifest(read_text_file(file), file);
}

void check_state_hash(const std::string& folder, const CheckpointManifest& manifest) {
  const std::string file = folder + "/state.h5";
  check_file_size(file, manifest.file_bytes);
  if (const std::uint64_t hash = hash_of_file(file); hash != manifest.file_hash)
    fail_damaged(file, hash, manifest.file_hash);
}

}  // namespace jetpinn
